/**
 * The files of a new module, which keeps one line in a file: enough to see where what the module does will go.
 *
 * @module
 */

/** The files by path. */
export function moduleFiles(name: string): Record<string, string> {
  return {
    [`modules/${name}/mod.ts`]: moduleText(name),
    [`tests/cases/${name}/what-is-right-stays.yaml`]: `args: { path: /etc/example, line: a }
state: { content: "a\\n" }
plan: { changes: [], actions: [], result: { path: /etc/example } }
`,
    [`tests/cases/${name}/a-file-that-differs-is-written.yaml`]: `args: { path: /etc/example, line: a }
state: { content: "b\\n" }
plan:
  changes: [{ path: /etc/example, what: content, before: "b\\n", after: "a\\n" }]
  actions: [{ do: write, path: /etc/example, content: "a\\n" }]
`,
    [`tests/fleet/modules/${name}_test.ts`]: `import { testModule } from "./harness.ts";

testModule("${name}", [
  { name: "a file is made", args: "path: /tmp/${name}-example\\nline: a", result: { path: "/tmp/${name}-example" } },
]);
`,
  };
}

function moduleText(name: string): string {
  return `/**
 * \`${name}\`: say in a sentence what it keeps as it should be.
 *
 * @module
 */

import { defineModule, type Module } from "../../engine/module/module.ts";
import { path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";

const schema = z.strictObject({
  path: path().describe("The file."),
  line: text().describe("What it holds."),
});

type Args = z.output<typeof schema>;

/** What \`${name}\` found. */
export interface State {
  /** What the file holds; undefined where there is none. */
  readonly content?: string;
}

/** The \`${name}\` module. */
export default defineModule<Args, State>({
  name: "${name}",
  summary: "Keeps a line in a file: say here what the module does",
  args: schema,
  examples: [{ name: "A file of one line", args: "path: /etc/example\\nline: hello" }],
  // Reads the host, and nothing else.
  async inspect(host, args) {
    const bytes = await host.read(args.path);
    return bytes === undefined ? {} : { content: new TextDecoder().decode(bytes) };
  },
  // Decides from what was found and the arguments alone; its actions are carried out in order.
  plan({ content }, args) {
    const wanted = \`\${args.line}\\n\`;
    const result = { path: args.path };
    if (content === wanted) return { changes: [], actions: [], result };
    return {
      changes: [{ path: args.path, what: "content", before: content ?? "", after: wanted }],
      actions: [{ do: "write", path: args.path, content: wanted }],
      result,
    };
  },
}) as Module<Args, State>;
`;
}

/** The registry with one more line, in its place by name. */
export function registryWith(text: string, name: string): string {
  const lines = text.split("\n");
  const line = `  ${name}: () => import("./${name}/mod.ts"),`;
  const entry = /^ {2}(\w+): \(\) => import\(/;
  const at = lines.findIndex((each) => (entry.exec(each)?.[1] ?? "") > name);
  const last = lines.findLastIndex((each) => entry.test(each)) + 1;
  lines.splice(at === -1 ? last : at, 0, line);
  return lines.join("\n");
}
