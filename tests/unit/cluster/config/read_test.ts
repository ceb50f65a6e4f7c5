import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import { nodeLabels } from "../../../../cluster/config/groups.ts";
import { readConfig } from "../../../../cluster/config/read.ts";
import { configJsonSchema, schemaAt } from "../../../../cluster/config/schema.ts";
import { nodeVariables, siteVariables } from "../../../../cluster/config/variables.ts";
import { isOurs } from "../../../../cluster/alerts/difference.ts";
import { siteRuleFiles } from "../../../../cluster/alerts/site_files.ts";
import { parseRuleFile } from "../../../../modules/prometheus_rules/rule_groups.ts";
import { read, SAMPLE, sample } from "./sample.ts";

const grafana = (value: string, environment: Record<string, string> = {}) =>
  read(`cluster: { name: a }\ngrafana:\n  admin_password: ${value}\n`, environment).config.grafana.admin_password;

Deno.test("variables of the environment stand in values, with what counts otherwise", () => {
  strictEqual(grafana("${A}", { A: "secret" }), "secret");
  strictEqual(grafana('"x ${A} y ${B}"', { A: "1", B: "2" }), "x 1 y 2");
  strictEqual(grafana("${A:-otherwise}"), "otherwise");
  strictEqual(grafana("${A:-otherwise}", { A: "" }), "otherwise");
  strictEqual(grafana('"${A:-}x"'), "x");
  strictEqual(grafana("a$${A}"), "a${A}");
  strictEqual(grafana("!raw a${A}"), "a${A}");
  throws(() => grafana("${A}"), /aami\.yaml:3:19: error: the environment variable A is not set/);
  throws(() => grafana("${A}", { A: "" }), /expected some text/);
});

Deno.test("what a variable holds is data: no YAML, no variable again; without quotes it may be a number", () => {
  strictEqual(grafana("${A}", { A: "a: [b, ${C}] # d" }), "a: [b, ${C}] # d");
  const port = (text: string) =>
    read(`cluster: { name: a }\nprometheus:\n  port: ${text}\n`, { P: "9091" }).config.prometheus;
  strictEqual(port("${P}").port, 9091);
  throws(() => port('"${P}"'), /expected a whole number, got '9091'/);
});

Deno.test("a script's own variables stay", () => {
  const { config } = read("cluster: { name: a }\nchecks:\n  - name: disk\n    script: echo ${PATH} ${UNSET}\n");
  strictEqual(config.checks[0].script, "echo ${PATH} ${UNSET}");
});

Deno.test("sections without anything count as left out, groups and teams by name alone are there", () => {
  const { config } = read("cluster: { name: a }\nnodes:\nssh:\ngroups:\n  lab:\nnotifications:\n  teams:\n    ml:\n");
  deepStrictEqual(config.nodes, []);
  strictEqual(config.ssh.max_parallel, 50);
  deepStrictEqual(config.groups, { lab: { labels: {} } });
  deepStrictEqual(config.notifications.teams, { ml: {} });
});

Deno.test("every secret is learnt with its place, before anything is said", () => {
  const learnt: string[] = [];
  const learn = (secret: string) => void learnt.push(secret);
  const text =
    "cluster: {}\ngrafana: { admin_password: one-secret }\nnotifications:\n  teams:\n    ml: { webhook: { url: http://two/ } }\n";
  throws(() => readConfig({ path: "aami.yaml", text }, { environment: () => undefined, learn }));
  deepStrictEqual(learnt, ["one-secret", "http://two/"]);
});

Deno.test("what is odd is warned of", () => {
  const messages = (text: string) => read(`cluster: { name: a }\n${text}`).warnings.map(({ message }) => message);
  match(messages("slurm: {}\n")[0], /'slurm' is checked, but no playbook/);
  const slack = "notifications:\n  slack:\n    webhook_url: https://h/x\n    channel: #gpu\n";
  deepStrictEqual(messages(slack), ["nothing is written for 'notifications.slack.channel': what follows is a comment"]);
  const email =
    "notifications: { email: { smtp_host: m, from: a@b.c, to: [a@b.c], password: p-secret, tls: 'off' } }\n";
  deepStrictEqual(messages(email), ["the mail password travels without TLS"]);
  match(messages("alerts: { rules: { node_rebooted: false } }\n")[0], /no preset switches 'node_rebooted' on/);
});

Deno.test("a node has the deepest of its groups as `group`, the rest as `groups`, and the labels of all", () => {
  const { config } = sample();
  const labels = (name: string) => nodeLabels(config, config.nodes.find((node) => node.name === name)!);
  deepStrictEqual(labels("gpu01"), {
    ...{ gpu_type: "a100", team: "platform", node: "gpu01", group: "training", groups: "production,rack1" },
  });
  deepStrictEqual(labels("login"), { node: "login" });
});

Deno.test("the variables of playbooks: what is set, by their own names, and nothing of what is not", () => {
  const read = sample();
  const variables = siteVariables(read);
  const names = ["prometheus_retention", "ansible_user", "alert_presets", "prometheus_external_labels"];
  deepStrictEqual(names.map((name) => variables[name]()), ["30d", "ops", ["gpu-production", "node"], {
    cluster: "dgx",
  }]);
  ok(!("prometheus_port" in variables) && !("install_from" in variables));
  strictEqual(variables.grafana_admin_password(), "hello world");
  match(String(variables.alertmanager_configuration()), /auth_password: "mail: #s3cret"/);
  const second = nodeVariables(read.config, read.config.nodes[1]);
  deepStrictEqual([second.ansible_host, second.ansible_port, second.node_group], ["10.0.0.2", 2222, "inference"]);
});

Deno.test("the rule files of presets, groups and own alerts parse", () => {
  const files = siteRuleFiles(sample());
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  for (const path of ["gpu-production.yaml", "node.yaml", "generated/group-production.yaml", "custom.yaml"]) {
    ok(texts.has(path), path);
  }
  for (const [path, text] of texts) {
    ok(parseRuleFile({ path, text }).length > 0);
    // Else it would stay when it is wanted no more.
    ok(isOurs(text), path);
  }
  match(texts.get("custom.yaml")!, /summary: "\{\{ \$labels.node \}\}: \/scratch is full"/);
});

Deno.test("every key of the schema says what it is, and what is secret is so in all places", () => {
  const mute: string[] = [];
  const walk = (path: readonly PropertyKey[]) => {
    const schema = schemaAt(path);
    for (const [key, each] of Object.entries(schema?.properties ?? {})) {
      if (!each.description) mute.push([...path, key].join("."));
      walk([...path, key]);
    }
    if (typeof schema?.additionalProperties === "object") walk([...path, "x"]);
    if (schema?.items) walk([...path, 0]);
  };
  walk([]);
  deepStrictEqual(mute, []);
  for (const place of ["notifications.slack", "notifications.teams.x.slack", "groups.x.notify.slack"]) {
    strictEqual(schemaAt([...place.split("."), "webhook_url"])?.writeOnly, true);
  }
  ok(configJsonSchema().required?.includes("cluster"));
});

Deno.test("the sample is read as it is written", () => strictEqual(sample().root.span.source.text, SAMPLE));
