/**
 * Puts the files of a case on the disk.
 *
 * @module
 */

/** Runs an action in a new directory with these files; scripts are made executable. */
export async function withFiles<T>(files: Readonly<Record<string, string>>, action: (root: string) => Promise<T>) {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "aami-inventory-" }));
  try {
    for (const [path, text] of Object.entries(files)) {
      const full = `${root}/${path}`;
      await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(full, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
    }
    return await action(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
