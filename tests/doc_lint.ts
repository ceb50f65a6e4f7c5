/**
 * Runs `deno doc --lint` over every source file but the tests. It also follows what is re-exported from packages; what
 * it finds there is not ours to mend and is left out.
 *
 * @module
 */

const FOLDERS = ["engine", "modules", "cluster", "cli", "tools"];

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (path.endsWith(".ts")) found.push(path);
  }
  return found.sort();
}

const files = ["main.ts", ...(await Promise.all(FOLDERS.map(sources))).flat()];
const { stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...files],
  env: { NO_COLOR: "1" },
  stdout: "null",
  stderr: "piped",
}).output();
const findings = new TextDecoder().decode(stderr).split(/(?=^error\[)/m).filter((part) => part.startsWith("error["));
/** The lint takes every type of a package for a private one, and so what is derived from a module's schema. */
const ofPackages =
  /references private type '(ZodType|ZodObject|ZodDefault|ZodString|ZodNumber|\$ZodIssue|\$RefinementCtx|Command|Tree|SyntaxNode|output|schema|\w+Schema)'/;
const ours = findings.filter((finding) => finding.includes(`--> ${Deno.cwd()}/`) && !ofPackages.test(finding));
for (const finding of ours) console.error(finding.trimEnd(), "\n");
console.log(`deno doc --lint: ${files.length} files, ${ours.length} findings`);
Deno.exit(ours.length === 0 ? 0 : 1);
