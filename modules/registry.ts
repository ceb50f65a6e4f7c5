/**
 * The static list of modules. A module is imported when a playbook names it, so that start-up stays short. A test holds
 * that this list and the folders agree.
 *
 * @module
 */

import type { Module } from "../engine/module/module.ts";

/** Loads one module. */
// deno-lint-ignore no-explicit-any -- the list holds modules of every argument and state type
export type Loader = () => Promise<{ default: Module<any, any> }>;

/** Module names and how to load each. */
export const registry: Readonly<Record<string, Loader>> = {
  apt_repository: () => import("./apt_repository/mod.ts"),
  authorized_key: () => import("./authorized_key/mod.ts"),
  blockinfile: () => import("./blockinfile/mod.ts"),
  command: () => import("./command/mod.ts"),
  copy: () => import("./copy/mod.ts"),
  cron: () => import("./cron/mod.ts"),
  deb822_repository: () => import("./deb822_repository/mod.ts"),
  dpkg_selections: () => import("./dpkg_selections/mod.ts"),
  fetch: () => import("./fetch/mod.ts"),
  file: () => import("./file/mod.ts"),
  find: () => import("./find/mod.ts"),
  get_url: () => import("./get_url/mod.ts"),
  git: () => import("./git/mod.ts"),
  group: () => import("./group/mod.ts"),
  hostname: () => import("./hostname/mod.ts"),
  ini_file: () => import("./ini_file/mod.ts"),
  known_hosts: () => import("./known_hosts/mod.ts"),
  lineinfile: () => import("./lineinfile/mod.ts"),
  mount: () => import("./mount/mod.ts"),
  package: () => import("./package/mod.ts"),
  ping: () => import("./ping/mod.ts"),
  prometheus_rule_files: () => import("./prometheus_rule_files/mod.ts"),
  prometheus_rules: () => import("./prometheus_rules/mod.ts"),
  prometheus_targets: () => import("./prometheus_targets/mod.ts"),
  reboot: () => import("./reboot/mod.ts"),
  replace: () => import("./replace/mod.ts"),
  script: () => import("./script/mod.ts"),
  service: () => import("./service/mod.ts"),
  shell: () => import("./shell/mod.ts"),
  slurp: () => import("./slurp/mod.ts"),
  stat: () => import("./stat/mod.ts"),
  sysctl: () => import("./sysctl/mod.ts"),
  systemd: () => import("./systemd/mod.ts"),
  tempfile: () => import("./tempfile/mod.ts"),
  template: () => import("./template/mod.ts"),
  unarchive: () => import("./unarchive/mod.ts"),
  uri: () => import("./uri/mod.ts"),
  user: () => import("./user/mod.ts"),
  wait_for: () => import("./wait_for/mod.ts"),
  wait_for_connection: () => import("./wait_for_connection/mod.ts"),
  yum_repository: () => import("./yum_repository/mod.ts"),
};
