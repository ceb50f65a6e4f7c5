/**
 * What `ssh` asks while it logs in. Its askpass program tells the question on ssh's standard error and reads the answer
 * from ssh's standard input, so that no secret is in an argument, an environment or a file.
 *
 * @module
 */

/** Begins a question; a password prompt or a host's banner has no such character. */
export const ASK_MARK = "\x01aami-ask ";

/** The program at SSH_ASKPASS. An ssh below another has a socket for its standard input, which is not to be read. */
export const askpassScript: string = `#!/bin/sh
[ "$SSH_ASKPASS_PROMPT" = none ] || [ -p /dev/stdin ] || exit 1
printf '\\001aami-ask %s\\001\\n' "$1" >&2
[ "$SSH_ASKPASS_PROMPT" = none ] && exit 0
IFS= read -r answer || exit 1
case $answer in +*) printf '%s\\n' "\${answer#+}" ;; *) exit 1 ;; esac
`;

/** What may be answered. */
export interface PromptAnswers {
  /** Gives the passphrase of a key file. */
  readonly passphrase?: (file: string) => Promise<string | undefined>;
  /** Takes what a person must do. */
  readonly onNotice?: (message: string) => void;
}

/** By key file: many hosts are one question. */
const passphrases = new Map<string, Promise<string | undefined>>();

/** Answers the questions of one login. */
export class Prompts {
  #open = 0;
  readonly #given = new Set<string>();

  /** `write` takes the answers. */
  constructor(
    private readonly password: string | undefined,
    private readonly answers: PromptAnswers,
    private readonly write: (answer: Uint8Array) => void,
  ) {}

  /** Whether a person is being asked. */
  get waiting(): boolean {
    return this.#open > 0;
  }

  /** Answers the complete questions in what ssh said and gives back the rest. */
  take(said: string): string {
    // deno-lint-ignore no-control-regex -- these are what is looked for
    return said.replace(/\x01aami-ask ([^\x01]*)\x01\n/g, (_all, question: string) => {
      void this.#answer(question);
      return "";
    });
  }

  /** Asked for the second time in one login, the first answer was wrong. */
  #passphrase(file: string): Promise<string | undefined> | undefined {
    let answer = this.#given.has(file) ? undefined : passphrases.get(file);
    this.#given.add(file);
    if (!answer) {
      answer = this.answers.passphrase?.(file);
      if (!answer) return undefined;
      passphrases.set(file, answer);
      answer.catch(() => passphrases.delete(file));
    }
    return answer;
  }

  async #answer(question: string): Promise<void> {
    if (/user presence/i.test(question)) return this.answers.onNotice?.(question);
    this.#open++;
    let answer: string | undefined;
    try {
      const file = /passphrase for (?:key )?'?(.*?)'?:\s*$/i.exec(question)?.[1];
      if (file !== undefined) answer = await this.#passphrase(file);
      else if (/password/i.test(question)) answer = this.password;
    } catch {
      // Nobody answers.
    } finally {
      this.#open--;
    }
    this.write(new TextEncoder().encode(answer === undefined ? "-\n" : `+${answer}\n`));
  }
}
