/**
 * One connection of the system's `ssh`: a ControlMaster process with a private control path, over which programs and TCP
 * streams are opened by more `ssh` processes.
 *
 * @module
 */

import type { Channel } from "./channel.ts";
import {
  clientCommand,
  controlPath,
  masterCommand,
  type OpensshDial,
  type OpensshHop,
  shortFolder,
} from "./openssh_arguments.ts";
import { opensshFailure, opensshLoss } from "./openssh_errors.ts";
import { ASK_MARK, askpassScript, Prompts } from "./openssh_prompts.ts";
import { ProcessChannel } from "./process_channel.ts";
import { type ByteStream, ConnectError, UnreachableError } from "./session.ts";

/** Seconds beyond the limit, in which `ssh` says what stopped it. */
const GRACE = 2;
/** Milliseconds for ssh to end by itself. */
const CLOSE_TIMEOUT = 1000;
/** Milliseconds within which the end of a connection follows that of its programs. */
const LOSS_TIMEOUT = 500;

/** An authenticated connection. */
export class OpensshMaster {
  /** Set once the connection is lost or closed. */
  lost?: UnreachableError;
  readonly #prompts: Prompts;
  readonly #process: ProcessChannel;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #isReady = false;
  #said = "";

  private constructor(
    private readonly folder: string,
    private readonly hop: OpensshHop,
    private readonly where: string,
    private readonly dial: OpensshDial,
    via: OpensshMaster | undefined,
  ) {
    this.#prompts = new Prompts(hop.password, dial, (answer) => void this.#process.write(answer));
    this.#process = new ProcessChannel(masterCommand(hop, dial, folder, via?.control), { env: this.#environment() });
    this.#ready.promise.catch(() => {});
    const decoder = new TextDecoder();
    this.#process.attach({
      stdout: () => {
        this.#isReady = true;
        this.#ready.resolve();
      },
      stderr: (chunk) => this.#hear(decoder.decode(chunk, { stream: true })),
      closed: () => this.#closed(),
    });
  }

  /**
   * Connects and logs in, through `via` if it is given.
   *
   * @throws {UnreachableError} with ssh's own reason
   */
  static async open(hop: OpensshHop, where: string, dial: OpensshDial, via?: OpensshMaster): Promise<OpensshMaster> {
    dial.signal?.throwIfAborted();
    const folder = await Deno.makeTempDir({ prefix: "aami-", dir: await shortFolder() });
    let self: OpensshMaster;
    try {
      await Deno.writeTextFile(`${folder}/ask`, askpassScript, { mode: 0o700 });
      self = new OpensshMaster(folder, hop, where, dial, via);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new UnreachableError(
        `${where}: there is no '${dial.program ?? "ssh"}' on this machine to connect with`,
        true,
      );
    }
    try {
      await self.#login();
      return self;
    } catch (error) {
      await self.close();
      throw error;
    }
  }

  /** Starts a command line in the user's login shell. */
  launch(command: string): Channel {
    return new ProcessChannel(clientCommand(this.dial, this.control, ["-T", "aami", command]), {
      explain: async (end) => {
        // ssh's own failures exit 255, as a program may: the end of the connection follows at once, if that is it.
        if (end.code === 255) await within(this.#ended.promise, LOSS_TIMEOUT);
        return this.lost ? { code: undefined, error: this.lost } : end;
      },
    });
  }

  /** Opens a TCP connection from the host. */
  async forward(address: string, port: number): Promise<ByteStream> {
    if (this.lost) throw this.lost;
    const name = address.includes(":") ? `[${address}]` : address;
    const from = this.#said.length;
    // Only its debug output says that the connection is there.
    const argv = clientCommand(this.dial, this.control, ["-v", "-W", `${name}:${port}`, "aami"]);
    const child = new Deno.Command(argv[0], {
      args: argv.slice(1),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    if (await announced(child.stderr)) return streamOf(child);
    await Promise.all([child.status, child.stdin.abort().catch(() => {}), child.stdout.cancel().catch(() => {})]);
    if (this.lost) throw this.lost;
    const why = /open failed: (.*)/.exec(this.#said.slice(from))?.[1]?.trim() ?? "the connection was refused";
    const reason = /prohibited/.test(why)
      ? "the SSH server forbids it (AllowTcpForwarding in its sshd_config)"
      : why.replace(/^connect failed: /, "").toLowerCase();
    throw new ConnectError(`cannot connect to ${address}:${port} from ${this.where}: ${reason}`);
  }

  /** Calls `listener` when the connection is lost or closed. */
  onLost(listener: () => void): void {
    this.#ended.promise.then(listener);
  }

  /** Ends the connection; never rejects. */
  async close(): Promise<void> {
    this.lost ??= new UnreachableError(`${this.where}: the connection is closed`);
    // The watcher of the process ends it then, as it does when aami itself is killed.
    if (this.#isReady) this.#process.end();
    else this.#process.close();
    const timer = setTimeout(() => this.#process.close(), CLOSE_TIMEOUT);
    await this.#process.ended;
    clearTimeout(timer);
    await Deno.remove(this.folder, { recursive: true }).catch(() => {});
  }

  /** The path of its control socket. */
  get control(): string {
    return controlPath(this.folder);
  }

  #environment(): Record<string, string> {
    return {
      // Runs LocalCommand and ProxyCommand; a login shell may be anything.
      SHELL: "/bin/sh",
      LC_ALL: "C",
      SSH_ASKPASS: `${this.folder}/ask`,
      SSH_ASKPASS_REQUIRE: "force",
      DISPLAY: Deno.env.get("DISPLAY") ?? "none",
    };
  }

  async #login(): Promise<void> {
    const { signal, connectTimeout = 10 } = this.dial;
    const onAbort = () => this.#ready.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const late = () => {
      // An operator who types a passphrase or touches a key is not the host's delay.
      if (this.#prompts.waiting) timer = setTimeout(late, connectTimeout * 1000);
      else this.#ready.reject(new UnreachableError(`${this.where}: no answer within ${connectTimeout} s`));
    };
    let timer = setTimeout(late, (connectTimeout + GRACE) * 1000);
    try {
      await this.#ready.promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #hear(text: string): void {
    this.#said += text;
    // What a host prints is not kept for ever.
    if (this.#said.length > 100_000) this.#said = this.#said.slice(-50_000);
    if (this.#said.includes(ASK_MARK)) this.#said = this.#prompts.take(this.#said);
  }

  #closed(): void {
    if (this.#isReady) this.lost ??= opensshLoss(this.where, this.#said);
    else this.#ready.reject(opensshFailure(this.where, this.hop, this.#said));
    this.lost ??= new UnreachableError(`${this.where}: the connection is closed`);
    this.#ended.resolve();
  }
}

/** Reads debug output until it says that the stream is there (true), or to its end (false). */
async function announced(stderr: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = stderr.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    text += decoder.decode(next.value, { stream: true });
    if (!/master session id/.test(text)) continue;
    reader.cancel().catch(() => {});
    return true;
  }
  return false;
}

function streamOf(child: Deno.ChildProcess): ByteStream {
  const close = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  };
  child.status.catch(() => {});
  return { readable: child.stdout, writable: child.stdin, close };
}

async function within(promise: Promise<void>, milliseconds: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
