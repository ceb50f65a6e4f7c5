/**
 * Which groups a node is in, and the labels that follow.
 *
 * @module
 */

import type { Config } from "./schema.ts";
import type { Node } from "./schema_nodes.ts";

/** The groups from one up to its furthest ancestor. */
export function lineOf(groups: Config["groups"], name: string): string[] {
  const line: string[] = [];
  for (let at: string | undefined = name; at !== undefined && !line.includes(at); at = groups[at]?.parent) {
    line.push(at);
  }
  return line;
}

/** The groups that have a group among their ancestors, and itself, sorted. */
export function descendantsOf(groups: Config["groups"], name: string): string[] {
  return Object.keys(groups).filter((each) => lineOf(groups, each).includes(name)).sort();
}

/** The group whose values hold for a node: the deepest of those it is in, of several the first; undefined for none. */
export function primaryGroup({ groups }: Config, node: Node): string | undefined {
  const depth = (name: string) => lineOf(groups, name).length;
  return node.groups.reduce<string | undefined>(
    (best, name) => best === undefined || depth(name) > depth(best) ? name : best,
    undefined,
  );
}

/** A node's labels as its targets have them: its own, those of its groups, `node`, `group` and `groups`. */
export function nodeLabels(config: Config, node: Node): Record<string, string> {
  const group = primaryGroup(config, node);
  const all = new Set(node.groups.flatMap((name) => lineOf(config.groups, name)));
  const line = group === undefined ? [] : lineOf(config.groups, group);
  const others = [...all].filter((name) => name !== group).sort();
  // The nearest group's label counts; groups off the primary one's line come last.
  const inherited = [...others.filter((name) => !line.includes(name)), ...line.toReversed()]
    .map((name) => config.groups[name]?.labels ?? {});
  return {
    ...Object.assign({}, ...inherited, node.labels),
    node: node.name,
    ...(group === undefined ? {} : { group }),
    ...(others.length === 0 ? {} : { groups: others.join(",") }),
  };
}
