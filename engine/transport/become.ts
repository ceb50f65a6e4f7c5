/**
 * Becoming another user by sudo or su. The password goes to the prompt and nowhere else: never into an argv, a file or
 * an environment.
 *
 * @module
 */

import { shellCommand, shellQuote } from "../support/shell_quote.ts";
import type { Channel, ChannelEnd } from "./channel.ts";
import { randomToken } from "./frame.ts";
import { type Become, BecomeError } from "./session.ts";

/** What to run so that `program` runs as the other user, and what stands in its output before the program's own. */
export interface BecomePlan {
  /** The command line, for any login shell. */
  readonly command: string;
  /** What sudo asks with; su words its own prompt. */
  readonly prompt: RegExp;
  /** Printed by the program once the user has been reached; only where a password may be asked for. */
  readonly reached?: string;
}

/** The command line for a program, for any login shell; as the connecting user if `become` is not given. */
export function becomePlan(program: readonly string[], become?: Become): BecomePlan {
  if (!become) return { command: shellCommand(program), prompt: /(?!)/ };
  // The user's own locale would word the messages and prompts that are read here.
  const locale = "env LC_ALL=C";
  const user = shellQuote(become.user);
  if (become.method === "sudo" && become.password === undefined) {
    return { command: `${locale} sudo -H -n -u ${user} ${shellCommand(program)}`, prompt: /(?!)/ };
  }
  const reached = `reached-${randomToken()}`;
  const run = `echo ${reached}; exec ${shellCommand(program)}`;
  if (become.method === "su") {
    const command = `${locale} su ${user} -s /bin/sh -c ${shellQuote(run)}`;
    return { command, prompt: /assword[^\n]*:\s*$/, reached };
  }
  const prompt = `aami-${randomToken()}:`;
  const command = `${locale} sudo -H -S -p ${prompt} -u ${user} sh -c ${shellQuote(run)}`;
  return { command, prompt: new RegExp(prompt), reached };
}

/**
 * Answers the password prompt, if one comes, and waits until the user is reached. Does nothing for sudo without a
 * password: then a refusal shows as the end of the program, and no round trip is spent.
 *
 * @throws {BecomeError} when the password is refused, or sudo or su fails
 */
export function passPrompt(
  channel: Channel,
  plan: BecomePlan,
  become: Become | undefined,
  where: string,
  timeout: number,
): Promise<void> {
  const { reached } = plan;
  if (become === undefined || reached === undefined) return Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  let printed = "";
  let asked = 0;
  const refuse = (error: Error) => {
    channel.close();
    reject(error);
  };
  const look = (chunk: Uint8Array) => {
    printed += decoder.decode(chunk, { stream: true });
    if (!plan.prompt.test(printed)) return;
    if (become.password === undefined) return refuse(noPassword(become, where));
    // A second prompt means that the first answer was wrong; trying on could lock the account.
    if (++asked > 1) return refuse(wrongPassword(become, where));
    printed = "";
    void channel.write(new TextEncoder().encode(`${become.password}\n`));
  };
  const timer = setTimeout(
    () => refuse(new BecomeError(`${become.method} on ${where} neither asked nor answered within ${timeout} s`)),
    timeout * 1000,
  );
  channel.attach({
    stdout: (chunk) => {
      look(chunk);
      if (!printed.includes(reached)) return;
      // The program's own output may have begun in the same chunk.
      channel.detach(chunk);
      resolve();
    },
    stderr: look,
    closed: (end) => reject(end.error ?? becomeFailure(become, printed, end, where)),
  });
  return promise.finally(() => clearTimeout(timer));
}

/** The error for a sudo or su that ended instead of running the program, from what it printed. */
export function becomeFailure(become: Become, printed: string, end: ChannelEnd, where: string): BecomeError {
  const to = `${become.method} cannot become ${become.user} on ${where}`;
  if (/a password is required/.test(printed)) return noPassword(become, where);
  const known = CAUSES.find(([pattern]) => pattern.test(printed));
  if (known) return known[1] === "" ? wrongPassword(become, where) : new BecomeError(`${to}: ${known[1]}`);
  const missing = end.code === 127 || /(sudo|su|env):.*(not found|No such file)/.test(printed);
  if (missing) return new BecomeError(`${to}: ${become.method} is not installed there`);
  const said = printed.trim().split("\n").at(-1) ?? "";
  return new BecomeError(`${to}: ${said || `it ended with exit code ${end.code ?? "unknown"}`}`);
}

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /a password is required/,
    "it asks for a password; give one (-K, ansible_become_password) or allow NOPASSWD in sudoers",
  ],
  [/must have a tty/, "its configuration has 'requiretty'; take that out for this user (Defaults:USER !requiretty)"],
  [
    /not in the sudoers file|is not allowed to|may not run sudo|not allowed to run sudo/,
    "sudoers does not allow it to the connecting user",
  ],
  [/unknown user|user .* does not exist|does not exist or the user entry/, "there is no such user"],
  [/incorrect password attempt|Sorry, try again|Authentication failure|incorrect password/i, ""],
  [/account is locked|expired/i, "the account is locked or its password has expired"],
];

function noPassword(become: Become, where: string): BecomeError {
  const allow = become.method === "sudo" ? " or allow NOPASSWD in sudoers" : "";
  return new BecomeError(
    `${become.method} cannot become ${become.user} on ${where}: it asks for a password; ` +
      `give one (-K, ansible_become_password)${allow}`,
  );
}

function wrongPassword(become: Become, where: string): BecomeError {
  return new BecomeError(`${become.method} on ${where} refused the password for becoming ${become.user}`);
}
