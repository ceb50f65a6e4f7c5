import { deepStrictEqual, strictEqual } from "node:assert";
import { readKernelLog, type XidEvent } from "../../../../cluster/xid/kernel_log.ts";

const one = (line: string): XidEvent => {
  const events = readKernelLog(line);
  strictEqual(events.length, 1, line);
  return events[0];
};

/** A line, and what it says: time, host, GPU, code, process, action. */
const LINES: readonly [string, string][] = [
  ["NVRM: Xid (PCI:0000:3b:00): 79, pid=4711, GPU has fallen off the bus.", "- - 0000:3b:00 79 4711 reboot_node"],
  [
    "[ 8412.220017] NVRM: Xid (PCI:0000:86:00): 48, pid='<unknown>', name=<unknown>, An uncorrectable double bit error (DBE) has been detected on GPU in the framebuffer at partition 4, subpartition 0.",
    "8412.220017 - 0000:86:00 48 - reset_gpu",
  ],
  [
    "[Mon Mar  3 08:15:42 2025] NVRM: Xid (PCI:0000:1a:00): 94, pid=90210, name=train.py, Contained: SM (0x1). RST: No, D-RST: No",
    "Mon Mar  3 08:15:42 2025 - 0000:1a:00 94 90210:train.py restart_application",
  ],
  [
    "2025-06-11T22:04:09.118273+02:00 rack4-n12 kernel: NVRM: Xid (PCI:0000:C8:00.0): 95, pid=77, name=vllm, Uncontained: LTC TAG (0x4,0x0). RST: Yes, D-RST: No",
    "2025-06-11T22:04:09.118273+02:00 rack4-n12 0000:c8:00 95 77:vllm reset_gpu",
  ],
  [
    "kern  :warn  : 2025-06-11T20:04:09,118273+00:00 NVRM: Xid (PCI:0000:c8:00): 31, pid=612, name=python, Ch 0000001c, intr 00000000. MMU Fault: ENGINE GRAPHICS GPCCLIENT_T1_3 faulted @ 0x7f40_00000000. Fault is of type FAULT_PDE ACCESS_TYPE_VIRT_READ",
    "2025-06-11T20:04:09,118273+00:00 - 0000:c8:00 31 612:python restart_application",
  ],
  [
    "Nov  2 13:37:00 n17 kernel: NVRM: Xid (PCI:0000:47:00): 63, pid='<unknown>', name=<unknown>, Row Remapper: New row (0x00000000007f1234) marked for remapping, reset gpu to activate.",
    "Nov  2 13:37:00 n17 0000:47:00 63 - none",
  ],
  [
    "Nov 12 13:37:01 n17 kernel: [99123.000001] NVRM: Xid (PCI:0000:47:00): 64, Row Remapper Error: (0x00000000007f1234) - Row Remapping table is full",
    "Nov 12 13:37:01 n17 0000:47:00 64 - reset_gpu",
  ],
  [
    "<4>[  731.554120] NVRM: Xid (PCI:0000:65:00): 43, pid=3001, name=a b c, Ch 00000010",
    "731.554120 - 0000:65:00 43 3001:a b c none",
  ],
  [
    "4,2211,90817263544,-;NVRM: Xid (PCI:0000:65:00): 45, pid=3001, name=bench, Ch 0000000a",
    "90817.263544 - 0000:65:00 45 3001:bench none",
  ],
  [
    "[77.000000] NVRM: Xid (PCI:0000:19:00): 119, pid=1, name=nvidia-persiste, Timeout after 45s of waiting for RPC response from GPU0 GSP! Expected function 76 (GSP_RM_CONTROL) (0x20802a02 0x8).",
    "77.000000 - 0000:19:00 119 1:nvidia-persiste reset_gpu",
  ],
  [
    "[77.5] NVRM: Xid (PCI:0000:19:00): 154, pid='<unknown>', name=<unknown>, GPU recovery action changed from 0x0 (None) to 0x2 (Node Reboot Required)",
    "77.5 - 0000:19:00 154 - reboot_node",
  ],
  [
    "[78.1] NVRM: Xid (PCI:0000:19:00): 154, GPU recovery action changed from 0x1 (GPU Reset Required) to 0x0 (None)",
    "78.1 - 0000:19:00 154 - none",
  ],
  [
    "[79.2] NVRM: Xid (PCI:0008:01:00): 144, SAW_MVB Fatal XC0 i0 Link 03 (0x00000001 0x00000010 0x00000000 0x00000000)",
    "79.2 - 0008:01:00 144 - reset_gpu",
  ],
  [
    "[79.3] NVRM: Xid (PCI:0008:01:00): 145, RLW_REMAP Nonfatal XC0 i0 Link 07 (0x00000004 0x00000002 0x00000000 0x00000000)",
    "79.3 - 0008:01:00 145 - follow_xid_154",
  ],
  [
    "[79.4] NVRM: Xid (PCI:0008:01:00): 149, NETIR_LINK_DOWN Fatal XC0 i0 Link 11 (0x02000011 0x00000000 0x00000000 0x00000000 0x00000000 0x00000000)",
    "79.4 - 0008:01:00 149 - reset_gpu",
  ],
  [
    "[80.0] NVRM: Xid (PCI:0000:3b:00): 74, pid=12, name=nccl, NVLink: fatal error detected on link 4(0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)",
    "80.0 - 0000:3b:00 74 12:nccl check_nvlink",
  ],
  ["[81.0] NVRM: Xid (PCI:0000:3b:00): 62, 2021(321c) 00000000 00000000", "81.0 - 0000:3b:00 62 - reset_gpu"],
  [
    "[82.0] NVRM: Xid (PCI:0000:3b:00): 109, pid=5, name=x, Ch 00000002, errorString CTX SWITCH TIMEOUT, Info 0x2c014",
    "82.0 - 0000:3b:00 109 5:x reset_gpu",
  ],
  [
    "Jan 05 01:02:03 login-2.site.example kernel: NVRM: Xid (PCI:0000:3b:00): 13, pid=99, name=cuda-memcheck, Graphics SM Warp Exception on (GPC 0, TPC 1, SM 0): Illegal Instruction Encoding",
    "Jan 05 01:02:03 login-2.site.example 0000:3b:00 13 99:cuda-memcheck restart_application",
  ],
  ["[83.0] NVRM: Xid (PCI:0000:3b:00): 512, pid=1, something of tomorrow", "83.0 - 0000:3b:00 512 1 contact_support"],
];

