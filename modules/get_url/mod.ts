/**
 * `get_url`: a file downloaded to the host. The request leaves from the host, the content is checked on the controller
 * before it replaces anything.
 *
 * @module
 */

import { type Change, defineModule, type Module, performActions, type Plan } from "../../engine/module/module.ts";
import { flag, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased, destination, ownershipArguments } from "../_shared/arguments.ts";
import { fileResult, type FileState, ownershipActions, planFile, planOwnership } from "../_shared/files.ts";
import { httpUrl, requestArguments, timeoutArgument, withoutSecrets } from "../_shared/http.ts";
import { inspectTarget } from "../_shared/target.ts";
import { type Checksum, CHECKSUM_PATTERN, hashOnHost, wantedChecksum } from "./checksum.ts";
import { download } from "./download.ts";

const schema = z.strictObject({
  url: httpUrl().describe("The http or https URL."),
  dest: destination().describe("The file to write. In a directory it takes the name that the URL ends with."),
  checksum: text().refine((value) => value === "" || CHECKSUM_PATTERN.test(value), {
    error: ({ input }) =>
      `expected ALGORITHM:DIGEST or ALGORITHM:URL (sha256, sha1, sha224, sha384, sha512, md5), got '${input}'`,
  }).optional().describe(
    "What the file must be: `sha256:DIGEST`, or `sha256:URL` of a list as sha256sum writes it. With it a file that is there already is checked, and a download that differs is refused.",
  ),
  force: flag().default(false).describe("Download even if the file is there and there is no checksum to check it by."),
  ...ownershipArguments,
  ...requestArguments,
  timeout: timeoutArgument(10).describe("Seconds without anything from the server after which it is given up."),
  backup: flag().default(false).describe("Keep the old file beside the new one, with the time in its name."),
}).superRefine((args, context) => {
  if (args.dest.endsWith("/") && nameOf(args.url) === "") {
    context.addIssue({
      code: "custom",
      path: ["dest"],
      message: "the URL ends without a name: 'dest' must be the path of a file",
    });
  }
});

/** The arguments of `get_url`. */
export type GetUrlArgs = z.output<typeof schema>;

/** What `get_url` found. */
export interface State {
  /** What lies where the download goes. */
  readonly file: FileState;
  /** What the file must be. */
  readonly checksum?: Checksum;
  /** What it is, by the same algorithm. */
  readonly digest?: string;
}

/** The name that a URL ends with. */
export function nameOf(url: string): string {
  const path = URL.parse(url)?.pathname ?? "";
  return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
}

function plan({ file, checksum, digest }: State, args: GetUrlArgs): Plan {
  const { path, stat } = file;
  const url = withoutSecrets(args.url);
  const old = stat?.type === "file" ? stat : undefined;
  const right = checksum ? digest === checksum.digest : !args.force;
  if (old && right) {
    const { changes, ownership } = planOwnership(path, old, args);
    const after = { mode: ownership.mode ?? old.mode, size: old.size, sha256: file.sha256 ?? "" };
    return {
      changes,
      actions: ownershipActions(path, ownership),
      result: { ...fileResult(path, old, args, after), url },
    };
  }
  // What will be written is not known yet; where it goes and whose it will be is: planned with nothing in it.
  const { changes, result: { size: _, checksum: __, ...result } } = planFile({ ...file, before: undefined }, {
    ...args,
    content: "",
  });
  const expected = checksum ? `, ${checksum.algorithm} ${checksum.digest}` : "";
  const before = old ? `${old.size} bytes, sha256 ${file.sha256}` : "";
  const content: Change = { path, what: "content", before, after: `downloaded from ${url}${expected}` };
  const others = changes.filter((change) => change.what !== "content");
  const touches = [{ key: `path:${path}` }];
  return { changes: [...others, content], actions: [], result: { ...result, url }, touches };
}

/** The `get_url` module. */
export default defineModule<GetUrlArgs, State>({
  name: "get_url",
  summary: "A file downloaded to the host, checked before it replaces the old one",
  args: aliased(schema, { username: "url_username", password: "url_password" }),
  examples: [
    {
      name: "A release with its sums",
      args:
        'url: https://example.org/v1.9.1/node_exporter-1.9.1.linux-amd64.tar.gz\ndest: /opt/downloads/\nchecksum: "sha256:https://example.org/v1.9.1/sha256sums.txt"\nmode: "0644"',
    },
  ],
  reach: (args) => [`path:${args.dest}`],
  async inspect(host, args, signal): Promise<State> {
    const [file, checksum] = await Promise.all([
      inspectTarget(host, { ...args, follow: true, name: nameOf(args.url) || undefined }),
      wantedChecksum(host, args, signal),
    ]);
    return { file, checksum, digest: checksum && await hashOnHost(host, file, checksum.algorithm) };
  },
  plan,
  async apply(host, plan, args, signal) {
    if (!plan.changes.some((change) => change.what === "content")) return await performActions(host, plan);
    return await download(host, String(plan.result.dest), args, signal);
  },
}) as Module<GetUrlArgs, State>;
