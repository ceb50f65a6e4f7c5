/**
 * In which order a host is asked to let us in. Never by `none`: that costs a round trip and tells nothing.
 *
 * @module
 */

import {
  type Agent,
  type AuthAttempt,
  type AuthHandler,
  createAgent,
  oneKeyAgent,
  type ParsedKey,
  parseKey,
} from "../support/ssh2.ts";
import { fingerprint } from "./known_hosts.ts";
import { UnreachableError } from "./session.ts";
import { type AskPassphrase, loadKey, publicHalf } from "./ssh_keys.ts";
import type { SshHop } from "./ssh_options.ts";

/** Logs in to one host, and remembers what was tried for the error message. */
export class Login {
  /** What was tried, in words. */
  readonly tried: string[] = [];
  /** The methods that the host takes, as far as it has said. */
  accepted: readonly string[] = [];
  /** Why trying was stopped early, e.g. a named key that cannot be read. */
  failure?: UnreachableError;
  /** Nothing is tried before this says yes. */
  gate: Promise<boolean> = Promise.resolve(true);
  /** Above zero while a key is being read, which may ask for its passphrase. */
  waiting = 0;
  readonly #attempts: AsyncGenerator<AuthAttempt>;

  /** A login to `hop`; `ask` gives the passphrases of keys. */
  constructor(private readonly hop: SshHop, private readonly ask?: AskPassphrase) {
    this.#attempts = this.#inOrder();
  }

  /** What ssh2 calls for each next attempt. */
  readonly handler: AuthHandler = (methods, _partial, next) => {
    if (methods) this.accepted = methods;
    this.#next(methods).then((attempt) => next(attempt ?? false), (error) => {
      this.failure = error instanceof UnreachableError ? error : new UnreachableError(String(error), true);
      next(false);
    });
  };

  async #next(methods: readonly string[] | null): Promise<AuthAttempt | undefined> {
    if (!(await this.gate)) return undefined;
    for (;;) {
      const { value, done } = await this.#attempts.next();
      if (done) return undefined;
      const method = value.type === "agent" ? "publickey" : value.type;
      if (methods === null || methods.includes(method)) return value;
      // The host does not take it: what was noted as tried for it was not.
      this.tried.pop();
    }
  }

  /** Named keys come first, by the agent where it has them; then the agent's others, default files, the password. */
  async *#inOrder(): AsyncGenerator<AuthAttempt> {
    const { hop } = this;
    const username = hop.user;
    const agent = hop.agent ? createAgent(hop.agent) : undefined;
    const held = agent ? await agentKeys(agent) : [];
    if (hop.explicitIdentities) yield* this.#files(agent, held);
    if (agent && !hop.identitiesOnly) {
      for (const key of held.splice(0)) {
        yield this.#note(`agent key ${describe(key)}`, { type: "agent", username, agent: oneKeyAgent(agent, key) });
      }
    }
    if (!hop.explicitIdentities) yield* this.#files(agent, held);
    const { password } = hop;
    if (password === undefined) return;
    yield this.#note("password", { type: "password", username, password });
    yield this.#note("keyboard-interactive (password)", {
      type: "keyboard-interactive",
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
    });
  }

  async *#files(agent: Agent | undefined, held: ParsedKey[]): AsyncGenerator<AuthAttempt> {
    const username = this.hop.user;
    for (const file of this.hop.identities) {
      const half = held.length > 0 ? await publicHalf(file) : undefined;
      const at = half ? held.findIndex((key) => key.getPublicSSH().equals(half)) : -1;
      if (agent && at !== -1) {
        const [key] = held.splice(at, 1);
        yield this.#note(`${file} by the agent`, { type: "agent", username, agent: oneKeyAgent(agent, key) });
        continue;
      }
      const key = await this.#load(file);
      if (key) yield this.#note(`${file} (${fingerprint(key.getPublicSSH())})`, { type: "publickey", username, key });
    }
  }

  /** A default file that is missing or locked is only noted; a named one is what the operator wanted. */
  async #load(file: string): Promise<ParsedKey | undefined> {
    this.waiting++;
    try {
      return await loadKey(file, this.ask);
    } catch (error) {
      if (this.hop.explicitIdentities || !(error instanceof UnreachableError)) throw error;
      if (!error.message.includes("no such file")) this.tried.push(`(left out: ${error.message})`);
      return undefined;
    } finally {
      this.waiting--;
    }
  }

  #note(what: string, attempt: AuthAttempt): AuthAttempt {
    this.tried.push(what);
    return attempt;
  }
}

function agentKeys(agent: Agent): Promise<ParsedKey[]> {
  const { promise, resolve } = Promise.withResolvers<ParsedKey[]>();
  // An agent that does not answer is as good as none: the key files remain.
  agent.getIdentities((error, keys) => {
    if (error) return resolve([]);
    const parsed = keys.map((key) => key instanceof Uint8Array ? parseKey(key) : key);
    resolve(parsed.filter((key): key is ParsedKey => !(key instanceof Error)));
  });
  return promise;
}

function describe(key: ParsedKey): string {
  return `${key.comment || key.type} (${fingerprint(key.getPublicSSH())})`;
}
