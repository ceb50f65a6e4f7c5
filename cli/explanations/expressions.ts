import type { ExpressionCode } from "../../engine/support/diagnostic_codes.ts";
import { type Explanation, type FilesExample, tasks } from "./explanation.ts";

/** An example of a template file. */
function template(text: string): FilesExample {
  return {
    files: {
      "site.yml": "- hosts: all\n  tasks:\n    - template: { src: motd.hbs, dest: /etc/motd }\n",
      "templates/motd.hbs": text,
    },
  };
}

/** Expressions, conditions and template files. */
export const EXPRESSIONS: Readonly<Record<ExpressionCode, Explanation>> = {
  "condition": {
    summary: "a condition is no expression, or gives neither true nor false",
    meaning:
      "'when', 'until', 'changed_when', 'failed_when' and 'assert.that' are expressions by themselves, so they " +
      "have no braces. A text or a number is not taken for true.",
    example: tasks('- ping:\n  when: "{{ port }} > 1024"\n'),
    mend:
      "Write when: port > 1024. Whether a list has items: when: size(list) > 0. Whether there is a value: defined(x).",
  },
  "expression-syntax": {
    summary: "the text is no expression",
    meaning: "Expressions are CEL, whose operators are those of C: ==, !=, <, &&, ||, !, in, +, ?:.",
    example: tasks("- ping:\n  when: port = 9100\n"),
    mend:
      "Compare with ==. Quote texts: 'a'. Call functions as lower(name) or name.lower(). docs/expressions.md has all.",
  },
  "expression-type": {
    summary: "an expression does with a value what its type does not allow",
    meaning:
      "Numbers are compared with numbers, a list has no keys, and a list or map is not put into a text by itself, " +
      "as nobody could say in which form.",
    example: tasks("- debug: { msg: \"{{ 'a' - 1 }}\" }\n"),
    mend: "Convert: int(x), string(x). Into a text: json(x), yaml(x), x.join(',').",
  },
  "function-arguments": {
    summary: "a function is called with arguments that it does not take",
    meaning: "Each function takes a fixed number of arguments, some of a certain form.",
    example: tasks('- debug: { msg: "{{ lower() }}" }\n'),
    mend: "The message says how to call it. docs/expressions.md lists the functions.",
  },
  "jinja-expression": {
    summary: "an expression is written in Jinja",
    meaning:
      "Ansible's expressions are Jinja, which is close to Python; here they are CEL. What looks alike and means " +
      "something else is told, and with it what to write.",
    example: tasks("- ping:\n  when: port is defined and port > 1024\n"),
    mend: "Write: defined(port) && port > 1024. Filters are functions: x | default('y') is default(x, 'y').",
  },
  "jinja-template": {
    summary: "a template file is written in Jinja",
    meaning:
      "Templates are Handlebars: {{name}}, {{#if …}}, {{#each …}}. The rest of a file is text, so a statement of " +
      "Jinja would end up on the host as it is.",
    example: template("{% if gpu %}gpu{% endif %}\n"),
    mend: "The message has the Handlebars to write. 'template' takes files that end in .hbs.",
  },
  "reference-loop": {
    summary: "variables refer to each other in a circle",
    meaning: "Variables are evaluated when they are read, so their order does not matter; a circle has no beginning.",
    example: {
      files: {
        "site.yml":
          '- hosts: localhost\n  connection: local\n  vars: { a: "{{ b }}", b: "{{ a }}" }\n  tasks:\n    - debug: { var: a }\n',
      },
      command: "play site.yml -i localhost,",
    },
    mend: "The message shows the circle. A variable that is to extend another of its name needs a name of its own.",
  },
  "template-argument": {
    summary: "a function or block of a template is called with what it does not take",
    meaning: "Functions in templates take values behind their name; names with '=' only where a block knows them.",
    example: template("{{lower name=port}}\n"),
    mend: "Write {{lower name}}. A call within a call stands in parentheses: {{join (keys ports) ','}}.",
  },
  "template-block": {
    summary: "a block of a template is not known",
    meaning: "The blocks are #if, #unless, #each and #with.",
    example: template("{{#foreach nodes}}{{this}}{{/foreach}}\n"),
    mend: "Write {{#each nodes}}…{{/each}}.",
  },
  "template-helper": {
    summary: "a function of a template is not known",
    meaning: "Templates have the functions of expressions; a mistyped one would otherwise print nothing.",
    example: template("{{lowr name}}\n"),
    mend: "docs/expressions.md lists the functions.",
  },
  "template-partial": {
    summary: "a template asks for a partial or a decorator",
    meaning: "One template is one file, so that its text is all there is to read.",
    example: template("{{> header}}\n"),
    mend: "Write out the text, or render several templates.",
  },
  "template-path": {
    summary: "a path of a template leads nowhere",
    meaning: "'../' leaves a block of #each or #with; '@index', '@key', '@first' and '@last' are there within #each.",
    example: template("{{../port}}\n"),
    mend: "Variables of the play are @root.NAME within a block.",
  },
  "template-syntax": {
    summary: "braces are not closed, or hold nothing",
    meaning: "'{{' begins an expression, which '}}' ends; a block {{#if …}} ends with {{/if}}.",
    example: tasks('- debug: { msg: "{{ port" }\n'),
    mend: "Close it. Text that is not for aami, such as an alert's {{ $labels.instance }}, is tagged !raw.",
  },
  "undefined-variable": {
    summary: "there is no variable of that name",
    meaning:
      "It is set nowhere that this host sees: not in the inventory, group_vars, the play, a role, by register or " +
      "set_fact before, nor by -e. An empty text in its place would hide that.",
    example: {
      files: { "site.yml": "- hosts: localhost\n  connection: local\n  tasks:\n    - debug: { var: exporter_prot }\n" },
      command: "play site.yml -i localhost,",
    },
    mend: "Correct the name, set it, or give a default: default(port, 9100).",
  },
  "unknown-function": {
    summary: "there is no function of that name",
    meaning: "Expressions have a closed list of functions, with the names of CEL's libraries and of Ansible's filters.",
    example: tasks('- debug: { msg: "{{ lowr(inventory_hostname) }}" }\n'),
    mend: "docs/expressions.md lists the functions.",
  },
};