strictEqual(LINES.length, 20);
for (const [line, wanted] of LINES) {
  Deno.test(`a line of Xid ${wanted.split(" ").at(-3)} is read: ${line.slice(0, 60)}…`, () => {
    const { at, host, pci, code, process, action } = one(line);
    const who = process ? `${process.pid}${process.name ? `:${process.name}` : ""}` : "-";
    strictEqual([at?.written ?? "-", host ?? "-", pci, code, who, action].join(" "), wanted);
  });
}

Deno.test("lines that are no Xid are passed over", () => {
  const text = [
    "NVRM: Xid (PCI:0000:65:00): none",
    "NVRM: Xid: 31",
    "NVRM: Xid (PCI:0000:65:00)",
    "nvidia-nvswitch1: SXid (PCI:0000:06:00.0): 20034, Fatal, Link 48 LTSSM Fault Up",
    "NVRM: loading NVIDIA UNIX Open Kernel Module",
    "",
  ].join("\n");
  deepStrictEqual(readKernelLog(text), []);
});

Deno.test("events are in the order of time, and know their GPU's UUID", () => {
  const text = [
    "[20.0] NVRM: Xid (PCI:0000:3b:00): 45, pid=1, Ch 1",
    "[10.0] NVRM: Xid (PCI:0000:3b:00): 48, pid=1, Double Bit ECC Error",
    "NVRM: Xid (PCI:0000:3b:00): 63, a line without a time",
    "[10.0] NVRM: GPU at PCI:0000:3b:00: GPU-0a1b2c3d-0000-0000-0000-00000000abcd",
    "[10.0] NVRM: Xid (PCI:0000:5e:00): 13, pid=1, at the same time\r",
  ].join("\n");
  const events = readKernelLog(text);
  deepStrictEqual(events.map(({ code, line }) => [code, line]), [[48, 2], [63, 3], [13, 5], [45, 1]]);
  strictEqual(events[0].uuid, "GPU-0a1b2c3d-0000-0000-0000-00000000abcd");
  strictEqual(events[2].uuid, undefined);
  strictEqual(events[2].detail, "at the same time");
});

Deno.test("times of zones are compared", () => {
  const text = [
    "2025-06-11T22:00:00+02:00 a kernel: NVRM: Xid (PCI:0000:01:00): 13, pid=1, later by the clock",
    "2025-06-11T21:00:00+00:00 b kernel: NVRM: Xid (PCI:0000:01:00): 31, pid=1, later in truth",
    "2025-06-11T19:59:59Z c kernel: NVRM: Xid (PCI:0000:01:00): 43, pid=1, first",
  ].join("\n");
  deepStrictEqual(readKernelLog(text).map(({ host }) => host), ["c", "a", "b"]);
});
