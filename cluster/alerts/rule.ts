/**
 * What an alert rule of the catalogue is: a template for every exporter that can answer it, its parameters with their
 * units, the words for people, and its own tests.
 *
 * @module
 */

/** How urgent an alert is: somebody has to act now, soon, or just should know. */
export type Severity = "critical" | "warning" | "info";

/** All severities, the most urgent first. */
export const SEVERITIES: readonly Severity[] = ["critical", "warning", "info"];

/** Exporters whose metrics differ, each by the first version that is so. */
export const EXPORTERS = {
  "dcgm": "dcgm-exporter before 4.9",
  "dcgm-4.9": "dcgm-exporter 4.9 and later",
  "amd-mi3xx": "AMD device-metrics-exporter, Instinct MI300 and later",
  "amd-mi2xx": "AMD device-metrics-exporter, Instinct MI200",
  "node": "node_exporter",
  "textfile": "node_exporter's textfile collector",
  "slurm": "slurmctld 25.11 and later, its own metrics",
  "slurm-exporter": "prometheus-slurm-exporter",
  "prometheus": "Prometheus itself",
} as const;

/** The name of an exporter. */
export type Exporter = keyof typeof EXPORTERS;

/** A number or a duration that groups may set to something else. */
export interface Parameter {
  /** The value where nobody says another; a text is a duration as Prometheus writes it, e.g. `15m`. */
  readonly default: number | string;
  /** The unit of a number, e.g. `°C`; `duration` for a duration. */
  readonly unit: string;
  /** What it is, a few words. */
  readonly description: string;
  /** The least number allowed. */
  readonly min?: number;
  /** The greatest number allowed. */
  readonly max?: number;
}

/** An alert that a test expects. */
export interface ExpectedAlert {
  /** The labels beside the severity and the rule's own; `@name` takes a set of labels in, see `series_labels.ts`. */
  readonly labels: Readonly<Record<string, string>>;
  /** The summary as people read it. */
  readonly summary: string;
  /** The description as people read it. */
  readonly description: string;
  /** The runbook as people read it, where the rule's has `{{ … }}` in it. */
  readonly runbook?: string;
  /** The severity, where the rule computes it. */
  readonly severity?: Severity;
}

/** What a rule does with some series. */
export interface RuleTest {
  /** What it shows, in a few words. */
  readonly name: string;
  /** By exporter: series in promtool's notation, `metric{labels} values`, one value a minute. */
  readonly series: Readonly<Partial<Record<Exporter, readonly string[]>>>;
  /** When the rule is looked at, e.g. `20m` after the first value. */
  readonly at: string;
  /** The alerts that fire then; none for a test that it stays silent. */
  readonly alerts: readonly ExpectedAlert[];
}

/** One alert rule. Texts may hold `$name` for a parameter; `{{ … }}` in them is Prometheus' own. */
export interface AlertRule {
  /** The name in configurations: lower case with `_`; never changes. */
  readonly id: string;
  /** The alert's name in Prometheus. */
  readonly alert: string;
  /** How urgent it is; a text with `{{` is computed by Prometheus from the labels. */
  readonly severity: Severity | `{{${string}`;
  /** How long the condition holds before the alert fires; `0s` for at once. */
  readonly for: string;
  /** The parameters beside `for` and the severity, by name. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  /**
   * The condition by exporter; each selector ends in `$nodes`, where the nodes of a group are chosen. The parts are
   * joined by `or`, so that one rule serves clusters with both.
   */
  readonly expr: Readonly<Partial<Record<Exporter, string>>>;
  /** What is put around all parts, with `$parts` for them; as they are where there is none. */
  readonly around?: string;
  /** Labels that the alert gets beside its severity. */
  readonly labels?: Readonly<Record<string, string>>;
  /** One line. */
  readonly summary: string;
  /** What was seen, with the value. */
  readonly description: string;
  /** What to do. */
  readonly runbook: string;
  /** At least one that fires and one that stays silent for every exporter. */
  readonly tests: readonly RuleTest[];
}
