/**
 * Carries out the exchange of rule files: beside the old ones first, then all at once.
 *
 * @module
 */

import type { Action, WriteAction } from "../../engine/host/action.ts";
import type { Host } from "../../engine/host/host.ts";
import { ModuleError, type Plan, type Result } from "../../engine/module/module.ts";
import { reloadByHttp, reloadBySignal } from "../prometheus_rules/prometheus_api.ts";
import { type Args, baseUrl } from "./mod.ts";

/** Where new files wait; no pattern of Prometheus fits it. */
const WAITING = ".aami-new";

/** How many files are read, written or checked at a time. */
const AT_A_TIME = 200;

/** What lay at a path. */
interface Old {
  readonly path: string;
  readonly content?: Uint8Array;
}

/** Does the plan. @throws {ModuleError} where promtool or Prometheus refuses; then the old files are as they were */
export async function exchange(host: Host, plan: Plan, args: Args, signal: AbortSignal): Promise<Result> {
  const writes = plan.actions.filter((action): action is WriteAction => action.do === "write");
  const others = plan.actions.filter((action) => action.do !== "write");
  const old = await inTurns(
    [...writes, ...others.filter((action) => action.do === "remove")],
    (action) => oldOf(host, action as WriteAction),
  );
  if (writes.length > 0) await replaceAll(host, writes, args.directory);
  for (const action of others) await host.perform(action);
  if (plan.result.reload !== true) return {};
  const refused = await reload(host, args, signal);
  if (refused === "unreachable") return { loaded: false };
  if (refused === undefined) return { loaded: true };
  if (old.length === 0) throw new ModuleError(`Prometheus refuses the rules in ${args.directory}: ${refused}`);
  await inTurns(old, (each) => putBack(host, each, plan.actions));
  await reload(host, args, signal);
  throw new ModuleError(`Prometheus refuses the new rules in ${args.directory}, the old ones are back: ${refused}`);
}

async function oldOf(host: Host, { path }: { path: string }): Promise<Old> {
  return { path, content: await host.read(path) };
}

async function putBack(host: Host, { path, content }: Old, actions: readonly Action[]): Promise<void> {
  if (content === undefined) return void await host.perform({ do: "remove", path });
  const { mode, owner, group } = await ownerOf(host, path, actions);
  await host.perform({ do: "write", path, content, mode, owner, group });
}

/** A file that was removed gets what its neighbours have. */
async function ownerOf(host: Host, path: string, actions: readonly Action[]) {
  const stat = await host.stat(path);
  if (stat) return { mode: stat.mode, owner: String(stat.uid), group: String(stat.gid) };
  const like = actions.find((action): action is WriteAction => action.do === "write");
  return { mode: like?.mode ?? 0o644, owner: like?.owner, group: like?.group };
}

/** Writes the new files beside the old ones, checks them, and moves each over its old one. */
async function replaceAll(host: Host, writes: readonly WriteAction[], directory: string): Promise<void> {
  const waiting = `${directory}/${WAITING}`;
  const relative = writes.map(({ path }) => path.slice(directory.length + 1));
  const folders = new Set(relative.filter((path) => path.includes("/")).map((path) => path.split("/")[0]));
  await host.perform({ do: "remove", path: waiting });
  try {
    for (const folder of ["", ...folders]) {
      await host.perform({ do: "mkdir", path: folder === "" ? waiting : `${waiting}/${folder}`, mode: 0o755 });
    }
    await inTurns(writes, (action, index) => host.perform({ ...action, path: `${waiting}/${relative[index]}` }));
    await checkAll(host, relative.map((path) => `${waiting}/${path}`));
    // One rename each: whoever reads sees the old or the new file.
    const script = 'cd "$1" && while IFS= read -r name; do mv -f -- "$1/$2/$name" "$1/$name" || exit 1; done';
    const { code, stderr } = await host.run(["sh", "-c", script, "sh", directory, WAITING], {
      stdin: relative.map((path) => `${path}\n`).join(""),
    });
    if (code !== 0) throw new ModuleError(`the new rules cannot be moved to ${directory}: ${stderr.trim()}`);
  } finally {
    await host.perform({ do: "remove", path: waiting });
  }
}

/** promtool's word on all files, where the host has it. */
async function checkAll(host: Host, paths: readonly string[]): Promise<void> {
  const promtool = await host.which("promtool");
  if (promtool === undefined) return;
  for (let at = 0; at < paths.length; at += AT_A_TIME) {
    const { code, stdout, stderr } = await host.run([promtool, "check", "rules", ...paths.slice(at, at + AT_A_TIME)]);
    if (code === 0) continue;
    const said = `${stdout}\n${stderr}`.split("\n").filter((line) => !/SUCCESS|^Checking|^$/.test(line.trim()));
    throw new ModuleError(
      `promtool refuses the new rules, the old ones stay: ${said.join("\n").replaceAll(`/${WAITING}`, "").trim()}`,
    );
  }
}

async function reload(host: Host, args: Args, signal: AbortSignal): Promise<string | undefined> {
  const answer = args.reload === "signal"
    ? await reloadBySignal(host, args.service, baseUrl(args), signal)
    : await reloadByHttp(host, baseUrl(args), signal);
  return typeof answer === "object" ? answer.refused : answer === "unreachable" ? answer : undefined;
}

/** Does something with each, some at a time. */
async function inTurns<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < items.length; at += AT_A_TIME) {
    done.push(...await Promise.all(items.slice(at, at + AT_A_TIME).map((item, index) => work(item, at + index))));
  }
  return done;
}
