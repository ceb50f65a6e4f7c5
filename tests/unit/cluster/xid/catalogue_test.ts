import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { afidActions, AFIDS, findAfid } from "../../../../cluster/afid/catalogue.ts";
import { actionOf, findXid, INSTRUCTIONS, QUIET_CODES, xidBuckets, XIDS } from "../../../../cluster/xid/catalogue.ts";
import { decodeNvlink, NVLINK_ROWS } from "../../../../cluster/xid/nvlink5.ts";

Deno.test("the catalogue has 176 codes, each with what to do and a source", () => {
  deepStrictEqual(XIDS.map(({ code }) => code), Array.from({ length: 176 }, (_, index) => index + 1));
  for (const xid of XIDS) {
    ok(xid.name && xid.description && xid.actions.length > 0 && xid.sources.length > 0, String(xid.code));
    ok(INSTRUCTIONS[actionOf(xid)], String(xid.code));
  }
});

/** What the codes ask for that are often told wrong. */
const SPOT_CHECKS: Record<number, [action: string, severity: string, word: RegExp]> = {
  13: ["restart_application", "warning", /application/],
  31: ["restart_application", "warning", /page fault/],
  43: ["none", "warning", /application/],
  45: ["none", "info", /torn down/],
  48: ["reset_gpu", "critical", /uncorrectable/],
  63: ["none", "info", /repair was recorded/],
  64: ["reset_gpu", "critical", /failed/],
  74: ["check_nvlink", "critical", /NVLink/],
  79: ["reboot_node", "critical", /no longer reach/],
  92: ["none", "warning", /corrected/],
  94: ["restart_application", "warning", /uncorrectable/],
  95: ["reset_gpu", "critical", /not contained/],
  119: ["reset_gpu", "critical", /GPU System Processor/],
  149: ["check_nvlink", "critical", /NETIR/],
};

for (const [code, [action, severity, word]] of Object.entries(SPOT_CHECKS)) {
  Deno.test(`Xid ${code}: ${action}`, () => {
    const xid = findXid(Number(code))!;
    deepStrictEqual([actionOf(xid), xid.severity], [action, severity]);
    ok(word.test(xid.description), xid.description);
  });
}

Deno.test("alerts know every code that current GPUs have, once", () => {
  const codes = xidBuckets().flatMap(({ codes }) => codes);
  strictEqual(new Set(codes).size, codes.length);
  const old = XIDS.filter(({ severity }) => severity === "unused").map(({ code }) => code);
  deepStrictEqual([...codes, ...QUIET_CODES, ...old].sort((a, b) => a - b), XIDS.map(({ code }) => code));
});

Deno.test("NVLink 5 errors are decoded by unit, intrInfo and errorStatus", () => {
  strictEqual(NVLINK_ROWS.length, 94);
  const rows = (xid: number, unit: string, intrInfo: number, errorStatus: number) =>
    decodeNvlink(xid, { unit, intrInfo, errorStatus }).map(({ unit, bucket }) => `${unit} ${bucket}`);
  deepStrictEqual(rows(144, "SAW_MVB", 0x1, 0x2), ["SAW_MVB RESET_GPU"]);
  deepStrictEqual(rows(144, "SAW_MVB", 0x1, 0x4), ["SAW_MVB IGNORE"]);
  // As drivers before R575 write it.
  deepStrictEqual(rows(144, "SAW_MVB", 0x21, 0x2), ["SAW_MVB RESET_GPU"]);
  deepStrictEqual(rows(144, "SAW_MVB", 0x1, 0x6), ["SAW_MVB RESET_GPU", "SAW_MVB IGNORE"]);
  deepStrictEqual(rows(150, "MSE_WATCHDOG", 0, 0), ["MSE_WATCHDOG RESET_GPU"]);
  deepStrictEqual(rows(144, "SAW_MVB", 0x3f, 0x2), []);
});

Deno.test("AFID 1 to 30 are known, each with what to do", () => {
  deepStrictEqual(AFIDS.map(({ afid }) => afid), Array.from({ length: 30 }, (_, index) => index + 1));
  for (const afid of AFIDS) ok(afidActions(afid).length > 0);
  strictEqual(findAfid(30)!.severity, "Fatal");
  ok(afidActions(findAfid(19)!)[0].includes("replaced"));
  ok(afidActions(findAfid(24)!)[0].startsWith("No immediate action"));
});
