/** The kinds of faults that a fake cluster can have. @module */

/** What can happen, and what it does. `xid` and `afid` are followed by a code. */
export const FAULTS = {
  "xid": "NVIDIA reports this Xid, e.g. xid79; at 79 the GPU gives no other values",
  "afid": "AMD reports this hardware error, e.g. afid30",
  "thermal": "the GPU gets hotter and hotter, and slows down",
  "dbe": "a double-bit memory error, with Xid 48 or AFID 20, and a row to be remapped",
  "nvlink": "an NVLink of the GPU goes down, with Xid 74, and its counters of errors run",
  "memory-leak": "the GPU goes idle and its memory fills up",
  "node-loss": "the node's exporters do not answer",
} as const;

/** One of them. */
export type FaultKind = keyof typeof FAULTS;
