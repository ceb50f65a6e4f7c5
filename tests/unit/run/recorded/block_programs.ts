/**
 * Random programs of nested blocks, as playbooks that ansible-playbook and aami both run, and a small interpreter that
 * says what must happen.
 *
 * @module
 */

import * as fc from "fast-check";

/** A task that works, fails, or fails and is ignored; or a block. */
export type Node = "ok" | "fail" | "ignored" | Nested;

/** A block with its parts. */
export interface Nested {
  readonly block: readonly Node[];
  readonly rescue?: readonly Node[];
  readonly always?: readonly Node[];
}

/** Any program. */
export const programs: fc.Arbitrary<Node[]> = fc.letrec<{ node: Node; nodes: Node[] }>((tie) => ({
  nodes: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
  node: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { arbitrary: fc.constantFrom("ok", "ok", "fail", "ignored"), weight: 3 },
    {
      arbitrary: fc.record(
        { block: tie("nodes"), rescue: tie("nodes"), always: tie("nodes") },
        { requiredKeys: ["block"] },
      ),
      weight: 2,
    },
  ),
})).nodes;

/** The program as the tasks of a play, indented; tasks are named `t1`, `t2`, … in the order they are written. */
export function toYaml(nodes: readonly Node[], indent = "    ", counter = { count: 0 }): string {
  return nodes.map((node) => {
    if (typeof node === "string") return `${indent}${taskYaml(node, ++counter.count)}\n`;
    const part = (name: "block" | "rescue" | "always") => {
      const tasks = node[name];
      if (!tasks) return "";
      const lead = name === "block" ? `${indent}- ` : `${indent}  `;
      return `${lead}${name}:\n${toYaml(tasks, `${indent}    `, counter)}`;
    };
    return part("block") + part("rescue") + part("always");
  }).join("");
}

function taskYaml(kind: "ok" | "fail" | "ignored", number: number): string {
  const called = kind === "ok" ? "debug: { msg: x }" : "fail: { msg: x }";
  return `- { name: t${number}, ${called}${kind === "ignored" ? ", ignore_errors: true" : ""} }`;
}

/** What runs, in order, as `t1 ok`; `failed` where the host is out at the end. */
export function interpret(nodes: readonly Node[]): { ran: string[]; failed: boolean } {
  const ran: string[] = [];
  const numbers = new Map<readonly Node[], number[]>();
  number(nodes, numbers, { count: 0 });
  const run = (list: readonly Node[]): boolean => {
    for (const [index, node] of list.entries()) {
      if (typeof node === "string") {
        ran.push(`t${numbers.get(list)![index]} ${node === "fail" ? "failed" : node}`);
        if (node === "fail") return false;
      } else if (!runBlock(node)) return false;
    }
    return true;
  };
  const runBlock = ({ block, rescue, always }: Nested): boolean => {
    const held = run(block) || (rescue !== undefined && run(rescue));
    return (always === undefined || run(always)) && held;
  };
  const failed = !run(nodes);
  return { ran, failed };
}

function number(nodes: readonly Node[], numbers: Map<readonly Node[], number[]>, counter: { count: number }): void {
  numbers.set(
    nodes,
    nodes.map((node) => {
      if (typeof node === "string") return ++counter.count;
      for (const part of [node.block, node.rescue, node.always]) if (part) number(part, numbers, counter);
      return 0;
    }),
  );
}
