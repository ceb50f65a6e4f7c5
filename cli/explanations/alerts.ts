import type { AlertCode } from "../../engine/support/diagnostic_codes.ts";
import type { Explanation } from "./explanation.ts";

/** Alert presets, the values that groups set, and the codes of GPUs. */
export const ALERTS: Readonly<Record<AlertCode, Explanation>> = {
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
