/**
 * A release mirror: upstream's download paths, served from tarballs of Debian's own binaries.
 * @module
 */

/** What a mirror can do to its clients. */
export type MirrorFault = "hang" | "corrupt" | "missing";

/** One request that the mirror got. */
export interface MirrorRequest {
  /** GET, HEAD, … */
  method: string;
  /** The path, without a query. */
  path: string;
  /** The status that was answered; 0 where the mirror hangs. */
  status: number;
}

/** How to start a mirror. */
export interface MirrorOptions {
  /** The root of the releases: `images.releases`. */
  releases: string;
  /** The address to listen on: a fleet's gateway, or 127.0.0.1 where none is given. */
  hostname?: string;
  /** The port; a free one where none is given. */
  port?: number;
}

/** A release in the mirror. */
export interface Release {
  /** owner/name, as upstream's forge has it. */
  project: string;
  /** The version without the v. */
  version: string;
  /** The tarball's file name. */
  tarball: string;
  /** The tarball's path below the mirror's URL, with a leading slash. */
  path: string;
  /** The tarball's SHA-256 in hexadecimal, of sha256sums.txt. */
  sha256: string;
}

/**
 * An HTTP server with `/OWNER/NAME/releases/download/vX/NAME-X.linux-ARCH.tar.gz` and the `sha256sums.txt` beside it.
 *
 * @example
 * ```ts ignore
 * await using mirror = Mirror.serve({ releases: (await ensureImages()).releases, hostname: fleet.gateway });
 * mirror.fault = "corrupt";
 * ```
 */
export class Mirror implements AsyncDisposable {
  /** `http://ADDRESS:PORT`, without a slash at the end. */
  readonly url: string;
  /** What goes wrong from now on: tarballs are corrupt, every request hangs, or nothing is there. */
  fault?: MirrorFault;
  /** Every request so far. */
  readonly requests: MirrorRequest[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #root: string;
  readonly #closed = Promise.withResolvers<void>();

  private constructor(options: MirrorOptions) {
    this.#root = options.releases;
    const { hostname = "127.0.0.1", port = 0 } = options;
    this.#server = Deno.serve({ hostname, port, onListen() {} }, (request) => this.#answer(request));
    this.url = `http://${hostname}:${this.#server.addr.port}`;
  }

  /** Starts to serve. Throws where the address is not this machine's or the port is taken. */
  static serve(options: MirrorOptions): Mirror {
    return new Mirror(options);
  }

  /** The releases that are there. */
  async releases(): Promise<Release[]> {
    const found: Release[] = [];
    for (const project of await folders(this.#root, 2)) {
      for (const tag of await folders(`${this.#root}/${project}/releases/download`, 1)) {
        const folder = `${project}/releases/download/${tag}`;
        for (const line of (await Deno.readTextFile(`${this.#root}/${folder}/sha256sums.txt`)).trim().split("\n")) {
          const [sha256, tarball] = line.split(/\s+/);
          found.push({ project, version: tag.slice(1), tarball, path: `/${folder}/${tarball}`, sha256 });
        }
      }
    }
    return found;
  }

  /** Ends the server; clients that it kept waiting get a 503. */
  async close(): Promise<void> {
    this.#closed.resolve();
    await this.#server.shutdown();
  }

  /** The same as `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: Request): Promise<Response> {
    const path = decodeURIComponent(new URL(request.url).pathname);
    const entry: MirrorRequest = { method: request.method, path, status: 0 };
    this.requests.push(entry);
    const fault = this.fault;
    if (fault === "hang") {
      await this.#closed.promise;
      return new Response(null, { status: 503 });
    }
    const file = fault === "missing" || path.includes("..") ? undefined : await readFile(`${this.#root}${path}`);
    entry.status = file === undefined ? 404 : 200;
    if (file === undefined) return new Response("not found\n", { status: 404 });
    if (fault === "corrupt" && path.endsWith(".tar.gz")) {
      for (let i = 0; i < 16; i++) file[Math.floor(file.length / 2) + i] ^= 0xff;
    }
    const type = path.endsWith(".txt") ? "text/plain" : "application/octet-stream";
    const headers = { "content-type": type, "content-length": String(file.length) };
    return new Response(request.method === "HEAD" ? null : file, { headers });
  }
}

/** The bytes of a file; undefined where there is none of that name. */
async function readFile(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch {
    return undefined;
  }
}

/** The folders `depth` levels below a folder, as paths relative to it, sorted. */
async function folders(root: string, depth: number): Promise<string[]> {
  if (depth === 0) return [""];
  const found: string[] = [];
  for await (const entry of Deno.readDir(root)) {
    if (!entry.isDirectory) continue;
    for (const below of await folders(`${root}/${entry.name}`, depth - 1)) {
      found.push(below === "" ? entry.name : `${entry.name}/${below}`);
    }
  }
  return found.sort();
}
