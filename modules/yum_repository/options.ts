/**
 * The options of a repository, by Ansible's names, which are those of the file.
 *
 * @module
 */

import { choice, flag, list, text } from "../../engine/module/schema.ts";
import type { z } from "../../engine/support/zod.ts";
import { withoutLineBreak } from "../_shared/text_file.ts";

const word = (name: string, says: string): z.ZodOptional<z.ZodType<string>> =>
  text().refine(...withoutLineBreak(name)).optional().describe(says);
const yesNo = (says: string): z.ZodOptional<z.ZodType<boolean>> => flag().optional().describe(says);
const several = (name: string, says: string): z.ZodOptional<z.ZodType<string[]>> =>
  list(text().refine(...withoutLineBreak(name))).optional().describe(says);

/** What a section may hold; what is left out is left to dnf. */
export const repoOptions = {
  async: yesNo("Whether it may be read beside others (yum only)."),
  bandwidth: word("bandwidth", "The most bandwidth, in bytes a second."),
  baseurl: several("baseurl", "Where the repository is; several addresses are mirrors of each other."),
  cost: word("cost", "What reading from it costs beside others; 1000 is usual, the cheapest is taken."),
  countme: yesNo("Whether the host counts itself at the mirror."),
  deltarpm_metadata_percentage: word("deltarpm_metadata_percentage", "When delta metadata is worth fetching."),
  deltarpm_percentage: word("deltarpm_percentage", "When a delta package is worth fetching."),
  enabled: yesNo("Whether it is used unless asked for."),
  enablegroups: yesNo("Whether its groups of packages are used."),
  exclude: several("exclude", "Packages that are not taken from it; globs."),
  failovermethod: choice("roundrobin", "priority").optional().describe("How mirrors are chosen (yum only)."),
  gpgcakey: word("gpgcakey", "The key that signs the repository's keys."),
  gpgcheck: yesNo("Whether packages must be signed."),
  gpgkey: several("gpgkey", "Where the keys are."),
  http_caching: choice("all", "packages", "none").optional().describe("What caches on the way may keep."),
  include: word("include", "Another file of options."),
  includepkgs: several("includepkgs", "The only packages that are taken from it; globs."),
  ip_resolve: choice("4", "6", "IPv4", "IPv6", "whatever").optional().describe("Which kind of address is used."),
  keepalive: yesNo("Whether connections stay open."),
  keepcache: choice("0", "1").optional().describe("Whether packages are kept after they are installed."),
  metadata_expire: word("metadata_expire", "How long the metadata is good for, e.g. `6h`."),
  metadata_expire_filter: choice("never", "read-only:past", "read-only:present", "read-only:future").optional()
    .describe("Which commands go by `metadata_expire` (yum only)."),
  metalink: word("metalink", "Where the list of mirrors is, as a metalink."),
  mirrorlist: word("mirrorlist", "Where the list of mirrors is."),
  mirrorlist_expire: word("mirrorlist_expire", "How long that list is good for."),
  module_hotfixes: yesNo("Whether its packages come before modules."),
  password: word("password", "The password for basic authentication."),
  priority: word("priority", "Its rank among repositories; 99 unless said otherwise, the lowest number wins."),
  protect: yesNo("Whether its packages are kept from others (yum only)."),
  proxy: word("proxy", "The proxy; `_none_` for none."),
  proxy_password: word("proxy_password", "The password at the proxy."),
  proxy_username: word("proxy_username", "The user at the proxy."),
  repo_gpgcheck: yesNo("Whether the metadata must be signed."),
  retries: word("retries", "How often a download is tried."),
  s3_enabled: yesNo("Whether it is in Amazon's S3."),
  skip_if_unavailable: yesNo("Whether dnf goes on without it when it cannot be reached."),
  ssl_check_cert_permissions: yesNo("Whether certificates must be readable."),
  sslcacert: word("sslcacert", "The authorities that the server's certificate may come from."),
  sslclientcert: word("sslclientcert", "The client's certificate."),
  sslclientkey: word("sslclientkey", "The client's key."),
  sslverify: yesNo("Whether the server's certificate must be good."),
  throttle: word("throttle", "How much of the bandwidth is used, in percent or bytes."),
  timeout: word("timeout", "Seconds to wait for a connection."),
  ui_repoid_vars: word("ui_repoid_vars", "Variables that are shown with the id."),
  username: word("username", "The user for basic authentication."),
} as const;
