import type { YamlCode } from "../../engine/support/diagnostic_codes.ts";
import { type Explanation, inventory, playbook } from "./explanation.ts";

/** YAML and JSON as texts. */
export const YAML: Readonly<Record<YamlCode, Explanation>> = {
  "json-depth": {
    summary: "JSON nests deeper than the limit",
    meaning: "An inventory's script may print 200 levels. Deeper nesting comes from a program that has gone astray.",
    example: {
      files: { "hosts.sh": `#!/bin/sh\nyes '[' | head -n 300 | tr -d '\\n'\n` },
      command: "play site.yml -i hosts.sh",
    },
    mend: "Look at what the script prints.",
  },
  "json-syntax": {
    summary: "the text is not JSON",
    meaning: "An executable inventory prints JSON on stdout, and nothing beside it.",
    example: {
      files: { "hosts.sh": `#!/bin/sh\necho 'connecting…'\necho '{}'\n` },
      command: "play site.yml -i hosts.sh",
    },
    mend: "Send the script's talk to stderr (echo … >&2). 'SCRIPT --list | jq .' shows what is wrong.",
  },
  "yaml-alias": {
    summary: "an alias leads nowhere, or into itself",
    meaning: "'*name' stands for the value that '&name' marked earlier in the same file.",
    example: playbook("- hosts: all\n  vars: *defaults\n"),
    mend: "Mark the value with &name above it. Text that begins with '*' needs quotes.",
  },
  "yaml-depth": {
    summary: "YAML nests deeper than the limit",
    meaning: "Values may nest 200 levels, far beyond what a person writes.",
    example: playbook(`- hosts: all\n  vars: { a: ${"[".repeat(210)}${"]".repeat(210)} }\n`),
    mend: "Move parts into variables or files of their own.",
  },
  "yaml-documents": {
    summary: "the file holds several YAML documents",
    meaning:
      "'---' on a line of its own begins another document; only one is read, and the rest must not be passed over.",
    example: playbook("- hosts: all\n---\n- hosts: gpu\n"),
    mend: "Make one list of it, or two files: aami play one.yml two.yml.",
  },
  "yaml-duplicate-key": {
    summary: "a mapping has a key twice",
    meaning: "One of the two values would be lost without a word.",
    example: playbook("- hosts: all\n  become: true\n  become: false\n"),
    mend: "Keep one of them.",
  },
  "yaml-key": {
    summary: "a key is no plain text",
    meaning:
      "Keys are names. A list or a mapping as a key is most often an expression without its quotes: '{{' opens " +
      "a mapping within a mapping in YAML.",
    example: playbook("- hosts: all\n  vars:\n    url: {{ host }}\n"),
    mend: 'Quote the value: url: "{{ host }}".',
  },
  "yaml-merge": {
    summary: "'<<' merges something that is no mapping",
    meaning: "'<<: *name' adds the keys of a mapping that was marked with '&name'.",
    example: playbook("- hosts: all\n  vars:\n    <<: text\n"),
    mend: "Give it an alias of a mapping, or a list of such aliases.",
  },
  "yaml-size": {
    summary: "aliases multiply a document beyond measure",
    meaning: "Aliases of aliases can make billions of values of a few lines.",
    example: inventory(
      `all:\n  vars:\n${
        Array.from({ length: 24 }, (_, n) => `    a${n}: &a${n} [ ${n === 0 ? "x, x" : `*a${n - 1}, *a${n - 1}`} ]\n`)
          .join("")
      }`,
      "hosts.yml",
    ),
    mend: "Write the values out, or take the aliases away.",
  },
  "yaml-syntax": {
    summary: "the text is not YAML",
    meaning: "YAML's structure is its indentation. A tab, a line that is too far left or right, a quote that is not " +
      "closed or ': ' within plain text ends it.",
    example: playbook("- hosts: all\n  tasks:\n    - name: install: the exporter\n      ping:\n"),
    mend:
      "Look at the line above the place, too: a quote or bracket may be open since then. Quote text that holds ': ' or ' #'.",
  },
};
