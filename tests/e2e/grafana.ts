/**
 * What Grafana does of a dashboard before Prometheus sees it: it asks for the values of variables and puts them, and the
 * intervals of what is shown, into the queries. After Grafana's documentation of its Prometheus data source.
 *
 * @module
 */

import { ask } from "./stack.ts";

/** A dashboard as Grafana reads it, as far as its queries go. */
export interface GrafanaDashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly GrafanaVariable[] };
  readonly panels: readonly {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string; readonly instant: boolean }[];
  }[];
}

/** A variable of it. */
interface GrafanaVariable {
  readonly name: string;
  readonly query: { readonly query: string };
  readonly regex: string;
  readonly allValue: string;
}

/** A query with what it is a part of, and how many series it gives. */
export interface Asked {
  readonly place: string;
  readonly expr: string;
  readonly series: number;
}

/** Three hours on a panel of a thousand points, scraped each second. */
const SHOWN = { range: 10_800, step: 10, rateInterval: 11 };

interface Answer {
  readonly data: { readonly result: { readonly metric: Record<string, string> }[] };
}

/** A Prometheus, asked as Grafana asks it. */
export class GrafanaQueries {
  constructor(readonly url: string) {}

  /** The values that a person may choose for each variable. */
  async valuesOf(dashboard: GrafanaDashboard): Promise<Map<string, string[]>> {
    const values = new Map<string, string[]>();
    const all = new Map(dashboard.templating.list.map(({ name, allValue }) => [name, allValue]));
    for (const variable of dashboard.templating.list) {
      const query = interpolate(variable.query.query, all);
      values.set(variable.name, [...new Set(await this.#variable(query, variable.regex))].sort());
    }
    return values;
  }

  /** Asks every query of a dashboard, with these values of its variables. */
  async askAll(dashboard: GrafanaDashboard, values: ReadonlyMap<string, string>): Promise<Asked[]> {
    const asked: Asked[] = [];
    for (const { title, targets } of dashboard.panels) {
      for (const { expr, instant } of targets ?? []) {
        const query = interpolate(expr, values);
        asked.push({ place: `${dashboard.uid}: ${title}`, expr: query, series: await this.#ask(query, instant) });
      }
    }
    return asked;
  }

  async #ask(query: string, instant: boolean): Promise<number> {
    const now = Date.now() / 1000;
    const range = { start: String(now - SHOWN.range), end: String(now), step: String(SHOWN.step) };
    const parameters: Record<string, string> = instant ? { query } : { query, ...range };
    const path = instant ? "query" : "query_range";
    const { data } = await ask<Answer>(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    return data.result.length;
  }

  async #variable(query: string, regex: string): Promise<string[]> {
    const labels = /^label_values\((.+), *(\w+)\)$/s.exec(query);
    if (labels) {
      const match = new URLSearchParams({ "match[]": labels[1] });
      return (await ask<{ data: string[] }>(`${this.url}/api/v1/label/${labels[2]}/values?${match}`)).data;
    }
    const expr = /^query_result\((.+)\)$/s.exec(query)?.[1];
    if (expr === undefined) throw new Error(`Grafana has no such query of a variable: ${query}`);
    const { data } = await ask<Answer>(`${this.url}/api/v1/query?${new URLSearchParams({ query: expr })}`);
    const pattern = new RegExp(regex.slice(1, -1));
    return data.result.flatMap(({ metric }) => {
      const text = Object.entries(metric).map(([name, value]) => `${name}="${value}"`).join(",");
      return pattern.exec(`{${text}} 1`)?.[1] ?? [];
    });
  }
}

/** How Grafana writes the choice of several values for Prometheus. */
export function several(values: readonly string[]): string {
  const escaped = values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\\\$&"));
  return escaped.length === 1 ? escaped[0] : `(${escaped.join("|")})`;
}

function interpolate(text: string, values: ReadonlyMap<string, string>): string {
  const builtIn = new Map([
    ["__rate_interval", `${SHOWN.rateInterval}s`],
    ["__range", `${SHOWN.range}s`],
  ]);
  return text.replace(/\$([A-Za-z_]\w*)/g, (whole, name) => values.get(name) ?? builtIn.get(name) ?? whole);
}
