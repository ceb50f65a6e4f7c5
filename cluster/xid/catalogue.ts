/**
 * NVIDIA's Xid codes: what each means and what to do about it. The buckets are NVIDIA's own; what they ask of an
 * operator, and how urgently, is decided here once, for `aami explain xid` and for the alerts.
 *
 * @module
 */

import catalogue from "./catalogue.json" with { type: "json" };

/** What an operator has to do first, in the order of how much it takes. */
export type XidAction =
  | "none"
  | "restart_application"
  | "restart_vm"
  | "follow_xid_154"
  | "check_nvlink"
  | "reset_gpu"
  | "reboot_node"
  | "check_hardware"
  | "update_software"
  | "contact_support";

/** How urgent it is; `varies` by the rest of the message, `unknown` where nothing is published. */
export type XidSeverity = "critical" | "warning" | "info" | "varies" | "unknown" | "unused";

/** One code of the catalogue. */
export interface Xid {
  /** The number in `NVRM: Xid (PCI:…): 79, …`. */
  readonly code: number;
  /** Its name for people. */
  readonly name: string;
  /** The driver's name for it. */
  readonly mnemonic: string;
  /** Derived from the immediate action: NVIDIA publishes none. `unused` on Ampere and later GPUs. */
  readonly severity: XidSeverity;
  /** One or two sentences. */
  readonly description: string;
  /** The likely causes, the likeliest first; may be empty. */
  readonly causes: readonly string[];
  /** The steps, in order. */
  readonly actions: readonly string[];
  /** NVIDIA's bucket of the immediate action, e.g. `RESET_GPU`; null where none is published. */
  readonly bucket: string | null;
  /** NVIDIA's bucket of what to look into later; null where none is published. */
  readonly investigatoryBucket: string | null;
  /** The GPUs it is published for. */
  readonly appliesTo: readonly string[];
  /** The release since which an Xid 154 says what the GPU needs; null where none does. */
  readonly xid154Since: string | null;
  /** Where this is from. */
  readonly sources: readonly string[];
}

/** All codes, by number. */
export const XIDS: readonly Xid[] = catalogue.codes as readonly Xid[];

const BY_CODE = new Map(XIDS.map((xid) => [xid.code, xid]));

/** The entry of a code; undefined for one that is not in the catalogue. */
export function findXid(code: number): Xid | undefined {
  return BY_CODE.get(code);
}

const ACTION_OF_BUCKET: Readonly<Record<string, XidAction>> = {
  IGNORE: "none",
  WORKFLOW_XID_45: "none",
  RESTART_APP: "restart_application",
  RESTART_VM: "restart_vm",
  XID_154: "follow_xid_154",
  XID_154_EVAL: "follow_xid_154",
  WORKFLOW_NVLINK_ERR: "check_nvlink",
  WORKFLOW_NVLINK5_ERR: "check_nvlink",
  WORKFLOW_XID_48: "reset_gpu",
  RESET_GPU: "reset_gpu",
  CHECK_UVM: "reset_gpu",
  RESTART_BM: "reboot_node",
  CHECK_MECHANICALS: "check_hardware",
  UPDATE_SWFW: "update_software",
  CONTACT_SUPPORT: "contact_support",
};

/** What a bucket of NVIDIA's asks for; a bucket that is not known or not published asks for support. */
export function actionOfBucket(bucket: string | null): XidAction {
  return ACTION_OF_BUCKET[bucket ?? ""] ?? "contact_support";
}

/** What to do about a code first. Codes without a bucket go by their severity: NVIDIA's text asks critical ones for a reset. */
export function actionOf({ bucket, severity }: Xid): XidAction {
  if (bucket !== null) return actionOfBucket(bucket);
  return severity === "info" ? "none" : severity === "critical" ? "reset_gpu" : "contact_support";
}

/** An action as an instruction, one sentence. */
export const INSTRUCTIONS: Readonly<Record<XidAction, string>> = {
  none: "No immediate action is needed.",
  restart_application: "Restart the affected application; the GPU needs no reset.",
  restart_vm: "Restart the virtual machine that owns the GPU.",
  follow_xid_154: "Do what the Xid 154 of the same GPU says.",
  check_nvlink: "Check the NVLink named in the kernel log; drain the node and reset the GPU to clear it.",
  reset_gpu: "Drain the work from the GPU, then reset it (nvidia-smi --gpu-reset).",
  reboot_node: "Drain the node and reboot it.",
  check_hardware: "Drain the node and check the seating and the power connections of the GPU.",
  update_software: "Update the driver and firmware to versions that match.",
  contact_support: "Collect nvidia-bug-report.sh and contact the vendor's support.",
};

/** A kind of alert of the codes that an operator has to act on. */
export interface XidBucket {
  /** What to do. */
  readonly action: XidAction;
  /** Of the alert; `info` where nothing has to be done at once. */
  readonly severity: "critical" | "warning" | "info";
  /** The codes, ascending. */
  readonly codes: readonly number[];
}

/** Codes that need no alert: they say that all is well or follow from another code. */
export const QUIET_CODES: readonly number[] = XIDS.filter((xid) => xid.severity === "info").map((xid) => xid.code);

/** The codes that need an alert, by what is to be done and how urgently. Codes of old GPUs only are not in it. */
export function xidBuckets(): XidBucket[] {
  const buckets = new Map<string, { codes: number[] } & Omit<XidBucket, "codes">>();
  for (const xid of XIDS) {
    if (xid.severity === "info" || xid.severity === "unused") continue;
    const action = actionOf(xid);
    const severity = action === "none" ? "info" : xid.severity === "critical" ? "critical" : "warning";
    const key = `${severity} ${action}`;
    const bucket = buckets.get(key) ?? { action, severity, codes: [] };
    bucket.codes.push(xid.code);
    buckets.set(key, bucket);
  }
  return [...buckets.values()];
}
