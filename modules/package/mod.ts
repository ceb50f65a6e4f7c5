/** Installs, upgrades and removes packages of the host's own package manager. */

import { defineModule, type Module, ModuleError } from "../../engine/module/module.ts";
import { choice, flag, integer, list, text } from "../../engine/module/schema.ts";
import { z } from "../../engine/support/zod.ts";
import { aliased } from "../_shared/arguments.ts";
import { inspectPackages, type PackagesState } from "./inspect.ts";
import { planPackages } from "./plan.ts";

const schema = aliased(
  z.strictObject({
    name: list(text()).default([]).describe(
      "Packages; on apt (with globs) and zypper `NAME=VERSION` asks for a version, on dnf `NAME-VERSION`. A path is that of a package file on the host.",
    ),
    state: choice("present", "installed", "latest", "absent", "removed").default("present").describe(
      "`present` installs what is missing, `latest` also upgrades, `absent` removes.",
    ),
    use: choice("auto", "apt", "dnf", "zypper").default("auto").describe(
      "The package manager; `auto` takes the host's own.",
    ),
    update_cache: flag().default(false).describe("Read the repositories again first. That alone is never a change."),
    cache_valid_time: integer({ min: 0 }).default(0).describe(
      "With apt: leave the index alone when it is younger than this many seconds. Implies `update_cache`.",
    ),
    install_recommends: flag().optional().describe(
      "With apt and zypper: whether recommended packages are installed too; the host's own setting unless said otherwise.",
    ),
    default_release: text().optional().describe("With apt: the release to install from, e.g. `bookworm-backports`."),
    allow_downgrade: flag().default(false).describe("Whether a wanted version may be older than the installed one."),
    allow_change_held_packages: flag().default(false).describe("With apt: whether held packages may change."),
    disable_gpg_check: flag().default(false).describe("With dnf and zypper: take packages that are not signed."),
    purge: flag().default(false).describe("With apt and `absent`: remove configuration files too."),
    autoremove: flag().default(false).describe("Also remove what was installed for others and is needed no longer."),
  }),
  { pkg: "name", package: "name", "update-cache": "update_cache", allow_downgrades: "allow_downgrade" },
);

/** The arguments of the package module. */
export type PackageArgs = z.output<typeof schema>;

/** What the repositories or the network may give on a second try. */
const RETRYABLE =
  /Could not get lock|Temporary failure|Failed to fetch|Unable to fetch|Failed to download|Cannot download|Curl error/;

/** The `package` module. */
export default defineModule<PackageArgs, PackagesState>({
  name: "package",
  summary: "Installs, upgrades and removes packages with apt, dnf or zypper",
  args: schema,
  freeForm: "name",
  examples: [
    { name: "Install two packages", args: "name: [jq, tree]\nupdate_cache: true\ncache_valid_time: 3600" },
    { name: "A certain version", args: "name: datacenter-gpu-manager-4-core=1:4.2*\nallow_downgrade: true" },
    { name: "From a file on the host", args: "name: /var/cache/site/nvidia-imex_580.82.07-1_amd64.deb" },
    { name: "Remove, with configuration files", args: "name: snmpd\nstate: absent\npurge: true" },
  ],
  inspect: inspectPackages,
  plan: planPackages,
  async apply(host, plan) {
    for (const action of plan.actions) {
      if (action.do !== "run") continue;
      // A driver or a toolkit is some gigabytes: more than the time that a command may usually take.
      const { code, stdout, stderr } = await host.run(action.argv, { ...action, timeout: 3600 });
      if ((action.accept ?? [0]).includes(code)) continue;
      const said = stderr.trim().slice(-2000) || stdout.trim().slice(-2000);
      throw new ModuleError(`${verb(action.argv)} failed: ${said.replace(/^E: /gm, "")}`, {
        retryable: RETRYABLE.test(said),
        result: { rc: code, stdout, stderr },
      });
    }
    return plan.result;
  },
}) as Module<PackageArgs, PackagesState>;

/** `apt-get install jq tree` of a command line full of options. */
function verb(argv: readonly string[]): string {
  const at = argv.findIndex((word) => /^(install|downgrade|remove|purge|update|makecache|refresh)$/.test(word));
  return [argv[0], ...argv.slice(at).filter((word) => !word.startsWith("-"))].join(" ");
}
