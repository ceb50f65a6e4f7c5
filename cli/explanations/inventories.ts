import type { InventoryCode } from "../../engine/support/diagnostic_codes.ts";
import { type Explanation, inventory, playbook } from "./explanation.ts";

/** Inventories, patterns of hosts and files of variables. */
export const INVENTORIES: Readonly<Record<InventoryCode, Explanation>> = {
  "ambiguous-name": {
    summary: "a name is both a host's and a group's",
    meaning: "A pattern of that name means the host, as in Ansible; who wrote it may have meant the group.",
    example: inventory("gpu\n\n[gpu]\nnode1\n"),
    mend: "Rename one of the two.",
  },
  "duplicate-key": {
    summary: "a variable is set twice in one place",
    meaning: "One of the two values would be lost without a word.",
    example: inventory("node1 ansible_user=ops ansible_user=root\n"),
    mend: "Keep one of them.",
  },
  "empty-inventory": {
    summary: "the inventory has no hosts",
    meaning: "The file is empty, or a folder holds no file that is read as an inventory (.ini, .md and .cfg within a " +
      "folder are not).",
    example: inventory("", "hosts.yml"),
    mend: "Add hosts: one a line in an INI file, or under all: hosts: in YAML.",
  },
  "group-cycle": {
    summary: "a group is, by its children, in itself",
    meaning: "Groups inherit variables from their parents, so there must be a top.",
    example: inventory("node1\n[a:children]\nb\n[b:children]\na\n"),
    mend: "The message shows the circle: take one of its lines away.",
  },
  "group-name": {
    summary: "a group's name is empty",
    meaning: "A group without a name can be chosen by no pattern.",
    example: inventory('"": { hosts: { node1: } }\n', "hosts.yml"),
    mend: "Give it a name.",
  },
  "group-priority": {
    summary: "ansible_group_priority is no whole number",
    meaning: "Of groups at the same depth the one with the higher priority wins; the default is 1.",
    example: inventory("[gpu]\nnode1\n[gpu:vars]\nansible_group_priority=high\n"),
    mend: "Write a number: ansible_group_priority=10.",
  },
  "host-name": {
    summary: "a host's name is empty or 'all'",
    meaning: "'all' is the group of all hosts.",
    example: inventory("all ansible_host=10.0.0.1\n"),
    mend: "Give the host another name; its address goes into ansible_host.",
  },
  "host-port": {
    summary: "a port is missing, is none, or has no effect",
    meaning: "host:PORT sets ansible_port, from 1 to 65535, where the host is named first.",
    example: inventory("node1:70000\n"),
    mend: "Write node1:22, or node1 ansible_port=22. An IPv6 address with a port: [2001:db8::1]:22.",
  },
  "host-range": {
    summary: "a range of hosts is not closed or cannot be counted",
    meaning: "node[01:16] stands for sixteen hosts, node[a:d] for four; a third number is the step.",
    example: inventory("node[9:1]\n"),
    mend: "Write the smaller end first, and both with as many digits: node[01:16].",
  },
  "ignored-vars-file": {
    summary: "of two files of variables for one name only one is read",
    meaning: "group_vars/gpu goes before gpu.yml, gpu.yaml and gpu.json, as in Ansible.",
    example: {
      files: { "hosts.ini": "[gpu]\nnode1\n", "group_vars/gpu.yml": "a: 1\n", "group_vars/gpu.json": '{"b": 2}\n' },
    },
    mend: "Make one file of them, or a folder group_vars/gpu/ with both inside.",
  },
  "ini-comment": {
    summary: "'#' within a word begins a comment",
    meaning: "In INI inventories everything from '#' on is a comment, so the value ends there.",
    example: inventory("node1 rack=a#3\n"),
    mend: "Quote the value: rack='a#3'.",
  },
  "ini-section": {
    summary: "the head of a section is not understood",
    meaning: "Heads are [group], [group:vars] and [group:children].",
    example: inventory("[gpu]\nnode1\n[gpu:var]\nrack=a\n"),
    mend: "Hosts stand below [group], its variables below [group:vars], groups in it below [group:children].",
  },
  "ini-syntax": {
    summary: "a line is none of an INI inventory",
    meaning: "A host's line is its name and key=value pairs; a line of [group:vars] is one key=value.",
    example: inventory("node1 rack\n"),
    mend: "Write key=value; quote values with spaces. A file in YAML needs the ending .yml.",
  },
  "inventory-executable": {
    summary: "the inventory's script failed, or printed something else than an inventory",
    meaning: "A file that may be executed is run with --list and prints groups as a JSON object.",
    example: { files: { "hosts.sh": "#!/bin/sh\nexit 3\n" }, command: "play site.yml -i hosts.sh" },
    mend: "Run it yourself: ./hosts.sh --list. A file that is no script: chmod -x.",
  },
  "inventory-format": {
    summary: "the inventory's format is not read",
    meaning: "Inventories are INI, YAML, JSON, or a script that prints JSON.",
    example: { files: { "hosts.toml": '[all.hosts]\n"node1" = {}\n' }, command: "play site.yml -i hosts.toml" },
    mend: "Write it as INI or YAML. 'ansible-inventory -i FILE --list --yaml' converts what Ansible reads.",
  },
  "inventory-missing": {
    summary: "there is no inventory of that name",
    meaning: "-i takes a file, a folder, a script, or a list of hosts with a comma in it.",
    example: { files: {}, command: "play site.yml -i clsuter.yml" },
    mend: "Correct the path. A single host is written with a comma: -i node1,",
  },
  "inventory-plugin": {
    summary: "the inventory asks for a plugin of Ansible",
    meaning: "A file with 'plugin:' at its top is configuration of a Python plugin.",
    example: inventory("plugin: amazon.aws.aws_ec2\nregions: [ eu-central-1 ]\n", "hosts.yml"),
    mend: "Let Ansible run it: a script with 'exec ansible-inventory -i aws.yml --list' is an inventory here.",
  },
  "inventory-read": {
    summary: "the inventory cannot be read or run",
    meaning: "The system refused: permissions, a script whose first line names no program, or one for another machine.",
    example: { files: { "hosts.sh": "#!/no/such/interpreter\n" }, command: "play site.yml -i hosts.sh" },
    mend: "The message has the system's reason. The first line of a script is, say, #!/bin/sh.",
  },
  "inventory-structure": {
    summary: "a part of the inventory has another form than its place takes",
    meaning: "A group is a mapping with hosts, children and vars; hosts and children are mappings, too, in YAML.",
    example: inventory("all:\n  hosts: [ node1, node2 ]\n", "hosts.yml"),
    mend: "Write each host as a key, with a colon:\n\n  all:\n    hosts:\n      node1:\n      node2: { rack: a }",
  },
  "limit-file": {
    summary: "the file of --limit cannot be read",
    meaning: "-l @FILE reads patterns from a file, one a line.",
    example: { ...playbook("- hosts: all\n"), command: "play site.yml -i hosts.ini -l @retry.txt" },
    mend: "Correct the path; it counts from the current directory.",
  },
  "pattern": {
    summary: "a pattern of hosts is not understood",
    meaning:
      "Parts are joined by ':' or ','. '!' leaves out, '&' keeps what is in both, '*' and '?' stand for characters, " +
      "~ begins a regular expression.",
    example: playbook('- hosts: "~node("\n'),
    mend: "Quote patterns in YAML: '!', '&' and '*' mean something there.",
  },
  "pattern-subscript": {
    summary: "a pattern asks for a host beyond the end of a group",
    meaning: "gpu[0] is the first host of the group, gpu[-1] the last, gpu[0:3] the first four.",
    example: playbook('- hosts: "all[7]"\n'),
    mend: "The message says how many hosts there are.",
  },
  "unknown-group": {
    summary: "a group is named that is declared nowhere",
    meaning: "Variables and children of a group need the group: most often the name is mistyped.",
    example: inventory("[gpu]\nnode1\n[gpus:vars]\nrack=a\n"),
    mend: "Correct the name, or declare it with [NAME].",
  },
  "unknown-host": {
    summary: "no host and no group has that name",
    meaning: "A name that exists nowhere is most likely mistyped, and the play would run on nothing. A group that is " +
      "empty is fine.",
    example: playbook("- hosts: gpus\n"),
    mend: "Correct the name, or give the right inventory with -i.",
  },
  "unused-vars-file": {
    summary: "a file of variables belongs to no group and no host",
    meaning: "group_vars/NAME.yml counts for the group NAME, host_vars/NAME.yml for the host. Nothing reads this one.",
    example: { files: { "hosts.ini": "[gpu]\nnode1\n", "group_vars/gpus.yml": "a: 1\n" } },
    mend: "Rename it after its group or host.",
  },
  "vars-file": {
    summary: "a file of variables is no mapping",
    meaning: "It holds names and values: name: value.",
    example: { files: { "hosts.ini": "[gpu]\nnode1\n", "group_vars/gpu.yml": "- port: 9100\n" } },
    mend: "Take the '- ' away.",
  },
  "vault-password": {
    summary: "what ansible-vault encrypted is not opened by any password that was given",
    meaning: "A text that begins with $ANSIBLE_VAULT is encrypted. Without its password nothing of it can be read.",
    example: { situation: "ansible-vault encrypted group_vars/gpu.yml, and aami play is called without a password." },
    mend: "Give the password: --vault-password-file FILE, --vault-id LABEL@FILE, or -J to be asked.",
  },
};
