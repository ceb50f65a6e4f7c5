/**
 * YAML and executable inventories, files of variables with something wrong, and what is said about them.
 *
 * @module
 */

import type { MessageCase } from "./messages_test.ts";

/** The cases. */
export const OTHER_MESSAGES: readonly MessageCase[] = [
  {
    name: "cycle yaml",
    files: {
      "inv.yml": "all:\n  children:\n    a:\n      children:\n        b:\n          children:\n            a:\n",
    },
    says: `inv.yml:5:9: error: the groups contain each other: a → b → a
    5 |         b:
      |         ^`,
  },
  {
    name: "range step 0",
    files: { "inv.yml": "all:\n  hosts:\n    node[1:5:0]:\n" },
    says: `inv.yml:3:9: error: bad range '[1:5:0]': the step must not be 0
    3 |     node[1:5:0]:
      |         ^^^^^^^`,
  },
  {
    name: "missing file, nothing near",
    files: {},
    sources: ["web1"],
    says: `error: there is no inventory 'web1'
  help: for a host of that name write 'web1,'`,
  },
  {
    name: "script fails",
    files: { "inv.sh": "#!/bin/sh\necho no credentials >&2\nexit 3\n" },
    says: `error: inv.sh --list failed with exit code 3
  help: it said: no credentials`,
  },
  {
    name: "script no json",
    files: { "inv.sh": "#!/bin/sh\necho hello\n" },
    says: `inv.sh --list:1:1: error: 'h' is not expected here in JSON
    1 | hello
      | ^`,
  },
  {
    name: "script nothing",
    files: { "inv.sh": "#!/bin/sh\n" },
    says: `error: inv.sh --list printed nothing
  help: it must print JSON`,
  },
  {
    name: "script list",
    files: { "inv.sh": "#!/bin/sh\necho '[1]'\n" },
    says: `inv.sh --list:1:1: error: inv.sh --list must print a JSON object of groups
    1 | [1]
      | ^^^`,
  },
  {
    name: "script half",
    files: { "inv.sh": '#!/bin/sh\necho \'{"a": ["b",\'\n' },
    says: `inv.sh --list:2:1: error: the JSON ends too early
    2 | 
      | ^`,
  },
  {
    name: "script bad hosts",
    files: { "inv.sh": '#!/bin/sh\necho \'{"a": {"hosts": "b"}}\'\n' },
    says: `inv.sh --list:1:17: error: 'hosts' of group 'a' must be a list
    1 | {"a": {"hosts": "b"}}
      |                 ^^^`,
  },
  {
    name: "script interpreter",
    files: { "inv.sh": "#!/no/such\n" },
    says: `error: cannot run inv.sh: Failed to spawn 'inv.sh': No such file or directory`,
  },
  {
    name: "dup yaml",
    files: { "inv.yml": "all:\n  hosts:\n    a:\n    a:\n" },
    says: `inv.yml:4:5: error: the key 'a' is there twice
    4 |     a:
      |     ^
  help: keep one of them`,
  },
  {
    name: "tab yaml",
    files: { "inv.yml": "all:\n\thosts:\n" },
    says: `inv.yml:2:1: error: Tabs are not allowed as indentation
    2 |  hosts:
      | ^
  help: YAML does not allow tabs in the indentation: use spaces`,
  },
  {
    name: "yaml unknown key",
    files: { "inv.yml": "all:\n  host:\n    a:\n" },
    says: `inv.yml:2:3: error: unknown key 'host' in group 'all'
    2 |   host:
      |   ^^^^
  help: did you mean 'hosts'?`,
  },
  {
    name: "yaml unknown key var",
    files: { "inv.yml": "web:\n  ansible_user: root\n" },
    says: `inv.yml:2:3: error: unknown key 'ansible_user' in group 'web'
    2 |   ansible_user: root
      |   ^^^^^^^^^^^^
  help: variables belong under 'vars'`,
  },
  {
    name: "yaml group as child directly",
    files: { "inv.yml": "all:\n  webservers:\n    hosts:\n      a:\n" },
    says: `inv.yml:2:3: error: unknown key 'webservers' in group 'all'
    2 |   webservers:
      |   ^^^^^^^^^^
  help: hosts belong under 'hosts', groups under 'children'`,
  },
  {
    name: "yaml hosts list",
    files: { "inv.yml": "all:\n  hosts:\n    - a\n    - b\n" },
    says: `inv.yml:3:5: error: 'hosts' of group 'all' must be a mapping
    3 |     - a
      |     ^^^
  help: write a key for each, with a colon: web1:`,
  },
  {
    name: "yaml top list",
    files: { "inv.yml": "- a\n" },
    says: `inv.yml:1:1: error: a YAML inventory is a mapping of groups
    1 | - a
      | ^^^
  help: the groups stand at the top: all: {hosts: {web1:}}`,
  },
  {
    name: "yaml top hosts",
    files: { "inv.yml": "hosts: [a]\n" },
    says: `inv.yml:1:8: error: group 'hosts' must be a mapping
    1 | hosts: [a]
      |        ^^^
  help: 'hosts' belongs into a group, such as 'all'`,
  },
  {
    name: "yaml host scalar",
    files: { "inv.yml": "all:\n  hosts:\n    a: 1\n" },
    says: `inv.yml:3:8: error: host 'a' must be a mapping or empty
    3 |     a: 1
      |        ^
  help: variables of a host are a mapping below it`,
  },
  {
    name: "yaml plugin",
    files: { "inv.yml": "plugin: aws_ec2\n" },
    says: `inv.yml:1:9: error: Ansible's inventory plugin 'aws_ec2' is not available
    1 | plugin: aws_ec2
      |         ^^^^^^^
  help: 'constructed' is; for others use an executable inventory that prints JSON`,
  },
  {
    name: "constructed: unknown key",
    files: { "inv.yml": "plugin: constructed\ngroup:\n  x: true\n" },
    says: `inv.yml:2:1: error: unknown key 'group' in a constructed inventory
    2 | group:
      | ^^^^^
  help: did you mean 'groups'?`,
  },
  {
    name: "constructed: unknown key of a keyed group",
    files: { "inv.yml": "plugin: constructed\nkeyed_groups:\n  - key: a\n    seperator: '-'\n" },
    says: `inv.yml:4:5: error: unknown key 'seperator' in 'keyed_groups'
    4 |     seperator: '-'
      |     ^^^^^^^^^
  help: did you mean 'separator'?`,
  },
  {
    name: "constructed: groups as a list",
    files: { "inv.yml": "plugin: constructed\ngroups:\n  - x\n" },
    says: `inv.yml:3:3: error: 'groups' must be a mapping
    3 |   - x
      |   ^^^
  help: write NAME: EXPRESSION, one a line`,
  },
  {
    name: "constructed: no key",
    files: { "inv.yml": "plugin: constructed\nkeyed_groups:\n  - prefix: x\n" },
    says: `inv.yml:3:5: error: each of 'keyed_groups' needs a 'key'
    3 |   - prefix: x
      |     ^^^^^^^^^`,
  },
  {
    name: "constructed: a habit from Jinja",
    files: { "inv.yml": "plugin: constructed\ngroups:\n  x: rack is defined\n" },
    says: `inv.yml:3:11: error: 'is defined' is Jinja, expressions here are CEL
    3 |   x: rack is defined
      |           ^^^^^^^^^^
  help: write: defined(rack)`,
  },
  {
    name: "constructed: strict",
    files: { "i.ini": "a\n", "inv.yml": "plugin: constructed\nstrict: true\ngroups:\n  x: rack == 1\n" },
    sources: ["i.ini", "inv.yml"],
    says: `inv.yml:4:6: error: host 'a': undefined variable 'rack'
    4 |   x: rack == 1
      |      ^^^^`,
  },
  {
    name: "yaml priority",
    files: { "inv.yml": "g:\n  vars:\n    ansible_group_priority: high\n" },
    says: `inv.yml:3:29: error: ansible_group_priority must be a whole number
    3 |     ansible_group_priority: high
      |                             ^^^^`,
  },
  {
    name: "empty yml",
    files: { "inv.yml": "# nothing\n" },
    says: `inv.yml:1:1: error: the inventory is empty
    1 | # nothing
      | ^
  help: an inventory needs at least one host, e.g. a line with its name`,
  },
  {
    name: "toml",
    files: { "inv.toml": "[all]\n" },
    says: `inv.toml:1:1: error: TOML inventories are not read
    1 | [all]
      | ^
  help: use YAML or INI`,
  },
  {
    name: "vars file list",
    files: { "inv.ini": "[g]\na\n", "group_vars/g.yml": "- 1\n" },
    says: `group_vars/g.yml:1:1: error: a file of variables is a mapping of names to values
    1 | - 1
      | ^^^`,
  },
  {
    name: "vars vault",
    files: { "inv.ini": "[g]\na\n", "group_vars/g.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n" },
    says: `group_vars/g.yml:1:1: error: the encrypted text is damaged: it is not whole
    1 | $ANSIBLE_VAULT;1.1;AES256
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
  help: restore it from a copy, or encrypt it again: aami secret encrypt`,
  },
  {
    name: "templates",
    files: {
      "inv.ini": '[g]\na x="{{ y | default(1) }}"\n[g:vars]\nz={{ (1 }}\n',
      "group_vars/g.yml": 'u: "{{ a is defined }}"\n',
    },
    says: `inv.ini:2:11: error: '| default' is Jinja, expressions here are CEL
    2 | a x="{{ y | default(1) }}"
      |           ^^^^^^^^^
  help: write: default(y, 1)
inv.ini:4:7: error: the expression ends too early
    4 | z={{ (1 }}
      |       ^
group_vars/g.yml:1:10: error: 'is defined' is Jinja, expressions here are CEL
    1 | u: "{{ a is defined }}"
      |          ^^^^^^^^^^
  help: write: defined(a)`,
  },
  {
    name: "warning: unknown group_vars",
    files: {
      "inv.ini": "[gpus]\na\n",
      "group_vars/gpu.yml": "x: 1\n",
      "host_vars/b.yml": "x: 1\n",
      "group_vars/README.md": "x",
    },
    says: `warning: group_vars/gpu.yml belongs to no group: the inventory has none named 'gpu'
  help: did you mean 'gpus'?
warning: host_vars/b.yml belongs to no host: the inventory has none named 'b'
  help: did you mean 'a'?`,
  },
  {
    name: "warning: names",
    files: { "inv.ini": "[g]\na my-var=1\n[g:vars]\n1x=2\n", "group_vars/g.yml": "a.b: 1\n" },
    says: `inv.ini:2:3: warning: 'my-var' is no name that an expression can use
    2 | a my-var=1
      |   ^^^^^^
  help: 'my_var' could be used
inv.ini:4:1: warning: '1x' is no name that an expression can use
    4 | 1x=2
      | ^^
  help: '_1x' could be used
group_vars/g.yml:1:1: warning: 'a.b' is no name that an expression can use
    1 | a.b: 1
      | ^^^
  help: 'a_b' could be used`,
  },
  {
    name: "warning: ignored",
    files: { "inv.ini": "[g]\na\n", "group_vars/g.yml": "x: 1\n", "group_vars/g/m.yml": "x: 1\n" },
    says: `warning: group_vars/g.yml is not read: group_vars/g goes before it`,
  },
  {
    name: "warning: no hosts",
    files: { "inv.yml": "g:\n" },
    says: `warning: the inventory has no hosts: inv.yml`,
  },
  {
    name: "a directory with a broken file",
    files: { "inv/a.yml": "all:\n  hosts:\n    a:\n", "inv/b.yml": "all: 1\n" },
    sources: ["inv"],
    says: `inv/b.yml:1:6: error: group 'all' must be a mapping
    1 | all: 1
      |      ^
  help: a group has 'hosts', 'children' and 'vars'`,
  },
  {
    name: "a list with a bad range",
    files: {},
    sources: ["a,node[3:1],"],
    says: `--inventory:1:7: error: bad range '[3:1]': the begin is after the end
    1 | a,node[3:1],
      |       ^^^^^
  help: write [1:3]`,
  },
  {
    name: "yaml without an ending and with a slip",
    files: { "hosts": "all:\n  hosts:\n    a: [\n" },
    says: `hosts:4:1: error: Flow sequence in block collection must be sufficiently indented and end with a ]
    4 | 
      | ^`,
  },
  {
    name: "hosts in json of a script",
    files: { "inv.sh": "#!/bin/sh\necho '{\"a\": [1]}'\n" },
    says: `inv.sh --list:1:8: error: the names in group 'a' must be text
    1 | {"a": [1]}
      |        ^`,
  },
  {
    name: "cycle in a script",
    files: {
      "inv.sh": '#!/bin/sh\necho \'{"a": {"children": ["b"]}, "b": {"children": ["a"]}, "_meta": {"hostvars": {}}}\'\n',
    },
    says: `inv.sh --list:1:47: error: the groups contain each other: b → a → b
    1 | {"a": {"children": ["b"]}, "b": {"children": ["a"]}, "_meta": {"hostvars": {}}}
      |                                               ^^^`,
  },
];
