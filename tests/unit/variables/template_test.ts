import { deepEqual, equal } from "node:assert/strict";
import { compileTemplate } from "../../../engine/variables/handlebars_template.ts";
import { OPERATOR_HELPERS } from "../../../engine/variables/template_helpers.ts";
import { render, scopeOf } from "./helpers.ts";

const TEMPLATES: readonly (readonly [template: string, text: string])[] = [
  ["", ""],
  ["plain", "plain"],
  ["{{port}} {{{name}}} <&> {{ratio}} {{on}}", "9100 gpu01 <&> 0.5 true"],
  ["{{users.0.name}} {{users.[1].name}} {{groups.[head-nodes].[0]}}", "ann bob head"],
  [
    "{{#each users}}{{@index}}:{{name}}/{{this.id}}/{{../port}}/{{@root.name}}{{#unless @last}},{{/unless}}{{/each}}",
    "0:ann/1/9100/gpu01,1:bob/2/9100/gpu01",
  ],
  [
    "{{#each users as |u i|}}{{i}}{{u.name}}{{port}}{{/each}}".replace("{{port}}", "{{@root.port}}"),
    "0ann91001bob9100",
  ],
  ["{{#each ports}}{{@key}}={{this}}{{#if @first}} {{/if}}{{/each}}", "http=80 https=443"],
  ["{{#each ports as |v k|}}{{k}}{{v}}{{/each}}", "http80https443"],
  ["{{#each (slice list 0 0)}}x{{else}}none{{/each}}", "none"],
  [
    "{{#each list}}{{#each @root.list}}{{@../index}}{{@index}}{{this}}{{../this}} {{/each}}{{/each}}",
    "00aa 01ba 10ab 11bb ",
  ],
  ["{{#if flag}}y{{else if (eq port 9100)}}n{{else}}x{{/if}}", "n"],
  ["{{#unless on}}a{{else}}b{{/unless}}", "b"],
  ["{{#if (sub 1 1)}}a{{else}}b{{/if}}{{#if (sub 1 1) includeZero=true}}c{{/if}}", "bc"],
  ["{{#if (defined nowhere.x)}}a{{else}}b{{/if}}", "b"],
  ["{{#if (and on (not flag) (or flag on))}}a{{/if}}", "a"],
  ["{{#if (or on nowhere)}}a{{/if}}", "a"],
  ["{{#with ports as |p|}}{{http}}{{p.https}}{{/with}}", "80443"],
  ["{{#with nothing}}x{{else}}none{{/with}}", "none"],
  [
    "{{#each users}}{{#with this}}{{name}}{{@index}}{{../../port}}{{/with}}{{/each}}".replace(
      "{{../../port}}",
      "{{../name}}",
    ),
    "ann0annbob1bob",
  ],
  ["a\n  {{#if on}}\n  b\n  {{/if}}\nc\n", "a\n  b\nc\n"],
  ["a  {{~port~}}  b", "a9100b"],
  ["{{lower 'X'}} {{join list ','}} {{default nowhere 'd'}} {{default ports.ftp port}}", "x a,b d 9100"],
  ["{{default nothing 'x' true}} {{lookup ports 'http'}} {{default (lookup ports 'ftp') 21}}", "x 80 21"],
  ["{{json ports}} {{json (split 'a b')}}", '{"http":80,"https":443} ["a","b"]'],
  ["{{#each (items ports)}}{{key}}{{value}} {{/each}}", "http80 https443 "],
  ["{{{{raw}}}} {{ $labels.x }} {{{{/raw}}}}|\\{{x}}|{{!-- {{c}} --}}{{! d }}", " {{ $labels.x }} |{{x}}|"],
  [
    "{{upper (join (split 'a b') '-')}} {{add @root.port 1}} {{env 'TOKEN'}} {{file 'motd.txt'}}",
    "A-B 9101 t0k welcome",
  ],
  ["{{'text'}} {{5}} {{true}}", "text 5 true"],
  ["{{div 7 2}} {{mul 1.5 2}} {{round (mul ratio 3)}}", "3 3 2"],
  ["{ % } {{#if on}}{% } {{/if}}", "{ % } {% } "],
  ["\r\n{{port}}\r\n", "\r\n9100\r\n"],
];

for (const [template, text] of TEMPLATES) {
  Deno.test(`renders ${JSON.stringify(template)}`, () => equal(render(template), text));
}

Deno.test("a name of the caller stands above the variables", () => {
  const template = compileTemplate({ path: "a", text: "{{port}} {{ansible_managed}}" });
  equal(template.render(scopeOf(), { port: 1, ansible_managed: "by aami" }), "1 by aami");
  deepEqual([...template.names].sort(), ["ansible_managed", "port"]);
});

Deno.test("a variable may have a function's name", () => {
  equal(render("{{size}} {{size list}}", scopeOf({ size: 5 })), "5 2");
});

Deno.test("the helpers' examples render what they say", () => {
  for (const helper of OPERATOR_HELPERS) equal(render(helper.example), helper.result, helper.example);
});
