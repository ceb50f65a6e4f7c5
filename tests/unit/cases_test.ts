/**
 * Turns every file of `tests/cases/MODULE/` into a test: arguments through the module's schema, then `plan` on a state,
 * no host involved. A file holds
 *
 * ```yaml
 * args: { path: /etc/motd, mode: "0600" }
 * state: { path: /etc/motd, stat: !stat { mode: 0o644 } }
 * plan:
 *   changes: [{ path: /etc/motd, what: mode, before: "0644", after: "0600" }]
 * ```
 *
 * Of `plan` only the keys that are written are compared; `error` instead of them is the exact message. Tags stand for
 * what YAML cannot say: `!stat` a FileStat with defaults, `!bytes` and `!base64` bytes, `!map` a Map, `!sha256` the
 * digest of a text, `!source`, `!tree` and `!rendered` resolved sources.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { createHash } from "node:crypto";
import { parse, type YAMLMap } from "yaml";
import type { FileStat } from "../../engine/host/host.ts";
import { type Module, ModuleError, type Plan } from "../../engine/module/module.ts";
import type { FileSource, RenderedSource, TreeSource } from "../../engine/module/schema.ts";
import { registry } from "../../modules/registry.ts";

interface Case {
  readonly args: unknown;
  readonly state: unknown;
  readonly plan: Partial<Plan> & { readonly error?: string };
}

const encoder = new TextEncoder();

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function stat(given: Partial<FileStat>): FileStat {
  const numbers = { uid: 0, gid: 0, size: 0, mtime: 0, atime: 0, ctime: 0, inode: 1, device: 1, links: 1 };
  const type = given.type ?? (given.target === undefined ? "file" : "link");
  const mode = { directory: 0o755, link: 0o777 }[type as string] ?? 0o644;
  return { type, mode, owner: "root", group: "root", ...numbers, ...given };
}

/** A source without its digest and size: a content as text stands for its bytes. */
type GivenSource = Partial<Omit<FileSource, "content">> & { readonly content?: string | FileSource["content"] };

function source(given: GivenSource): FileSource {
  const content = typeof given.content === "string" ? encoder.encode(given.content) : given.content ?? new Uint8Array();
  const facts = "local" in content
    ? { size: content.size, sha256: content.sha256 }
    : { size: content.length, sha256: sha256(content) };
  return { kind: "file", path: "/site/files/source", mode: 0o644, ...facts, ...given, content };
}

function tree(given: Partial<TreeSource>): TreeSource {
  const files = (given.files ?? []).map((file) => ({ ...source(file), relative: file.relative }));
  return { kind: "tree", path: "/site/files/tree", contentsOnly: false, directories: [], ...given, files };
}

function rendered(given: Partial<RenderedSource>): RenderedSource {
  return { kind: "rendered", path: "/site/templates/template.hbs", text: "", ...given };
}

/** A tag on a mapping. */
function mapTag<T>(tag: string, make: (given: T) => unknown) {
  return { tag, collection: "map" as const, resolve: (node: unknown) => make((node as YAMLMap).toJSON() as T) };
}

const customTags = [
  mapTag("!stat", stat),
  mapTag("!source", source),
  mapTag("!tree", tree),
  mapTag("!rendered", rendered),
  mapTag("!map", (given: Record<string, unknown>) => new Map(Object.entries(given))),
  { tag: "!bytes", resolve: (text: string) => encoder.encode(text) },
  { tag: "!base64", resolve: (text: string) => Uint8Array.fromBase64(text) },
  { tag: "!sha256", resolve: (text: string) => sha256(text) },
];

/** The plan of a case, or the message it fails with. */
function planOf(module: Module, { args, state }: Case): Plan | string {
  const parsed = module.args.safeParse(args);
  if (!parsed.success) return parsed.error.issues.map((issue) => issue.message).join("\n");
  try {
    return module.plan(state, parsed.data);
  } catch (error) {
    if (error instanceof ModuleError) return error.message;
    throw error;
  }
}

function check(module: Module, text: string): void {
  const found = parse(text, { customTags }) as Case;
  deepStrictEqual(Object.keys(found).filter((key) => !["args", "state", "plan"].includes(key)), [], "unknown keys");
  const plan = planOf(module, { ...found, state: found.state ?? undefined });
  const { error, ...expected } = found.plan;
  if (error !== undefined || typeof plan === "string") {
    strictEqual(typeof plan === "string" ? plan : "(no error)", error ?? "(no error)");
    return;
  }
  ok(Object.keys(expected).length > 0, "the case expects nothing");
  for (const key of Object.keys(expected) as (keyof Plan)[]) deepStrictEqual(plan[key], expected[key], key);
}

function names(directory: URL): string[] {
  try {
    return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const cases = new URL("../cases/", import.meta.url);

for (const [name, load] of Object.entries(registry)) {
  const folder = new URL(`${name}/`, cases);
  const files = names(folder).filter((file) => file.endsWith(".yaml"));

  Deno.test(`module ${name} has cases`, () => ok(files.length > 0));

  Deno.test(`module ${name}: its examples are valid arguments`, async () => {
    const module = (await load()).default;
    ok(module.examples.length > 0, "there is no example");
    for (const example of module.examples) checkExample(module, example.args);
  });

  for (const file of files) {
    Deno.test(`${name}: ${file.slice(0, -".yaml".length).replaceAll("-", " ")}`, async () => {
      check((await load()).default, await Deno.readTextFile(new URL(file, folder)));
    });
  }
}

/** An example names sources by path; the engine would resolve them, here an empty one stands in. */
function checkExample(module: Module, text: string): void {
  const written = parse(text) as unknown;
  const args = typeof written === "string" && module.freeForm
    ? { [module.freeForm]: written }
    : written as Record<string, unknown>;
  const given = [args, { ...args, src: source({}) }, { ...args, src: rendered({}) }];
  const results = given.map((candidate) => module.args.safeParse(candidate));
  if (results.some((result) => result.success)) return;
  throw new Error(`${text}\n${results[0].error?.issues.map((issue) => issue.message).join("\n")}`);
}

Deno.test("the registry lists the folders of modules", () => {
  const folders = names(new URL("../../modules/", import.meta.url)).filter((name) => !/^_|\./.test(name));
  deepStrictEqual(folders, Object.keys(registry).sort());
});

Deno.test("every folder of tests/cases belongs to a module", () => {
  deepStrictEqual(names(cases).filter((name) => !(name in registry)), []);
});
