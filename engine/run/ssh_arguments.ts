/**
 * What inventories made for Ansible say to ssh in `ansible_ssh_common_args`: the options that aami has a way for.
 *
 * @module
 */

import { inputError, type Span } from "../support/diagnostic.ts";
import type { HostKeyChecking } from "../transport/known_hosts.ts";

/** The options of ssh that aami takes. */
export interface SshArguments {
  /** Jump hosts, nearest first, as `ProxyJump` writes them; undefined for what the ssh config says. */
  readonly jumps?: readonly string[];
  /** How host keys are checked; undefined for the run's way. */
  readonly hostKeyChecking?: HostKeyChecking;
  /** Files with host keys; undefined for the usual ones. */
  readonly knownHosts?: readonly string[];
}

const CHECKING: Readonly<Record<string, HostKeyChecking>> = {
  "yes": "strict",
  "ask": "accept-new",
  "accept-new": "accept-new",
  "no": "off",
  "off": "off",
};

/** Options that change nothing for aami: it has its own way for them. */
const HARMLESS =
  /^(ControlMaster|ControlPersist|ControlPath|ServerAliveInterval|ServerAliveCountMax|LogLevel|BatchMode)=/i;

/**
 * Reads the text of `ansible_ssh_common_args` or `ansible_ssh_extra_args`.
 *
 * @param variable the variable's name, for the message
 * @param place where the variable was written
 * @throws {DiagnosticError} for an option that would be passed over in silence otherwise
 */
export function sshArguments(variable: string, text: string, place?: Span): SshArguments {
  let found: SshArguments = {};
  const words = [...text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, ""));
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    const [flag, attached] = [word.slice(0, 2), word.slice(2)];
    if (flag === "-C" || flag === "-q" || flag === "-4" || flag === "-6") continue;
    const value = attached || words[++index] || "";
    const option = flag === "-J" ? `ProxyJump=${value}` : flag === "-o" ? value.replace(/\s*[= ]\s*/, "=") : undefined;
    const read = option === undefined ? undefined : readOption(option);
    if (!read) {
      const help = "put it into the ssh config; with connection: openssh the system's ssh reads all of it";
      throw inputError(
        "ssh-arguments",
        `${variable}: '${attached ? word : `${word} ${value}`.trim()}' is not understood`,
        place,
        help,
      );
    }
    found = { ...found, ...read };
  }
  return found;
}

function readOption(option: string): SshArguments | undefined {
  if (HARMLESS.test(option)) return {};
  const equals = option.indexOf("=");
  const value = option.slice(equals + 1);
  switch (option.slice(0, equals).toLowerCase()) {
    case "proxyjump":
      return { jumps: value === "none" ? [] : value.split(",") };
    case "proxycommand": {
      const jump = /^ssh (?:-q )?(?:-W %h:%p (?:-q )?(\S+)|(\S+) -W %h:%p)$/.exec(value);
      return jump ? { jumps: [jump[1] ?? jump[2]] } : undefined;
    }
    case "stricthostkeychecking": {
      const hostKeyChecking = CHECKING[value.toLowerCase()];
      return hostKeyChecking && { hostKeyChecking };
    }
    case "userknownhostsfile":
      return { knownHosts: value.split(" ") };
    default:
      return undefined;
  }
}
