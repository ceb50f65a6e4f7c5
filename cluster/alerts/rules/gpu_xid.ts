/** The alert on Xid errors of NVIDIA GPUs: one rule, which says for each code how urgent it is and what to do. @module */

import { actionOf, INSTRUCTIONS, QUIET_CODES, type XidAction, xidBuckets, XIDS } from "../../xid/catalogue.ts";
import type { AlertRule, ExpectedAlert, Severity } from "../rule.ts";

/** No code of its own, and codes that ask for nothing. */
const QUIET = ["", "0", ...QUIET_CODES].join("|");

/** Labels of the codes' gauges: with them, each code would be a series of its own. */
const NO_CODE = "$volatile, err_code, err_msg";

/**
 * The last code that a GPU had is all that the gauge knows: a change within the window is an event, the same code twice is
 * not seen.
 */
const lastCode = (metric: string) =>
  `count_values without (${NO_CODE}) ("xid", ` +
  `(max without (${NO_CODE}) (${metric}{$nodes}) > 0${QUIET_CODES.map((code) => ` != ${code}`).join("")}) ` +
  `!= max without (${NO_CODE}) (${metric}{$nodes} offset $window))`;

const TOTAL = `DCGM_EXP_XID_ERRORS_TOTAL{xid!~"${QUIET}",$nodes}`;

/** A counter that begins at 1 has not increased for Prometheus: it counts where the exporter was there before it. */
const NEW_TOTAL = `(sum without ($volatile) (${TOTAL}) unless sum without ($volatile) (${TOTAL} offset $window)) > 0 ` +
  "and on (instance) up{$nodes} offset $window == 1";

const XID_PARTS = [
  `sum without ($volatile) (increase(${TOTAL}[$window])) > 0`,
  NEW_TOTAL,
  `max without ($volatile, window_size_in_ms) (DCGM_EXP_XID_ERRORS_COUNT{xid!~"${QUIET}",$nodes}) > 0`,
  lastCode("DCGM_FI_DEV_XID_ERRORS"),
];

/** `{{ if match "^(48|79)$" $labels.xid }}…{{ else }}…{{ end }}`. */
function byCode(cases: readonly (readonly [readonly number[], string])[], otherwise: string): `{{${string}` {
  const parts = cases.map(([codes, text], index) =>
    `${index === 0 ? "if" : "else if"} match "^(${codes.join("|")})$" $labels.xid }}${text}{{ ` as const
  );
  return `{{ ${parts.join("")}else }}${otherwise}{{ end }}`;
}

const BUCKETS = xidBuckets();
const codesOf = (severity: string) =>
  BUCKETS.filter((bucket) => bucket.severity === severity).flatMap(({ codes }) => codes).sort((a, b) => a - b);
const byAction = (text: (action: XidAction) => string) => {
  const actions = [...new Set(BUCKETS.map(({ action }) => action))].filter((action) => action !== "contact_support");
  const codes = (action: XidAction) =>
    XIDS.filter((xid) => xid.severity !== "info" && actionOf(xid) === action).map(({ code }) => code);
  return byCode(actions.map((action) => [codes(action), text(action)] as const), text("contact_support"));
};

const xidAlert = (xid: string, severity: Severity, action: XidAction): ExpectedAlert => ({
  labels: { "@": "nvidia", xid, action },
  severity,
  summary: `Xid ${xid} on GPU 3 of gpu-01`,
  description: `GPU 3 (NVIDIA H100) reported Xid ${xid}. 'aami explain xid ${xid}' tells what it means.`,
  runbook: INSTRUCTIONS[action],
});

const UP = 'up{instance="gpu-01:9400",job="dcgm",node="gpu-01",group="training",rack="r7"} 1x30';
const gauge = (values: string) => ({
  "dcgm": [`DCGM_FI_DEV_XID_ERRORS{@nvidia} ${values}`],
  "dcgm-4.9": [`DCGM_FI_DEV_XID_ERROR{@nvidia} ${values}`],
});
const exporter = (...series: string[]) => ({ "dcgm": series, "dcgm-4.9": series });

