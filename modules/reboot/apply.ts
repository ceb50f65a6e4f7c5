/**
 * Reboots and comes back.
 *
 * @module
 */

import type { Action } from "../../engine/host/action.ts";
import type { Host } from "../../engine/host/host.ts";
import { ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { comeBack, isAway } from "../_shared/reached.ts";
import { sleep } from "../_shared/sleep.ts";
import type { RebootArgs } from "./mod.ts";

/** Seconds that the command itself may take. */
const COMMAND_LIMIT = 60;
/** Exit statuses of a command that the shutdown has killed. */
const KILLED = [129, 130, 137, 143];

/**
 * Carries out the plan of `reboot`.
 *
 * @throws {ModuleError} when the command fails, or the host is not back in time
 */
export async function apply(host: Host, plan: Plan, args: RebootArgs, signal: AbortSignal): Promise<Result> {
  const [action] = plan.actions;
  const before = plan.changes[0].before;
  await sleep(args.pre_reboot_delay * 1000, signal);
  const start = Date.now();
  await reboot(host, action);
  await sleep(args.post_reboot_delay * 1000, signal);
  const elapsed = () => Math.floor((Date.now() - start) / 1000);
  const options = { timeout: args.reboot_timeout, connectTimeout: args.connect_timeout, pause: 1, signal };
  const waitFor = async (what: string, arrived: () => Promise<string | undefined>) => {
    const missing = await comeBack(host, options, arrived);
    if (missing === undefined) return;
    const message = `timed out after ${args.reboot_timeout} s waiting for ${what}: ${missing}`;
    throw new ModuleError(message, { result: { rebooted: true, elapsed: elapsed() } });
  };
  await waitFor("the host to reboot", async () => {
    const { code, stdout } = await host.probe(["/bin/sh", "-c", args.boot_time_command], { reads: ["boot"] });
    const boot = stdout.trim();
    return code === 0 && boot !== "" && boot !== before ? undefined : "it still runs as before";
  });
  await waitFor("the test command", async () => {
    const { code, stdout, stderr } = await host.probe(["/bin/sh", "-c", args.test_command]);
    return code === 0 ? undefined : `'${args.test_command}' exits ${code}: ${(stderr || stdout).trim()}`;
  });
  return { rebooted: true, elapsed: elapsed() };
}

async function reboot(host: Host, action: Action): Promise<void> {
  if (action.do !== "run") return;
  try {
    const { code, stdout, stderr } = await host.run(action.argv, { timeout: COMMAND_LIMIT });
    if (code === 0 || KILLED.includes(code)) return;
    const said = [stdout, stderr].map((text) => text.trim()).filter((text) => text !== "").join("\n");
    const message = `${action.argv.join(" ")} failed with exit status ${code}: ${said}`;
    throw new ModuleError(message, { result: { rebooted: false } });
  } catch (error) {
    // The host may be gone before the command has answered.
    if (!isAway(error)) throw error;
  }
}
