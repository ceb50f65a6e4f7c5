/**
 * What every code of a diagnostic stands for.
 *
 * @module
 */

import type { DiagnosticCode } from "../../engine/support/diagnostic_codes.ts";
import { ALERTS } from "./alerts.ts";
import type { Explanation } from "./explanation.ts";
import { EXPRESSIONS } from "./expressions.ts";
import { INVENTORIES } from "./inventories.ts";
import { MONITORING } from "./monitoring.ts";
import { PLAYBOOKS } from "./playbooks.ts";
import { SETTINGS } from "./settings.ts";
import { YAML } from "./yaml.ts";

/** The explanations by code; the compiler holds that none is missing. */
export const EXPLANATIONS: Readonly<Record<DiagnosticCode, Explanation>> = {
  ...PLAYBOOKS,
  ...YAML,
  ...EXPRESSIONS,
  ...INVENTORIES,
  ...SETTINGS,
  ...ALERTS,
  ...MONITORING,
};
