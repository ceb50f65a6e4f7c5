/** All dashboards, in the order they are listed. @module */

import { AMD } from "./amd.ts";
import type { Dashboard } from "./dashboard.ts";
import { GPUS } from "./gpu.ts";
import { NODES } from "./node.ts";
import { OVERVIEW } from "./overview.ts";
import { ALERTS, CHECKS, SLURM } from "./services.ts";

/** The dashboards. */
export const DASHBOARDS: readonly Dashboard[] = [OVERVIEW, NODES, GPUS, AMD, SLURM, ALERTS, CHECKS];
