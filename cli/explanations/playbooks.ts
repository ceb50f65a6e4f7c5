import type { PlaybookCode } from "../../engine/support/diagnostic_codes.ts";
import { type Explanation, playbook, tasks } from "./explanation.ts";

/** Plays, tasks, roles and the arguments of modules. */
export const PLAYBOOKS: Readonly<Record<PlaybookCode, Explanation>> = {
  "argument": {
    summary: "an argument's value is not one that the module takes",
    meaning: "Each argument has a type, and some a list of words or a form. What a module takes is known before any " +
      "host is contacted, so the value is checked then; one with an expression is checked when the host is reached.",
    example: tasks("- file: { path: /srv/data, state: directry }\n"),
    mend: "'aami module NAME' shows each argument with its type and default. A mode is text: mode: \"0644\".",
  },
  "block-depth": {
    summary: "blocks nest deeper than the limit",
    meaning: "A block may hold blocks, 50 levels deep. Beyond that it is most likely a program's mistake.",
    example: tasks(`- ${"{block: [".repeat(51)} {ping: } ${"]}".repeat(51)}\n`),
    mend: "Move inner blocks to a role, or to a file of their own.",
  },
  "empty": {
    summary: "the playbook holds no plays",
    meaning: "The file is empty, or holds comments alone, so there is nothing to run.",
    example: playbook("# to do\n"),
    mend: "A playbook is a list of plays:\n\n  - hosts: all\n    tasks:\n      - ping:",
  },
  "empty-role": {
    summary: "the folder of a role has none of a role's parts",
    meaning: "A role is a folder with at least one of tasks, handlers, defaults, vars, files, templates and meta.",
    example: {
      files: { "site.yml": "- hosts: all\n  roles: [ exporter ]\n", "roles/exporter/main.yml": "- ping:\n" },
    },
    mend: "Tasks of a role stand in roles/NAME/tasks/main.yml.",
  },
  "file-unreadable": {
    summary: "a file that is named does not exist or cannot be read",
    meaning:
      "Paths are read on the controller: those of flags from the current directory on, those of a playbook from " +
      "its own. A directory is no file, and permissions of the file or of a folder above it may keep you out.",
    example: playbook("- hosts: all\n  vars_files: [ site-vars.yml ]\n"),
    mend: "The message says which of these it is. A list within vars_files takes the first file that exists:\n\n" +
      '  vars_files: [ [ "{{ inventory_hostname }}.yml", default.yml ] ]',
  },
  "import": {
    summary: "an import cannot be read before any host is known",
    meaning:
      "'import_tasks', 'import_role' and 'import_playbook' are read with the playbook, when no variable has a value. " +
      "Their names take no expressions, and they have no loop and no result.",
    example: {
      files: {
        "site.yml": '- hosts: all\n  tasks:\n    - import_tasks: "{{ inventory_hostname }}.yml"\n',
      },
    },
    mend: "Use 'include_tasks' or 'include_role', which are read when a host gets there.",
  },
  "import-loop": {
    summary: "imports go round in a loop",
    meaning: "A file imports itself, perhaps through others, and would never end.",
    example: {
      files: {
        "site.yml": "- hosts: all\n  tasks:\n    - import_tasks: a.yml\n",
        "a.yml": "- import_tasks: a.yml\n",
      },
    },
    mend: "Take one of the imports away. 'include_tasks' with a 'when' may include its own file.",
  },
  "loop": {
    summary: "what a task loops over is no list",
    meaning: "'loop' repeats a task for each item of a list. A text or a map is not taken apart by itself.",
    example: tasks("- debug: { msg: hello }\n  loop: names\n"),
    mend: 'A variable is an expression: loop: "{{ names }}". The keys and values of a map: loop: "{{ items(map) }}".',
  },
  "missing-argument": {
    summary: "a module is called without an argument that it needs",
    meaning: "Some arguments have no default, as no value would be a safe guess.",
    example: tasks("- file: { state: touch }\n"),
    mend: "'aami module NAME' marks the arguments that are required.",
  },
  "no-hosts": {
    summary: "a play does not say where it runs",
    meaning: "Every play names its hosts by a pattern; there is no default, as it would be the wrong one some day.",
    example: playbook("- name: install\n  tasks:\n    - ping:\n"),
    mend: "Add 'hosts:' with a group, a host or 'all'.",
  },
  "no-module": {
    summary: "a task has keywords and no module",
    meaning: "A task does one thing, by one module. Keywords such as 'name' and 'when' only say how and when.",
    example: tasks("- name: install the exporter\n  when: true\n"),
    mend: "Add what it does: 'package: { name: curl }', 'command: …'. 'aami module' lists the modules.",
  },
  "no-name": {
    summary: "a handler has no name",
    meaning: "Tasks notify a handler by its name or by what it listens to; one with neither is never run.",
    example: playbook("- hosts: all\n  handlers:\n    - systemd: { name: app, state: restarted }\n"),
    mend: "Give it 'name:' or 'listen:'.",
  },
  "no-role": {
    summary: "an entry under 'roles' names no role",
    meaning: "An entry is a role's name, or a mapping with 'role:' and what goes with it.",
    example: playbook("- hosts: all\n  roles:\n    - when: true\n"),
    mend: "Write '- exporter', or '- role: exporter' with further keys below it.",
  },
  "no-text": {
    summary: "a file that should be text is not UTF-8",
    meaning: "Playbooks, inventories and templates are UTF-8. The file holds other bytes: another encoding, or it is " +
      "an archive or a program.",
    example: { situation: "A playbook that an editor saved as UTF-16." },
    mend: "Convert it: iconv -f UTF-16 -t UTF-8 site.yml > new.yml. To copy a binary file, use 'copy: { src: … }'.",
  },
  "rules": {
    summary: "a file of rules is not one that Prometheus would load",
    meaning: "Rule files are checked before they travel: groups, rules, durations, and every PromQL expression.",
    example: {
      files: {
        "site.yml": "- hosts: localhost\n  tasks:\n    - prometheus_rules: { path: /tmp/nodes.yml, src: a.yml }\n",
        "files/a.yml": "groups:\n  - name: nodes\n    rules:\n      - alert: Down\n        expr: up == = 0\n",
      },
      command: "play site.yml -i localhost, -c local --check",
    },
    mend: "The place in the message is the place in the file. 'promtool check rules FILE' says more on what is valid.",
  },
  "shell-syntax": {
    summary: "a command line that needs a shell is given to 'command'",
    meaning:
      "'command' starts a program with the words of the line as they are: '|', '>' and '&&' are words like any " +
      "other. 'aami lint' warns of them, as the program seldom is to get them.",
    example: {
      files: {
        "site.yml": "- hosts: all\n  tasks:\n    - command: nvidia-smi -L | wc -l\n      changed_when: false\n",
      },
      command: "lint site.yml",
    },
    mend: "Use 'shell', or put the word in quotes where the program is to get it.",
  },
  "source-missing": {
    summary: "a file or template that a task sends does not exist",
    meaning: "It is looked for in the role's files/ or templates/ folder, then in the playbook's, then beside them.",
    example: tasks("- template: { src: motd.hbs, dest: /etc/motd }\n"),
    mend: "The message lists the places where it was looked for. For a file that lies on the host: remote_src: true.",
  },
  "tags": {
    summary: "a tag is not plain text",
    meaning: "Tags choose tasks before any host is known, so they can hold no expressions.",
    example: tasks('- ping:\n  tags: [ "{{ rack }}" ]\n'),
    mend: "Write the tag out, or choose hosts with --limit.",
  },
  "two-modules": {
    summary: "one task names two modules",
    meaning: "A task calls one module. Which of two would go first is not said anywhere.",
    example: tasks("- ping:\n  command: uptime\n"),
    mend: "Make two tasks of it; a '- ' is often missing.",
  },
  "type": {
    summary: "a value is of another type than its place takes",
    meaning: "A list, a mapping, a text, a number or true/false is expected there, and something else stands there.",
    example: playbook("- hosts: all\n  tasks: { ping: }\n"),
    mend: 'Begin each item of a list with \'- \'. Quote a text that looks like a number or like true: "1.10", "on".',
  },
  "unknown-argument": {
    summary: "a module has no argument of that name",
    meaning: "What a module does not know it cannot heed, so nothing is passed over in silence.",
    example: tasks("- file: { path: /srv/data, stat: directory }\n"),
    mend:
      "'aami module NAME' lists the arguments. A keyword of the task stands beside the module's name, not below it.",
  },
  "unknown-task": {
    summary: "no task has the name that --start-at-task gives",
    meaning: "'--start-at-task NAME' begins at the first task of that name. A name that no task has would leave out " +
      "all of them. A glob such as 'Write*' will do, and the role before the name may be left out.",
    example: {
      files: { "site.yml": "- hosts: all\n  tasks:\n    - name: Say hello\n      ping:\n" },
      command: "play site.yml -i hosts.ini --start-at-task 'Say helo'",
    },
    mend: "Take a name that 'aami play … --list-tasks' shows. Tasks that tags leave out are not among them.",
  },
  "unused-handler": {
    summary: "nothing notifies a handler of the play",
    meaning:
      "A handler runs when a task that names it in 'notify' has changed something. 'aami lint' warns of one that " +
      "no task of its play names, as it never runs.",
    example: {
      files: {
        "site.yml": "- hosts: all\n  tasks:\n    - ping:\n  handlers:\n    - name: restart exporter\n      ping:\n",
      },
      command: "lint site.yml",
    },
    mend: "Name it in the 'notify' of the tasks that it belongs to, or take it away.",
  },
  "unknown-handler": {
    summary: "a task notifies a handler that does not exist",
    meaning: "'notify' names a handler of the play or of one of its roles by its name, or by what it listens to.",
    example: tasks("- ping:\n  notify: restart exporter\n"),
    mend: "Correct the name, or add the handler under 'handlers:'.",
  },
  "unknown-key": {
    summary: "a key is no keyword of the place where it stands",
    meaning:
      "A play, a task, a block, a handler and a group of an inventory each take a closed list of keys. A mistyped " +
      "one would otherwise be passed over, and what it asks for with it.",
    example: tasks("- nmae: say hello\n  ping:\n"),
    mend: "Take the word that the message suggests. A module belongs into a task, under 'tasks:'.",
  },
  "unknown-module": {
    summary: "there is no module of that name",
    meaning: "Modules have Ansible's names; 'ansible.builtin.' and 'ansible.posix.' before them are fine. Not every " +
      "module of Ansible is there.",
    example: tasks("- pign:\n"),
    mend: "'aami module' lists the modules. Where none fits: command, shell or script with 'creates' or 'unless'.",
  },
  "unknown-role": {
    summary: "there is no role of that name",
    meaning:
      "A role is looked for in roles/ beside the playbook, beside the playbook itself, and among the built-in ones.",
    example: playbook("- hosts: all\n  roles: [ exporer ]\n"),
    mend: "Correct the name, or put the role into roles/NAME beside the playbook.",
  },
  "unknown-tag": {
    summary: "no task has a tag that was asked for",
    meaning: "A mistyped tag would run nothing, or what was to be left out.",
    example: { ...tasks("- ping:\n  tags: check\n"), command: "play site.yml -i hosts.ini --tags chek" },
    mend: "The message lists the tags of the playbook. all, tagged, untagged, always and never are always there.",
  },
  "variable-name": {
    summary: "a name cannot be the name of a variable",
    meaning:
      "Expressions read variables by name. A name holds letters, digits and underscores, does not begin with a " +
      "digit, and is no word of the expression language nor of what aami sets itself.",
    example: playbook("- hosts: all\n  vars: { node-port: 9100 }\n"),
    mend: "Write node_port.",
  },
  "vault": {
    summary: "what ansible-vault encrypted is damaged",
    meaning: "Its head, its length or its checksum is not what ansible-vault writes, or it decrypts to no text.",
    example: {
      files: { "hosts.ini": "[gpu]\nnode1\n", "group_vars/gpu.yml": "$ANSIBLE_VAULT;9.9;AES256\n6162\n" },
    },
    mend: "Restore it from a copy, or encrypt it again: aami secret encrypt.",
  },
};
