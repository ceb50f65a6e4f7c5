import type { MonitoringCode } from "../../engine/support/diagnostic_codes.ts";
import type { Explanation } from "./explanation.ts";

/** What is asked of a running Prometheus. */
export const MONITORING: Readonly<Record<MonitoringCode, Explanation>> = {
  "no-data": {
    summary: "Prometheus has no such node, or no GPU of it",
    meaning: "Health is made of what the exporters of the GPUs give to Prometheus, by the label 'node' of its targets.",
    example: { situation: 'aami health gpu-99, where no target has the label node="gpu-99"' },
    mend: "See what is scraped, and what is down:\n  aami status",
  },
  "prometheus": {
    summary: "Prometheus does not answer, or refuses",
    meaning: "Health and status are asked of a running Prometheus, at --prometheus or AAMI_PROMETHEUS.",
    example: { files: {}, command: "health --prometheus http://127.0.0.1:59999" },
    mend: "Does it run, and can this machine reach it?\n  aami health --prometheus http://monitor:9090",
  },
};
