/**
 * The one place that imports the parser of OpenSSH client configurations.
 *
 * @module
 */

import SSHConfig from "ssh-config";

/** A parsed configuration. */
export interface ParsedSshConfig {
  /** What holds for a host name as it was typed: keywords in lower case, the first value of each. */
  valuesFor(alias: string): Readonly<Record<string, string | string[]>>;
}

/** Parses a configuration. `Match` is evaluated except for `exec`, which never runs. */
export function parseSshConfig(text: string): ParsedSshConfig {
  const config = SSHConfig.parse(text);
  return { valuesFor: (alias) => config.compute({ Host: alias }, { ignoreCase: true, matchExec: false }) };
}
