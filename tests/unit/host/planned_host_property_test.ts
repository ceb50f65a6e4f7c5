import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import type { Action } from "../../../engine/host/action.ts";
import { type FileStat, HostError, type ReadOnlyHost } from "../../../engine/host/host.ts";
import { PlannedState } from "../../../engine/host/planned_state.ts";
import type { RemoteHost } from "../../../engine/host/remote_host.ts";
import { onThisMachine } from "./local_host.ts";

type Change = Exclude<Action, { do: "run" }>;

const names = fc.constantFrom("a", "b", "c d", "é'$x");
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const modes = fc.constantFrom(0o644, 0o600, 0o755, 0o4755, 0o2755, 0o1777, 0o2644);
const owners = fc.constantFrom("root", "daemon", "2", "4711");
const ownership = fc.record({ mode: modes, owner: owners, group: owners }, { requiredKeys: [] });
const content = fc.constantFrom("", "one\n", "two", "ö\0x");
const targets = fc.oneof(paths, paths.map((path) => `../${path}`), paths.map((path) => `/BASE/${path}`));
const time = fc.constantFrom(1000, 86400, "now" as const);

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ do: fc.constant("write" as const), path: paths, content }).chain(withOwnership),
  fc.record({ do: fc.constant("mkdir" as const), path: paths }).chain(withOwnership),
  fc.record({ do: fc.constant("link" as const), path: paths, target: targets }),
  fc.record({ do: fc.constant("remove" as const), path: paths }),
  fc.record({ do: fc.constant("ownership" as const), path: paths }).chain(withOwnership),
  fc.record({ do: fc.constant("ownership" as const), path: paths, recursive: fc.constant(true), owner: owners }),
  fc.record({ do: fc.constant("times" as const), path: paths, mtime: time, atime: time }),
);

function withOwnership<T extends object>(action: T) {
  return ownership.map((rest) => ({ ...action, ...rest }));
}

/** An action as it is below a directory. */
function below(base: string, change: Change): Change {
  const path = `${base}/${change.path}`;
  return change.do === "link" ? { ...change, path, target: change.target.replace("/BASE", base) } : { ...change, path };
}

/** What of a stat a plan can know. */
function known(stat: FileStat | undefined, base: string): unknown {
  if (!stat) return undefined;
  const { type, mode, uid, gid, owner, group, size, mtime, target, realPath } = stat;
  const place = (path: string | undefined) => path?.replaceAll(base, "BASE");
  const common = { type, mode, uid, gid, owner, group, target: place(target), realPath: place(realPath) };
  // A link's text is as long as the base in it; a directory's size and time are the file system's.
  return type === "file" ? { ...common, size, mtime: mtime > 100_000 ? "recent" : mtime } : common;
}

/** Everything that can be seen of some paths. */
async function survey(host: ReadOnlyHost, base: string, seen: readonly string[]): Promise<unknown> {
  const guard = <T>(reading: Promise<T>) =>
    reading.catch((error) => error instanceof HostError ? "refused" : Promise.reject(error));
  const look = (path: string) =>
    Promise.all([
      guard(host.stat(path).then((stat) => known(stat, base))),
      guard(host.stat(path, { follow: true }).then((stat) => known(stat, base))),
      guard(host.read(path).then((content) => content && Array.from(content))),
      guard(host.hash(path)),
      guard(host.list(path)),
      guard(host.tree(path).then((tree) => tree && [...tree].map(([name, stat]) => [name, known(stat, base)]))),
    ]);
  return Object.fromEntries(
    await Promise.all(seen.map(async (path) => [path, await look(path === "" ? base : `${base}/${path}`)])),
  );
}

async function perform(host: RemoteHost, change: Change): Promise<boolean> {
  try {
    await host.perform(change);
    return true;
  } catch (error) {
    if (error instanceof HostError) return false;
    throw error;
  }
}

Deno.test("a planned host answers as the real one does once the plans are carried out", async () => {
  await onThisMachine(async ({ host, directory }) => {
    let run = 0;
    const property = fc.asyncProperty(
      fc.array(changes, { maxLength: 8 }),
      fc.array(changes, { minLength: 1, maxLength: 8 }),
      async (before, planned) => {
        const [checked, applied] = ["check", "apply"].map((kind) => `${directory}/${kind}${++run}`);
        for (const base of [checked, applied]) {
          await host.perform({ do: "mkdir", path: base, mode: 0o755 });
          for (const change of before) await perform(host, below(base, change));
        }
        const state = new PlannedState();
        for (const change of planned) {
          // One that would fail at apply is no plan that a module makes.
          if (await perform(host, below(applied, change))) state.add([below(checked, change)]);
        }
        const seen = ["", "nothing", ...new Set([...before, ...planned].map((change) => change.path))];
        const wrapped = state.wrap(host);
        deepStrictEqual(await survey(wrapped, checked, seen), await survey(host, applied, seen));
        deepStrictEqual(wrapped.uncertain, false);
      },
    );
    await fc.assert(property, { numRuns: Number(Deno.env.get("AAMI_PROPERTY_RUNS") ?? 25) });
  });
});
