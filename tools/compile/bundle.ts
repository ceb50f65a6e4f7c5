/**
 * The program as a folder of JavaScript files that need nothing but Deno: the same bytes wherever it was built.
 *
 * @module
 */

import { join } from "node:path";

/** The bundle's entry. */
export const ENTRY = "main.js";

/** What native code would be loaded by; all of it is optional. */
const EXTERNAL = ["cpu-features", "*.node"];

/** Packages that are CommonJS ask for it. */
const DIRNAME = "globalThis.__dirname ??= import.meta.dirname;\n";

/**
 * Environment variables that the starter sets for Deno. Programs that aami starts shall not see them, so they become
 * what they were.
 */
const RESTORE = `for (const name of ["DENO_DIR", "DENO_NO_UPDATE_CHECK"]) {
  const before = Deno.env.get("AAMI_OUTER_" + name);
  Deno.env.delete("AAMI_OUTER_" + name);
  if (before) Deno.env.set(name, before);
  else if (before === "") Deno.env.delete(name);
}
`;

/** Bundles the staged sources into a new folder. */
export async function bundle(staged: string, folder: string): Promise<void> {
  const raw = join(staged, ".bundle");
  const externals = EXTERNAL.map((name) => `--external=${name}`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=deno", "--code-splitting", ...externals, "--outdir", raw, "main.ts"],
    cwd: staged,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  if (!success) throw new Error(`deno bundle failed:\n${new TextDecoder().decode(stderr)}`);
  const texts = new Map<string, string>();
  for await (const { name } of Deno.readDir(raw)) texts.set(name, await Deno.readTextFile(join(raw, name)));
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of settled(texts)) await Deno.writeTextFile(join(folder, name), text);
}

/**
 * The files of a bundle under names that do not depend on where it was built: the bundler's hashes and comments have the
 * paths of the build machine in them.
 */
export function settled(texts: ReadonlyMap<string, string>): Map<string, string> {
  const names = orderedNames(texts);
  const result = new Map<string, string>();
  for (const [name, short] of names) {
    const renamed = texts.get(name)!.replaceAll(REFERENCE, (_, file) => `"./${names.get(file) ?? file}"`);
    const text = lazily(renamed.replaceAll(PACKAGE_PATH, "npm/"));
    const needsFolder = /\b__(?:dirname|filename)\b/.test(text);
    result.set(short, (needsFolder ? DIRNAME : "") + (short === ENTRY ? RESTORE : "") + text);
  }
  return result;
}

/**
 * What loads parts of Node at the start that `--help` and `version` do without, a third of what they take; each is
 * loaded when it is used.
 */
const LAZY: readonly (readonly [RegExp, string])[] = [
  [
    /^import (\w+) from "node:(fs|child_process)";$/gm,
    'var $1 = new Proxy({}, { get: (_, key) => globalThis.process.getBuiltinModule("node:$2")[key] });',
  ],
  [/^import \{ createRequire as __deno_internal_createRequire \} from "node:module";$/gm, "var __realRequire;"],
  [
    /^var __require = __deno_internal_createRequire\(import\.meta\.url\);$/gm,
    'var __require = (id) => (__realRequire ??= globalThis.process.getBuiltinModule("node:module")' +
    ".createRequire(import.meta.url))(id);",
  ],
];

/** Deno reads all that an `import("…")` names before it starts; it cannot tell what this one names. */
const LOAD = "function __load(path) {\n  return import(path);\n}\n";

function lazily(text: string): string {
  const changed = LAZY.reduce((before, [pattern, by]) => before.replaceAll(pattern, by), text);
  const loading = changed.replaceAll(/\bimport\((?="\.\/)/g, "__load(");
  return loading === changed ? changed : loading + LOAD;
}

/** How one file of a bundle names another. */
const REFERENCE = /"\.\/([^"/]+\.js)"/g;

/** Where the bundler found a package, in comments and in the names of CommonJS modules. */
const PACKAGE_PATH = /(?:\.\.\/)+[^"\n]*?\/npm\/[^/"\n]+\//g;

/** The files in the order in which they are named, from the entry on, each with its stem and a number. */
function orderedNames(texts: ReadonlyMap<string, string>): Map<string, string> {
  const names = new Map([[ENTRY, ENTRY]]);
  for (const name of names.keys()) {
    for (const [, file] of texts.get(name)!.matchAll(REFERENCE)) {
      if (names.has(file) || !texts.has(file)) continue;
      names.set(file, `${file.replace(/(?:-[A-Z0-9]{8})?\.js$/, "")}-${String(names.size).padStart(2, "0")}.js`);
    }
  }
  return names;
}
