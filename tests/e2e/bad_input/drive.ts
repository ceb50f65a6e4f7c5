import { fileURLToPath } from "node:url";
import type { Job, Said } from "./driver.ts";

/** Runs command lines of aami, each in its folder, in one process of their own. */
export async function drive(jobs: readonly Job[]): Promise<Said[]> {
  const driver = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", fileURLToPath(new URL("driver.ts", import.meta.url))],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = driver.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(jobs)));
  await writer.close();
  const { stdout } = await driver.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}
