/**
 * The catalogue of alert rules, and the presets: lists of rules that are switched on together.
 *
 * @module
 */

import type { AlertRule } from "./rule.ts";
import { AMD_RULES } from "./rules/amd.ts";
import { CHECK_RULES } from "./rules/checks.ts";
import { FABRIC_RULES } from "./rules/fabric.ts";
import { GPU_RULES } from "./rules/gpu.ts";
import { GPU_ERROR_RULES } from "./rules/gpu_errors.ts";
import { GPU_XID_RULES } from "./rules/gpu_xid.ts";
import { NODE_RULES } from "./rules/node.ts";
import { SLURM_RULES } from "./rules/slurm.ts";
import { STORAGE_RULES } from "./rules/storage.ts";

/** A list of rules by name. */
export interface Preset {
  /** The name in configurations. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** The ids of its rules, in the order they are written. */
  readonly rules: readonly string[];
}

/** Every rule of the catalogue, by its id. */
export const RULES: ReadonlyMap<string, AlertRule> = new Map(
  [
    ...GPU_RULES,
    ...GPU_XID_RULES,
    ...GPU_ERROR_RULES,
    ...AMD_RULES,
    ...SLURM_RULES,
    ...NODE_RULES,
    ...FABRIC_RULES,
    ...STORAGE_RULES,
    ...CHECK_RULES,
  ].map((rule) => [rule.id, rule]),
);

const idsOf = (rules: readonly AlertRule[]) => rules.map(({ id }) => id);

/** The presets, in the order they are listed. */
export const PRESETS: readonly Preset[] = [
  {
    name: "gpu-basic",
    summary: "the least to know about NVIDIA GPUs: heat, full memory, nodes that are gone",
    rules: ["gpu_temperature_critical", "gpu_memory_high", "node_down"],
  },
  {
    name: "gpu-production",
    summary: "NVIDIA GPUs at work: heat, memory, ECC, Xid and NVLink errors, nodes that are gone",
    rules: [
      "gpu_temperature_critical",
      "gpu_temperature_warning",
      "gpu_memory_high",
      "gpu_memory_leak",
      "gpu_ecc_errors",
      "gpu_xid_error",
      "gpu_nvlink_error",
      "node_down",
    ],
  },
  {
    name: "amd",
    summary: "AMD Instinct GPUs: heat, memory, ECC, hardware errors (AFID), PCIe",
    rules: idsOf(AMD_RULES),
  },
  { name: "slurm", summary: "Slurm: its controller, its nodes, its queues", rules: idsOf(SLURM_RULES) },
  { name: "node", summary: "the machines: processors, memory, clock, reboots, exporters", rules: idsOf(NODE_RULES) },
  {
    name: "fabric",
    summary: "what connects GPUs: InfiniBand, NVLink, NVSwitch, PCIe",
    rules: ["gpu_nvlink_error", ...idsOf(FABRIC_RULES)],
  },
  { name: "storage", summary: "file systems and drives", rules: idsOf(STORAGE_RULES) },
  { name: "checks", summary: "the site's own checks: failing, not running, mount points", rules: idsOf(CHECK_RULES) },
];

/** The preset of a name; undefined where there is none. */
export function findPreset(name: string): Preset | undefined {
  return PRESETS.find((preset) => preset.name === name);
}
