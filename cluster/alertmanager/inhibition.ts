/**
 * Which alerts explain others, so that nobody is told of both.
 *
 * @module
 */

/** One rule as Alertmanager reads it. */
export interface InhibitRule {
  /** The alerts that explain. */
  readonly source_matchers: readonly string[];
  /** The alerts that are explained, while one that explains them fires. */
  readonly target_matchers: readonly string[];
  /** Labels that both must have alike. */
  readonly equal: readonly string[];
}

/** What of a node an alert is about: alerts of the same part are alike in all of these. */
const PART = ["node", "gpu", "gpu_id", "device", "port", "mountpoint", "check", "path"];

/** A rule of the catalogue that says the same as another, and that it is worse. */
const WORSE: Readonly<Record<string, string>> = {
  gpu_temperature_critical: "gpu_temperature_warning",
  amd_gpu_temperature_critical: "amd_gpu_temperature_warning",
  infiniband_port_down: "infiniband_(link_flapping|errors|rate_reduced)",
  filesystem_read_only: "high_disk_usage|disk_full_soon",
};

/** The rules. */
export function inhibitRules(): InhibitRule[] {
  const down = 'rule="node_down"';
  return [
    // A node that does not answer explains whatever else is wrong with it; Prometheus itself tells of itself.
    {
      source_matchers: [down],
      target_matchers: ['rule!="node_down"', 'node!=""', 'job!~"prometheus|alertmanager"'],
      equal: ["node"],
    },
    ...Object.entries(WORSE).map(([source, target]) => ({
      source_matchers: [`rule=${JSON.stringify(source)}`],
      target_matchers: [`rule=~${JSON.stringify(target)}`],
      equal: PART,
    })),
    // Critical explains warning of the same rule and part: a rule may have its severity from the value.
    {
      source_matchers: ['severity="critical"', 'rule!=""'],
      target_matchers: ['severity=~"warning|info"'],
      equal: ["rule", ...PART],
    },
  ];
}
