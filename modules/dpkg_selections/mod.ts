/** What dpkg is to do with a package: above all, to hold it as it is. */

import { defineModule, type Module, ModuleError, nothingToDo } from "../../engine/module/module.ts";
import { choice, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";

const schema = z.strictObject({
  name: text().refine((name) => /^[a-z0-9][a-z0-9+.-]*(:[a-z0-9]+)?$/.test(name), {
    message: "'name' is the name of one package, with its architecture behind a colon if need be",
  }).describe("The package."),
  selection: choice("install", "hold", "deinstall", "purge").describe(
    "`hold` keeps it at its version, `install` lets it go. The others are wishes that only dselect follows.",
  ),
});

type Args = z.output<typeof schema>;

/** What `dpkg_selections` found. */
export interface State {
  /** Undefined where dpkg does not know the package. */
  readonly selection?: string;
}

/** The `dpkg_selections` module. */
export default defineModule<Args, State>({
  name: "dpkg_selections",
  summary: "Holds packages of dpkg at their version",
  args: schema,
  examples: [
    { name: "The driver stays as it is", args: "name: nvidia-driver\nselection: hold" },
    { name: "It may be upgraded again", args: "name: nvidia-driver\nselection: install" },
  ],
  async inspect(host, { name }) {
    const query = ["dpkg-query", "-W", "-f", "${db:Status-Want}\\n", "--", name];
    const [answer, found] = await Promise.all([
      // Not the package itself: what an earlier task installs is known, and is not held.
      host.probe(query, { reads: [`selection:${name}`] }),
      host.package(name, { candidate: false }),
    ]);
    const selection = answer.code === 0 ? answer.stdout.split("\n")[0] : "unknown";
    return selection !== "unknown" ? { selection } : found.installed ? { selection: "install" } : {};
  },
  plan({ selection }, args) {
    const { name } = args;
    if (selection === undefined) {
      throw new ModuleError(`dpkg knows no package '${name}': install it first, with the module 'package'`);
    }
    const result = { name, before: selection, after: args.selection };
    if (selection === args.selection) return nothingToDo(result);
    return {
      changes: [{ path: `package ${name}`, what: "selection", before: selection, after: args.selection }],
      actions: [{ do: "run", argv: ["dpkg", "--set-selections"], stdin: `${name} ${args.selection}\n` }],
      result,
      // What apt would do with the package is another thing now; what is installed is not.
      touches: [{ key: `selection:${name}` }],
    };
  },
}) as Module<Args, State>;
