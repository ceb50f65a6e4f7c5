import { builtinPlaybooks } from "../engine/playbook/search_path.ts";
import { BUILTIN_PLAYBOOKS, readText } from "../engine/support/assets.ts";
import type { Terminal } from "./terminal.ts";

/** `aami playbooks`: lists the built-in playbooks with the first line of their comment. */
export async function playbooks(terminal: Terminal): Promise<number> {
  const names = await builtinPlaybooks();
  const width = Math.max(...names.map((name) => name.length)) + 2;
  for (const name of names) {
    const text = await readText(`${BUILTIN_PLAYBOOKS}/${name}.yml`);
    const summary = /^#\s*(.+)$/m.exec(text)?.[1] ?? "";
    terminal.out(`${terminal.paint("bold", name.padEnd(width))}${summary}`);
  }
  return 0;
}
