/**
 * What an operator reads when an input is wrong, to the letter: the cases of `bad_input/*.txt`. A case is
 *
 * ```text
 * === what is wrong
 * --- FILE (bom | crlf | escapes)
 * its text
 * --- aami COMMAND LINE
 * what is said
 * ```
 *
 * Such a command ends with exit status 1 and contacts nothing: every host that no case writes down is a port of this
 * test, which counts who comes. `--- exit 2: aami …` is a command whose failure a host's variables bring out; of it the
 * text from the recap on counts. `AAMI_UPDATE=1` writes the texts anew, for a person to read before they are committed.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { drive } from "./bad_input/drive.ts";
import type { Job, Said } from "./bad_input/driver.ts";

interface Part {
  readonly heading: string;
  readonly body: string;
}

interface Case {
  readonly name: string;
  readonly files: readonly Part[];
  readonly command: Part;
}

const FOLDER = fileURLToPath(new URL("bad_input", import.meta.url));
const COMMAND = /^(?:exit (\d+): )?aami ?(.*)$/;

/** The cases of a file. */
function readCases(text: string): Case[] {
  return text.split(/^=== /m).slice(1).map((chunk) => {
    const [head, ...sections] = chunk.split(/^--- /m);
    const parts = sections.map((section) => {
      const end = section.indexOf("\n");
      return { heading: section.slice(0, end), body: section.slice(end + 1) };
    });
    return { name: head.trim(), files: parts.slice(0, -1), command: parts.at(-1)! };
  });
}

function writeCases(cases: readonly Case[]): string {
  return cases.map(({ name, files, command }) =>
    `=== ${name}\n${[...files, command].map(({ heading, body }) => `--- ${heading}\n${body}`).join("")}`
  ).join("");
}

async function writeFile(directory: string, { heading, body }: Part): Promise<void> {
  const [, name, how = ""] = /^(\S+)(?: \((.*)\))?$/.exec(heading)!;
  // Journals hold absolute paths.
  let text = name.startsWith("state/") ? body.replaceAll("/here", directory) : body;
  if (how.includes("crlf")) text = text.replaceAll("\n", "\r\n");
  if (how.includes("bom")) text = `\uFEFF${text}`;
  let bytes = new TextEncoder().encode(text);
  if (how.includes("escapes")) {
    const plain = text.replace(/\n$/, "").replace(
      /\\x([0-9a-f]{2})/g,
      (_all, hex) => String.fromCharCode(parseInt(hex, 16)),
    );
    bytes = Uint8Array.from(plain, (char) => char.charCodeAt(0));
  }
  const path = join(directory, name);
  await Deno.mkdir(dirname(path), { recursive: true });
  if (name.endsWith("/")) return await Deno.mkdir(path, { recursive: true });
  await Deno.writeFile(path, bytes, { mode: how.includes("executable") ? 0o755 : 0o644 });
}

/** The words of a command line; quotes hold words together. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
}

/** What a case's command said, as the case writes it down. */
function told(said: Said, root: string, exit: string | undefined): string {
  const text = exit === undefined ? said.talk : said.out.slice(said.out.indexOf("PLAY RECAP")).replace(/^.*\n/, "");
  return `${text.replaceAll(root, "/here").trimEnd()}\n`;
}

/** Counts who comes to a port. */
function listen(): { port: number; visits: () => number; close: () => Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let visits = 0;
  const serving = (async () => {
    for await (const connection of listener) {
      visits++;
      connection.close();
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    visits: () => visits,
    async close() {
      listener.close();
      await serving;
    },
  };
}

async function runCases(cases: readonly Case[], port: number): Promise<{ said: Said; text: string }[]> {
  const root = await Deno.makeTempDir({ prefix: "aami-bad-" });
  try {
    const jobs: Job[] = [];
    for (const [index, { files, command }] of cases.entries()) {
      const directory = join(root, String(index));
      await Deno.mkdir(directory);
      const hosts = { heading: "hosts.ini", body: `[gpu]\nnode[1:2] ansible_host=127.0.0.1 ansible_port=${port}\n` };
      for (const file of [hosts, ...files]) await writeFile(directory, file);
      jobs.push({ directory, args: words(COMMAND.exec(command.heading)![2]) });
    }
    const said = await drive(jobs);
    return said.map((each, index) => {
      const exit = COMMAND.exec(cases[index].command.heading)![1];
      return { said: each, text: told(each, jobs[index].directory, exit) };
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const files = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name).filter((name) => name.endsWith(".txt")).sort();

for (const file of files) {
  Deno.test(`wrong input, ${file.replace(".txt", "")}: each case is told to the letter, and nothing is contacted`, async (t) => {
    const cases = readCases(await Deno.readTextFile(join(FOLDER, file)));
    const listener = listen();
    let results;
    try {
      results = await runCases(cases, listener.port);
    } finally {
      await listener.close();
    }
    if (Deno.env.get("AAMI_UPDATE")) {
      const anew = cases.map((each, index) => ({ ...each, command: { ...each.command, body: results[index].text } }));
      await Deno.writeTextFile(join(FOLDER, file), writeCases(anew));
      return;
    }
    for (const [index, { name, command }] of cases.entries()) {
      await t.step(name, () => {
        const { said, text } = results[index];
        assert.equal(text, command.body);
        assert.equal(said.exit, Number(COMMAND.exec(command.heading)![1] ?? 1));
        assert.doesNotMatch(said.talk + said.out, /\bat (async )?(file:\/\/|\S+ \(file:\/\/|ext:)/, "a stack trace");
      });
    }
    assert.equal(listener.visits(), 0, "nothing is contacted");
  });
}