const XID_ERROR: AlertRule = {
  id: "gpu_xid_error",
  alert: "GPUXidError",
  severity: byCode([[codesOf("critical"), "critical"], [codesOf("info"), "info"]], "warning"),
  for: "0s",
  parameters: { window: { default: "5m", unit: "duration", description: "how long an Xid is told" } },
  expr: { "dcgm": XID_PARTS.join("\nor\n"), "dcgm-4.9": lastCode("DCGM_FI_DEV_XID_ERROR") },
  labels: { action: byAction((action) => action) },
  summary: "Xid {{ $labels.xid }} on GPU {{ $labels.gpu }} of {{ $labels.node }}",
  description: "GPU {{ $labels.gpu }} ({{ $labels.modelName }}) reported Xid {{ $labels.xid }}. " +
    "'aami explain xid {{ $labels.xid }}' tells what it means.",
  runbook: byAction((action) => INSTRUCTIONS[action]),
  tests: [
    {
      name: "Xid 79 as the last code",
      series: gauge("0x9 79x10"),
      at: "12m",
      alerts: [xidAlert("79", "critical", "reboot_node")],
    },
    {
      name: "a code that is a series of its own",
      series: {
        "dcgm": [
          'DCGM_FI_DEV_XID_ERRORS{@nvidia,err_code="0",err_msg="No Error"} 0x9 stale',
          'DCGM_FI_DEV_XID_ERRORS{@nvidia,err_code="48",err_msg="Double Bit ECC Error"} _x9 48x10',
        ],
        "dcgm-4.9": [
          'DCGM_FI_DEV_XID_ERROR{@nvidia,err_code="0",err_msg="No Error"} 0x9 stale',
          'DCGM_FI_DEV_XID_ERROR{@nvidia,err_code="48",err_msg="Double Bit ECC Error"} _x9 48x10',
        ],
      },
      at: "12m",
      alerts: [xidAlert("48", "critical", "reset_gpu")],
    },
    {
      name: "an application's fault in the exporter's window",
      series: exporter('DCGM_EXP_XID_ERRORS_COUNT{@nvidia,window_size_in_ms="300000",xid="13"} 2x20'),
      at: "10m",
      alerts: [xidAlert("13", "warning", "restart_application")],
    },
    {
      name: "a total that begins, and one that rises",
      series: exporter(
        UP,
        'DCGM_EXP_XID_ERRORS_TOTAL{@nvidia,xid="95"} _x9 1x10',
        'DCGM_EXP_XID_ERRORS_TOTAL{@nvidia,xid="94"} 3x9 4x10',
      ),
      at: "12m",
      alerts: [xidAlert("94", "warning", "restart_application"), xidAlert("95", "critical", "reset_gpu")],
    },
    {
      name: "a code that asks for nothing at once",
      series: gauge("0x9 43x10"),
      at: "12m",
      alerts: [xidAlert("43", "info", "none")],
    },
    {
      name: "a code that nobody knows yet",
      series: gauge("0x9 999x10"),
      at: "12m",
      alerts: [xidAlert("999", "warning", "contact_support")],
    },
    {
      name: "every way to tell one event is one alert",
      series: exporter(
        UP,
        'DCGM_EXP_XID_ERRORS_COUNT{@nvidia,window_size_in_ms="300000",xid="79"} _x9 1x20',
        'DCGM_EXP_XID_ERRORS_TOTAL{@nvidia,xid="79"} _x9 1x20',
        ...gauge("0x9 79x20")["dcgm"],
      ),
      at: "12m",
      alerts: [xidAlert("79", "critical", "reboot_node")],
    },
    { name: "a code of long ago that stays in the gauge", series: gauge("79x60"), at: "40m", alerts: [] },
    { name: "a repair that was recorded", series: gauge("0x9 63x20"), at: "12m", alerts: [] },
    {
      name: "totals of before the first scrape",
      series: exporter('DCGM_EXP_XID_ERRORS_TOTAL{@nvidia,xid="79"} 5x60'),
      at: "3m",
      alerts: [],
    },
    {
      name: "a job that starts on a GPU with errors of long ago",
      series: exporter(
        UP,
        'DCGM_EXP_XID_ERRORS_TOTAL{@nvidia,xid="79"} 5x9 stale',
        'DCGM_EXP_XID_ERRORS_TOTAL{@nvidia,xid="79",container="next"} _x9 5x20',
      ),
      at: "12m",
      alerts: [],
    },
    {
      name: "an exporter without events",
      series: exporter(UP, 'DCGM_EXP_XID_ERRORS_COUNT{@nvidia,window_size_in_ms="300000"} 0x20'),
      at: "12m",
      alerts: [],
    },
  ],
};

/** The rules. */
export const GPU_XID_RULES: readonly AlertRule[] = [XID_ERROR];
