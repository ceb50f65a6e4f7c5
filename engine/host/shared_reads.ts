/**
 * The reads that many inspections ask of one shell at about the same time: those of a kind go as one script, and what is
 * asked twice is read once. On a host it is the starting of programs that costs.
 *
 * @module
 */

import { CommandTimeoutError, type ExecResult, OutputLimitError, type Shell } from "../transport/session.ts";
import { whichScript } from "./command_script.ts";
import { canShareLook, type Look, looksScript, parseLooks, type Seen } from "./look_script.ts";
import { canSharePackage, packageScript, packagesScript, splitPackages } from "./package_queries.ts";
import type { ScriptAnswer } from "./script.ts";
import { Together } from "./together.ts";
import { splitUnits, unitScript } from "./unit_queries.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const readers = new WeakMap<Shell, SharedReads>();

/** The reads of all who use one shell. */
export class SharedReads {
  readonly #looks = new Together((looks: Look[]) => this.#look(looks));
  readonly #scripts = new Together((scripts: string[]) => this.#exec(scripts));
  readonly #programs = new Together((programs: string[]) => this.#which(programs));
  readonly #packages = new Together((names: string[]) => this.#package(names));
  readonly #units = new Together((names: string[]) => this.#unit(names));

  private constructor(private readonly shell: Shell) {}

  /** Those of a shell. */
  static of(shell: Shell): SharedReads {
    let reads = readers.get(shell);
    if (!reads) readers.set(shell, reads = new SharedReads(shell));
    return reads;
  }

  /** What lies at a path; undefined where only its own script tells. */
  look(look: Look): Promise<Seen | undefined> {
    if (!canShareLook(look)) return Promise.resolve(undefined);
    return this.#looks.get(`${Number(look.follow)}${Number(look.sha256)}${look.path}`, look);
  }

  /** What a script prints that only reads. */
  async script(text: string): Promise<ExecResult> {
    return await (await this.#scripts.get(text, text)).answer;
  }

  /** Where a program lies on the shell's PATH; empty for nowhere. @throws {HostError} for what is no program's name */
  async which(program: string): Promise<string> {
    whichScript([program]);
    return await this.#programs.get(program, program);
  }

  /** What {@linkcode packageScript} prints, without the candidate. */
  async package(name: string): Promise<Pick<ScriptAnswer, "code" | "stdout">> {
    if (canSharePackage(name)) return await this.#packages.get(name, name);
    return await this.#ask(packageScript(name, false));
  }

  /** What {@linkcode unitScript} prints of one unit. */
  unit(name: string): Promise<ScriptAnswer> {
    return this.#units.get(name, name);
  }

  /** Sends what waits, so that it is read before what is sent next. */
  flush(): void {
    for (const kind of [this.#looks, this.#scripts, this.#programs, this.#packages, this.#units]) kind.flush();
  }

  /** Each fares on its own. */
  #exec(scripts: string[]): Promise<{ answer: Promise<ExecResult> }[]> {
    return Promise.resolve(scripts.map((text) => ({ answer: this.shell.exec(text) })));
  }

  async #look(looks: Look[]): Promise<(Seen | undefined)[]> {
    if (looks.length === 1) return [undefined];
    try {
      const { stdout, stderr } = await this.#ask(looksScript(looks));
      return parseLooks(looks, stdout, stderr);
    } catch (error) {
      // Each for itself may take so long and print so much.
      if (error instanceof CommandTimeoutError || error instanceof OutputLimitError) return looks.map(() => undefined);
      throw error;
    }
  }

  async #which(programs: string[]): Promise<string[]> {
    return (await this.#ask(whichScript(programs))).stdout.split("\0");
  }

  async #package(names: string[]): Promise<Pick<ScriptAnswer, "code" | "stdout">[]> {
    if (names.length === 1) return [await this.#ask(packageScript(names[0], false))];
    return splitPackages(names, (await this.#ask(packagesScript(names))).stdout);
  }

  async #unit(names: string[]): Promise<ScriptAnswer[]> {
    const answer = await this.#ask(unitScript(names));
    const all = splitUnits(names, answer);
    return all ?? await Promise.all(names.map((name) => this.#ask(unitScript([name]))));
  }

  async #ask(script: string): Promise<ScriptAnswer> {
    const { code, stdout, stderr } = await this.shell.exec(script);
    return { code, stdout: utf8.decode(stdout), stderr: utf8.decode(stderr) };
  }
}
