/** A dashboard as Grafana reads it (its dashboard JSON, schema version 39, which Grafana 10.3 and later read). @module */

import type { Dashboard, Panel, Variable } from "./dashboard.ts";

/** The data source that install-stack provisions. */
const SOURCE = { type: "prometheus", uid: "prometheus" };

/** Columns of a panel of each kind, where it does not say another. */
const WIDTHS = { series: 12, stat: 4, table: 24 };

/** Rows of a panel of each kind; a row is 30 pixels. */
const HEIGHTS = { series: 8, stat: 4, table: 8 };

/** Grafana's columns. */
const COLUMNS = 24;

/** The JSON text of a dashboard, the same for the same dashboard. */
export function grafanaJson(dashboard: Dashboard): string {
  const { uid, title, description, variables } = dashboard;
  const model = {
    ...{ uid, title, description, tags: ["aami"], editable: true, schemaVersion: 39, version: 1 },
    ...{ refresh: "30s", time: { from: "now-3h", to: "now" }, timezone: "browser", graphTooltip: 1 },
    annotations: { list: [] },
    links: [{ type: "dashboards", tags: ["aami"], title: "aami", asDropdown: true, keepTime: true, includeVars: true }],
    templating: { list: variables.map(templateVariable) },
    panels: panelsOf(dashboard),
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

function templateVariable({ name, query, regex }: Variable): object {
  return {
    ...{ name, type: "query", datasource: SOURCE, refresh: 2, sort: 7, regex: regex ?? "" },
    query: { query, refId: `variable-${name}` },
    definition: query,
    // All is not a list of all: a node that comes is there at once.
    ...{ multi: true, includeAll: true, allValue: ".*" },
    current: { selected: true, text: ["All"], value: ["$__all"] },
  };
}

/** Headings and panels, set out from left to right and from top to bottom. */
function panelsOf({ rows }: Dashboard): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: own } of rows) {
    panels.push({
      ...{ id: panels.length + 1, type: "row", title, collapsed: false },
      ...{ gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] },
    });
    y++;
    let [x, height] = [0, 0];
    for (const panel of own) {
      const [w, h] = [panel.width ?? WIDTHS[panel.kind], HEIGHTS[panel.kind]];
      if (x + w > COLUMNS) [x, y, height] = [0, y + height, 0];
      panels.push(panelOf(panel, panels.length + 1, { x, y, w, h }));
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return panels;
}

const TYPES = { series: "timeseries", stat: "stat", table: "table" };

function panelOf(panel: Panel, id: number, gridPos: object): object {
  const { kind, title, description, queries } = panel;
  const now = kind !== "series";
  const targets = queries.map(({ expr, legend }, index) => ({
    ...{ refId: String.fromCharCode(65 + index), datasource: SOURCE, expr, legendFormat: legend ?? "__auto" },
    ...{ instant: now, range: !now, format: kind === "table" ? "table" : "time_series" },
  }));
  return {
    ...{ id, type: TYPES[kind], title, ...(description === undefined ? {} : { description }), gridPos },
    ...{ datasource: SOURCE, targets, fieldConfig: fieldConfig(panel), options: optionsOf(panel) },
    ...(kind === "table" ? { transformations: [columnsOf(panel)] } : {}),
  };
}

function fieldConfig({ kind, unit, limits, words, value }: Panel): object {
  const steps = stepsOf(limits);
  const mapped = words?.map((text, index) => [String(index), { text, color: index === 0 ? "red" : "green", index }]);
  const mappings = mapped ? [{ type: "value", options: Object.fromEntries(mapped) }] : [];
  const line = {
    ...{ drawStyle: "line", lineWidth: 1, fillOpacity: 8, showPoints: "never", spanNulls: false },
    thresholdsStyle: { mode: limits ? "dashed" : "off" },
  };
  const share = unit === "percentunit" ? { min: 0, max: 1 } : {};
  const shown = { unit, ...share, mappings, thresholds: { mode: "absolute", steps } };
  if (kind !== "table") {
    return { defaults: { ...shown, ...(kind === "series" ? { custom: line } : {}) }, overrides: [] };
  }
  // The unit is the value's; labels are text.
  const properties = Object.entries({
    ...shown,
    ...(words ? { custom: { cellOptions: { type: "color-text" } } } : {}),
  });
  const override = {
    matcher: { id: "byName", options: value },
    properties: properties.map(([id, each]) => ({
      id: id === "custom" ? "custom.cellOptions" : id,
      value: cell(each),
    })),
  };
  return { defaults: { custom: { filterable: true } }, overrides: value === undefined ? [] : [override] };
}

/** Colours from a value on, the first from the least. */
function stepsOf(limits: Panel["limits"]): object[] {
  const { warning, critical, below } = limits ?? {};
  if (below) {
    return [{ color: "red", value: null }, { color: "orange", value: critical }, { color: "green", value: warning }];
  }
  return [
    { color: "green", value: null },
    ...(warning === undefined ? [] : [{ color: "orange", value: warning }]),
    ...(critical === undefined ? [] : [{ color: "red", value: critical }]),
  ];
}

/** The options of a cell stand one level deeper than those of a field. */
function cell(value: unknown): unknown {
  return typeof value === "object" && value !== null && "cellOptions" in value ? value.cellOptions : value;
}

function optionsOf({ kind, limits }: Panel): object {
  if (kind === "series") {
    const legend = { showLegend: true, displayMode: "table", placement: "bottom", calcs: ["lastNotNull", "max"] };
    return { legend, tooltip: { mode: "multi", sort: "desc" } };
  }
  if (kind === "table") return { showHeader: true, cellHeight: "sm" };
  const reduce = { calcs: ["lastNotNull"], fields: "", values: false };
  return { colorMode: limits ? "background" : "value", graphMode: "none", textMode: "auto", reduceOptions: reduce };
}

/** Only the columns that were asked for, in their order. */
function columnsOf({ columns = [], value }: Panel): object {
  const names = [...columns, ...(value === undefined ? [] : ["Value"])];
  return {
    id: "organize",
    options: {
      includeByName: Object.fromEntries(names.map((name) => [name, true])),
      indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
      renameByName: value === undefined ? {} : { Value: value },
    },
  };
}
