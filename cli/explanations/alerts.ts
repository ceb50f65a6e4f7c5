import type { AlertCode } from "../../engine/support/diagnostic_codes.ts";
import type { Explanation } from "./explanation.ts";

/** Alert presets, the values that groups set, and the codes of GPUs. */
export const ALERTS: Readonly<Record<AlertCode, Explanation>> = {
  "alertmanager": {
    summary: "Alertmanager does not answer, or refuses",
    meaning:
      "Silences and synthetic alerts go through Alertmanager's own API, at the address that the configuration gives.",
    example: { situation: "aami alerts silences, where no Alertmanager runs at http://127.0.0.1:9093" },
    mend: "Does it run, and can this machine reach it?\n  aami alerts silences --alertmanager http://monitor:9093",
  },
  "config": {
    summary: "a value of the configuration is wrong",
    meaning:
      "The configuration is checked as a whole before anything is done with it: types, addresses, durations, names.",
    example: {
      files: { "aami.yaml": "cluster: {name: dgx}\nprometheus:\n  retention: 15 days\n" },
      command: "config check",
    },
    mend: "See what is expected there:\n  aami config schema",
  },
  "environment": {
    summary: "an environment variable of the configuration is not set",
    meaning: "${NAME} in a value stands for an environment variable. One that is not set would be an empty password.",
    example: {
      files: { "aami.yaml": "cluster: {name: dgx}\ngrafana: {admin_password: '${GRAFANA_PASSWORD_UNSET}'}\n" },
      command: "config check",
    },
    mend: "Set it, or write what counts otherwise:\n  ${NAME:-otherwise}",
  },
  "missing-key": {
    summary: "a part of the configuration lacks a key",
    meaning: "Some keys have no default: the cluster's and a node's name, a channel's address.",
    example: { files: { "aami.yaml": "cluster: {name: dgx}\nnodes:\n  - ip: 10.0.0.1\n" }, command: "config check" },
    mend: "Add the key. The reference says which are needed:\n  aami config schema",
  },
  "no-config": {
    summary: "there is no configuration",
    meaning: "It is looked for in --config, AAMI_CONFIG, ./aami.yaml and /etc/aami/config.yaml.",
    example: { files: {}, command: "config check --config nowhere.yaml" },
    mend: "Begin one:\n  printf 'cluster:\\n  name: my-cluster\\n' > aami.yaml",
  },
  "promtool": {
    summary: "promtool is not there, or says that rules are wrong",
    meaning: "Alert rules are tested by Prometheus' own promtool, on the machine that aami runs on.",
    example: { situation: "aami alerts test, on a machine without promtool" },
    mend: "Install Prometheus, or put promtool on the PATH:\n  apt-get install prometheus",
  },
  "unknown-preset": {
    summary: "there is no alert preset of that name",
    meaning: "Presets are lists of alert rules that come with aami; 'alerts.presets' of the configuration names them.",
    example: { files: {}, command: "alerts show gpu-prodution" },
    mend: "See what there is:\n  aami alerts list-presets",
  },
  "unknown-rule": {
    summary: "there is no alert rule of that name, or no preset switches it on",
    meaning: "Values are set of rules by their ids, for all nodes or for groups. A rule counts once a preset has it.",
    example: { situation: "a configuration with alerts: {rules: {gpu_temprature_critical: {threshold: 90}}}" },
    mend: "See the rules of a preset with their ids and parameters:\n  aami alerts show gpu-production",
  },
  "unknown-xid": {
    summary: "the catalogue has no such Xid or AFID",
    meaning: "Xid codes are NVIDIA's and AFID codes AMD's numbers for errors of a GPU.",
    example: { files: {}, command: "explain xid 9999" },
    mend: "See what there is:\n  aami explain xid list\n  aami explain afid list",
  },
};
