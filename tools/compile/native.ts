/**
 * The native file: `deno compile`, where its runtime can be had.
 *
 * @module
 */

import { join } from "node:path";
import { ENTRY } from "./bundle.ts";

/**
 * Compiles a bundle.
 *
 * @param says what the program must print when asked for its version
 * @returns why there is none; undefined where it was made
 */
export async function native(bundle: string, output: string, says: string): Promise<string | undefined> {
  const env = Deno.env.toObject();
  // A plain deno in its place is taken, and makes a program that is a plain deno.
  delete env.DENORT_BIN;
  const compiled = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--quiet",
      "-A",
      "--no-check",
      "--no-config",
      "--include",
      bundle,
      "-o",
      output,
      join(bundle, ENTRY),
    ],
    env: { ...env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    clearEnv: true,
    stdin: "null",
  }).output();
  if (!compiled.success) {
    const lines = new TextDecoder().decode(compiled.stderr).split("\n").map((line) =>
      line.replace(/^\s*\d+: /, "").trim()
    );
    return lines.find((line) => /dns|connect|denort|download|tls|status/i.test(line)) ?? lines[0] ??
      "deno compile failed";
  }
  const { stdout } = await new Deno.Command(output, { args: ["version"], stdin: "null" }).output();
  const said = new TextDecoder().decode(stdout).trim();
  if (said === says) return undefined;
  await Deno.remove(output);
  return `what deno compile made is not aami: asked for its version it says '${said.split("\n")[0]}'`;
}
