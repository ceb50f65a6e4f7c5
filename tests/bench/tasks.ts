/**
 * The play of 20 small tasks, once as data: what aami and ansible are given, and the line of shell that looks whether a
 * task has anything to do.
 * @module
 */

import { createHash } from "node:crypto";
import { SERVICE, type Target } from "./targets.ts";

/** A task in both languages. Arguments that differ stand in `ansible`. */
export interface BenchTask {
  readonly name: string;
  readonly module: string;
  readonly args: Readonly<Record<string, string | boolean>>;
  /** Arguments that only ansible gets. */
  readonly ansible?: Readonly<Record<string, string>>;
  /** A file of the controller, and its text. */
  readonly file?: { readonly name: string; readonly text: string };
  /** A template of the controller in both languages. */
  readonly template?: { readonly name: string; readonly aami: string; readonly ansible: string };
  /** The shell's way to look whether it is so; `$W` is the host's folder. */
  readonly check: (host: Target) => string;
}

/** The variables of the play. */
export const VARIABLES: Readonly<Record<string, unknown>> = {
  retention: "15d",
  interval: 30,
  jobs: ["node", "dcgm", "slurm"],
};

const owned = (path: string, mode: string, kind: "file" | "directory") =>
  `[ "$(stat -c '%F %a %U' "$W/${path}")" = "${kind === "file" ? "regular file" : "directory"} ${mode} $(id -un)" ]`;

const holds = (path: string, text: string) =>
  `[ "$(sha256sum < "$W/${path}")" = "${createHash("sha256").update(text).digest("hex")}  -" ]`;

function directory(path: string, mode: string): BenchTask {
  return {
    name: `Directory ${path || "of all"}`,
    module: "file",
    args: { path: path ? `{{ work }}/${path}` : "{{ work }}", state: "directory", mode: `0${mode}` },
    check: () => owned(path, mode, "directory"),
  };
}

function content(path: string, text: string): BenchTask {
  return {
    name: `Content of ${path}`,
    module: "copy",
    args: { dest: `{{ work }}/${path}`, content: text, mode: "0644" },
    check: () => `${owned(path, "644", "file")} && ${holds(path, text)}`,
  };
}

function copied(path: string, text: string): BenchTask {
  const name = path.split("/").at(-1)!;
  return {
    name: `Copy ${path}`,
    module: "copy",
    args: { src: name, dest: `{{ work }}/${path}`, mode: "0640" },
    file: { name, text },
    check: () => `${owned(path, "640", "file")} && ${holds(path, text)}`,
  };
}

function rendered(path: string, title: string): BenchTask {
  const name = path.split("/").at(-1)!;
  const head = `# ${title} of {{ label }}\nretention: {{ retention }}\ninterval: {{ interval }}s\n`;
  const text = (host: Target) =>
    `# ${title} of ${host.label}\nretention: 15d\ninterval: 30s\njob: node\njob: dcgm\njob: slurm\n`;
  return {
    name: `Template ${path}`,
    module: "template",
    args: { src: name, dest: `{{ work }}/${path}`, mode: "0644" },
    template: {
      name,
      aami: `${head}{{#each jobs}}\njob: {{ this }}\n{{/each}}\n`,
      ansible: `${head}{% for job in jobs %}\njob: {{ job }}\n{% endfor %}\n`,
    },
    check: (host) => `${owned(path, "644", "file")} && ${holds(path, text(host))}`,
  };
}

function line(path: string, key: string, value: string): BenchTask {
  return {
    name: `Line ${key}`,
    module: "lineinfile",
    args: { path: `{{ work }}/${path}`, regexp: `^${key}=`, line: `${key}=${value}`, create: true, mode: "0644" },
    check: () => `grep -qx '${key}=${value}' "$W/${path}"`,
  };
}

function command(path: string): BenchTask {
  return {
    name: `Command that makes ${path}`,
    module: "command",
    args: { cmd: `touch {{ work }}/${path}`, creates: `{{ work }}/${path}` },
    check: () => `[ -e "$W/${path}" ]`,
  };
}

function looked(path: string): BenchTask {
  return {
    name: `Look at ${path}`,
    module: "stat",
    args: { path },
    check: () => `stat -c '%f %u %g %s %Y %X %Z %i %d %h %U %G' '${path}' >/dev/null && sha256sum '${path}' >/dev/null`,
  };
}

function installed(name: string): BenchTask {
  return {
    name: `Package ${name}`,
    module: "package",
    args: { name, state: "present" },
    // Spares ansible a gathering of facts for each such task.
    ansible: { use: "apt" },
    check: () => `dpkg-query -W -f '\${db:Status-Abbrev}' ${name} | grep -q '^.i'`,
  };
}

function service(): BenchTask {
  return {
    name: "Service runs",
    module: "service",
    args: { name: SERVICE, state: "started" },
    ansible: { use: "service" },
    check: () => `/etc/init.d/${SERVICE} status >/dev/null`,
  };
}

const KILOBYTES = Array.from(
  { length: 64 },
  (_, index) => `setting_${index} = ${index * index}  # a line as in files\n`,
)
  .join("");

/** The 20 tasks; 19 where the hosts have no service of their own. */
export function benchTasks(hasService: boolean): BenchTask[] {
  return [
    directory("", "755"),
    directory("conf.d", "755"),
    directory("data", "750"),
    content("conf.d/one.conf", "one = 1\ntwo = 2\n"),
    content("conf.d/two.conf", "alpha = true\n"),
    copied("conf.d/three.conf", KILOBYTES),
    copied("conf.d/four.conf", KILOBYTES.replaceAll("setting", "option")),
    rendered("prometheus.yml", "Prometheus"),
    rendered("alertmanager.yml", "Alertmanager"),
    rendered("conf.d/exporter.conf", "Exporter"),
    line("settings", "RETENTION", "15d"),
    line("settings", "INTERVAL", "30"),
    line("settings", "TARGETS", "all"),
    command("data/initialised"),
    command("data/migrated"),
    looked("/etc/os-release"),
    looked("/etc/passwd"),
    ...hasService ? [service()] : [],
    installed("coreutils"),
    installed("tar"),
  ];
}
