/**
 * `slurp`: the content of a file of the host, for `register`.
 *
 * @module
 */

import type { FileStat } from "../../engine/host/host.ts";
import { defineModule, type Module, ModuleError, nothingToDo } from "../../engine/module/module.ts";
import { path } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";

const schema = z.strictObject({
  src: path().describe("The file on the host; a link is followed. Other name: `path`."),
});

type Args = z.output<typeof schema>;

/** What `slurp` found. */
export interface State {
  /** What the file holds. */
  readonly content?: Uint8Array;
  /** What lies there instead of a file. */
  readonly type?: FileStat["type"];
}

/** The `slurp` module. */
export default defineModule<Args, State>({
  name: "slurp",
  summary: "The content of a file of the host, in base64",
  args: aliased(schema, { path: "src" }),
  examples: [
    { name: "The host's key", args: "src: /etc/ssh/ssh_host_ed25519_key.pub" },
  ],
  onlyLooks: () => true,
  async inspect(host, { src }) {
    const content = await host.read(src);
    return content ? { content } : { type: (await host.stat(src, { follow: true }))?.type };
  },
  plan({ content, type }, { src }) {
    if (content) return nothingToDo({ content: content.toBase64(), encoding: "base64", source: src });
    throw new ModuleError(type ? `${src} is a ${type}, not a file` : `there is no file at ${src} on the host`);
  },
}) as Module<Args, State>;
