/** What a dashboard is, before Grafana's own form of it. @module */

/** One query of a panel. */
export interface Query {
  /** PromQL; `$node` and its like are variables of the dashboard, `$__rate_interval` and its like Grafana's. */
  readonly expr: string;
  /** What a series is called: text with `{{label}}`. */
  readonly legend?: string;
}

/** How values are written, by Grafana's names of units; `percentunit` is of 0 to 1. */
export type Unit =
  | "celsius"
  | "watt"
  | "percentunit"
  | "percent"
  | "bytes"
  | "Bps"
  | "hertz"
  | "s"
  | "short"
  | "none"
  | "µs";

/** One panel. */
export interface Panel {
  /** Lines over time, one number, or a table of what is now. */
  readonly kind: "series" | "stat" | "table";
  /** Above it. */
  readonly title: string;
  /** What it tells, where the title does not say it all. */
  readonly description?: string;
  /** What the values are. */
  readonly unit: Unit;
  /** What is asked. */
  readonly queries: readonly Query[];
  /** Of the 24 columns; 12 for series, 4 for a number, 24 for a table unless it is said. */
  readonly width?: number;
  /** From which value on it is shown as a warning, and as critical; with `below`, under which value. */
  readonly limits?: { readonly warning?: number; readonly critical?: number; readonly below?: true };
  /** For a table: the labels that are its columns, in order; the value comes last where `value` names it. */
  readonly columns?: readonly string[];
  /** For a table: the heading of the value; without it the value is not shown. */
  readonly value?: string;
  /** For numbers of on and off: what 0 and 1 are called. */
  readonly words?: readonly [string, string];
}

/** A choice above the panels; all is a choice. */
export interface Variable {
  /** Its name in queries. */
  readonly name: string;
  /** What Grafana asks Prometheus for: `label_values(SELECTOR, LABEL)` or `query_result(EXPR)`. */
  readonly query: string;
  /** What is taken of each answer of `query_result`: the regular expression's group. */
  readonly regex?: string;
}

/** Panels below a heading. */
export interface Row {
  /** The heading. */
  readonly title: string;
  /** The panels, from left to right. */
  readonly panels: readonly Panel[];
}

/** One dashboard. */
export interface Dashboard {
  /** Its name in addresses and files: `aami-gpu`. */
  readonly uid: string;
  /** Its name for people. */
  readonly title: string;
  /** One line. */
  readonly description: string;
  /** The choices, a later one may use an earlier. */
  readonly variables: readonly Variable[];
  /** The panels. */
  readonly rows: readonly Row[];
}

/** Lines over time. */
export function series(title: string, unit: Unit, queries: readonly Query[], more: Partial<Panel> = {}): Panel {
  return { kind: "series", title, unit, queries, ...more };
}

/** One number. */
export function stat(title: string, unit: Unit, expr: string, more: Partial<Panel> = {}): Panel {
  return { kind: "stat", title, unit, queries: [{ expr }], ...more };
}

/** A table of what is now. */
export function table(title: string, expr: string, columns: readonly string[], more: Partial<Panel> = {}): Panel {
  return { kind: "table", title, unit: "none", queries: [{ expr }], columns, ...more };
}

/** The choice of groups of nodes. */
export const GROUP: Variable = { name: "group", query: 'label_values(up{job=~"node|dcgm|rocm"}, group)' };

/** The choice of nodes in these groups. */
export const NODE: Variable = {
  name: "node",
  query: 'label_values(up{job=~"node|dcgm|rocm",group=~"$group"}, node)',
};
