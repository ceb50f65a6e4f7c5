/**
 * `git`: a repository cloned to the host, at a branch, tag or commit.
 *
 * @module
 */

import { defineModule, type Module, ModuleError } from "../../engine/module/module.ts";
import { flag, integer, path, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { inspect, type State } from "./inspect.ts";
import { planGit } from "./plan.ts";
import { lastLine, mayPass } from "./remote.ts";

/** Seconds that one command of git may take: a large repository over a slow line. */
const LIMIT = 3600;

const schema = z.strictObject({
  repo: text().refine((repo) => repo !== "" && !repo.startsWith("-"), "'repo' is a URL or a path on the host").describe(
    "The repository: a URL (https, ssh, git), `user@host:path`, or a path on the host. A user and password in it are used and not stored on the host.",
  ),
  dest: path().describe("The directory to clone into; it and its parents are made."),
  version: text().refine((version) => version !== "" && !/^-|\s/.test(version), "'version' is a branch, tag or commit")
    .default("HEAD").describe(
      "A branch, a tag, or all 40 digits of a commit; `HEAD` is the remote's own branch.",
    ),
  force: flag().default(false).describe("Whether files of the repository that were changed on the host may be lost."),
  depth: integer({ min: 1 }).optional().describe("Fetch only so many commits of the history."),
  update: flag().default(true).describe("Whether a clone that is there follows its remote."),
  clone: flag().default(true).describe("Whether to clone where nothing is; `false` only tells what the remote has."),
  bare: flag().default(false).describe("A repository without files to work on."),
  remote: text().refine((name) => /^[\w.][\w./-]*$/.test(name), "'remote' is the name of a remote").default("origin")
    .describe("The name of the remote."),
  single_branch: flag().default(false).describe("Clone only the history of one branch."),
  accept_hostkey: flag().default(false).describe(
    "Over ssh: whether an unknown host key is taken and remembered. One that has changed is refused always.",
  ),
  key_file: path().optional().describe("Over ssh: the private key on the host."),
  recursive: flag().default(true).describe("Whether submodules are cloned too."),
}).superRefine(({ repo, bare, force }, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  if (/^(\.{1,2}\/|~)/.test(repo)) {
    refuse("repo", `a repository on the host is an absolute path, got '${repo}'`);
  }
  if (bare && force) refuse("force", "a bare repository has no files that could have been changed: leave out 'force'");
});

/** The arguments of `git`. */
export type GitArgs = z.output<typeof schema>;

/** The `git` module. */
export default defineModule<GitArgs, State>({
  name: "git",
  summary: "A git repository on the host, at a branch, tag or commit",
  args: aliased(schema, { name: "repo", key: "key_file" }),
  examples: [
    {
      name: "A release",
      args: "repo: https://github.com/NVIDIA/nccl-tests.git\ndest: /opt/nccl-tests\nversion: v2.13.10\ndepth: 1",
    },
    {
      name: "A branch over ssh",
      args:
        "repo: git@git.example.com:ops/prologs.git\ndest: /srv/prologs\nversion: production\nkey_file: /etc/deploy/key",
    },
  ],
  reach: (args) => [`path:${args.dest}`],
  inspect,
  plan: planGit,
  async apply(host, plan) {
    for (const action of plan.actions) {
      if (action.do !== "run") continue;
      const { code, stderr } = await host.run(action.argv, { environment: action.environment, timeout: LIMIT });
      if (code === 0) continue;
      const verb = action.argv.find((word) => /^(clone|fetch|checkout|reset|remote|config|submodule)$/.test(word));
      throw new ModuleError(`git ${verb}: ${lastLine(stderr)}`, { retryable: mayPass(stderr) });
    }
    return {};
  },
}) as Module<GitArgs, State>;
