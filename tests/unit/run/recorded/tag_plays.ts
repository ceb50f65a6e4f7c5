/**
 * A play whose tasks have every mixture of tags, and the selections that it is run with.
 *
 * @module
 */

const SETS: readonly (readonly string[])[] = [
  ...[[], ["a"], ["b"], ["a", "b"], ["always"], ["never"], ["always", "a"], ["never", "a"], ["never", "b"]],
  ...[["always", "never"], ["always", "never", "a"], ["tagged"], ["untagged"], ["all"], ["never", "tagged"]],
];

/** What `--tags` and `--skip-tags` are given. */
export const SELECTIONS: readonly { readonly only: readonly string[]; readonly skip: readonly string[] }[] = [
  ...[[], ["a"], ["b"], ["a", "b"], ["all"], ["tagged"], ["untagged"], ["always"], ["never"], ["a", "untagged"]],
].flatMap((only) =>
  [[], ["a"], ["b"], ["always"], ["never"], ["tagged"], ["untagged"], ["all"], ["a", "always"]].map((skip) => ({
    only,
    skip,
  }))
);

/** The playbook. Tags stand at the play's tasks, and for some at a block around them. */
export function tagPlay(): string {
  const tasks = SETS.map((tags) =>
    `    - { name: "${tags.join("+") || "none"}", debug: { msg: x }, tags: [${tags.join(", ")}] }\n`
  );
  const inBlocks = SETS.map((tags) =>
    `    - tags: [${tags.join(", ")}]\n      block:\n        - { name: "a in ${
      tags.join("+") || "none"
    }", debug: { msg: x }, tags: a }\n`
  );
  return `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join("")}${inBlocks.join("")}`;
}
