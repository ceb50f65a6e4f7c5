/**
 * INI inventories with something wrong, and what is said about them.
 *
 * @module
 */

import type { MessageCase } from "./messages_test.ts";

/** The cases. */
export const INI_MESSAGES: readonly MessageCase[] = [
  {
    name: "unknown section kind",
    files: { "inv.ini": "[web:childs]\n" },
    says: `inv.ini:1:6: error: unknown kind of section 'childs'
    1 | [web:childs]
      |      ^^^^^^
  help: did you mean 'children'?`,
  },
  {
    name: "unknown section kind far",
    files: { "inv.ini": "[web:foo]\n" },
    says: `inv.ini:1:6: error: unknown kind of section 'foo'
    1 | [web:foo]
      |      ^^^
  help: use [group], [group:children] or [group:vars]`,
  },
  {
    name: "section with space",
    files: { "inv.ini": "[my web]\n" },
    says: `inv.ini:1:4: error: '[my web]' is no section
    1 | [my web]
      |    ^
  help: a section name holds no spaces`,
  },
  {
    name: "child that is no group",
    files: { "inv.ini": "[web]\na\n[top:children]\nwebb\n" },
    says: `inv.ini:4:1: error: group 'top' has the child 'webb', which is no group
    4 | webb
      | ^^^^
  help: did you mean 'web'?`,
  },
  {
    name: "child that is a host",
    files: { "inv.ini": "a\n[top:children]\na\n" },
    says: `inv.ini:3:1: error: group 'top' has the child 'a', which is no group
    3 | a
      | ^
  help: 'a' is a host: children are groups`,
  },
  {
    name: "vars undeclared",
    files: { "inv.ini": "[web]\na\n[wep:vars]\nx=1\n" },
    says: `inv.ini:3:2: error: variables for group 'wep', which is declared nowhere
    3 | [wep:vars]
      |  ^^^
  help: did you mean 'web'?`,
  },
  {
    name: "cycle ini",
    files: { "inv.ini": "[a:children]\nb\n[b:children]\nc\n[c:children]\na\n" },
    says: `inv.ini:6:1: error: the groups contain each other: c → a → b → c
    6 | a
      | ^`,
  },
  {
    name: "self ini",
    files: { "inv.ini": "[a:children]\na\n" },
    says: `inv.ini:2:1: error: a group cannot be its own child: a → a
    2 | a
      | ^`,
  },
  {
    name: "all child",
    files: { "inv.ini": "[a:children]\nall\n" },
    says: `inv.ini:2:1: error: 'all' holds every group, so it cannot be in 'a'
    2 | all
      | ^^^`,
  },
  {
    name: "range reversed",
    files: { "inv.ini": "node[5:1]\n" },
    says: `inv.ini:1:5: error: bad range '[5:1]': the begin is after the end
    1 | node[5:1]
      |     ^^^^^
  help: write [1:5]`,
  },
  {
    name: "range without colon",
    files: { "inv.ini": "[g]\n  node[5] x=1\n" },
    says: `inv.ini:2:7: error: bad range '[5]': it needs a begin and an end
    2 |   node[5] x=1
      |       ^^^
  help: write [begin:end] or [begin:end:step], e.g. [01:16]`,
  },
  {
    name: "range width",
    files: { "inv.ini": "node[01:100]\n" },
    says: `inv.ini:1:5: error: bad range '[01:100]': '01' and '100' differ in length
    1 | node[01:100]
      |     ^^^^^^^^
  help: write [001:100]`,
  },
  {
    name: "range open",
    files: { "inv.ini": "node[01:100\n" },
    says: `inv.ini:1:5: error: the range is not closed: ']' is missing
    1 | node[01:100
      |     ^^^^^^^`,
  },
  {
    name: "range letters",
    files: { "inv.ini": "node[a:10]\n" },
    says: `inv.ini:1:5: error: bad range '[a:10]': the bounds must be two numbers or two letters
    1 | node[a:10]
      |     ^^^^^^`,
  },
  {
    name: "range large",
    files: { "inv.ini": "node[1:1000]x[1:1000]\n" },
    says: `inv.ini:1:14: error: bad range '[1:1000]': it makes more than 100000 hosts
    1 | node[1:1000]x[1:1000]
      |              ^^^^^^^^`,
  },
  {
    name: "range end",
    files: { "inv.ini": "node[1:]\n" },
    says: `inv.ini:1:5: error: bad range '[1:]': the end is missing
    1 | node[1:]
      |     ^^^^
  help: write [begin:end], e.g. [01:16]`,
  },
  {
    name: "stray ]",
    files: { "inv.ini": "node1]\n" },
    says: `inv.ini:1:6: error: there is a ']' without its '['
    1 | node1]
      |      ^`,
  },
  {
    name: "port missing",
    files: { "inv.ini": "node:\n" },
    says: `inv.ini:1:5: error: 'node:' ends in ':' without a port
    1 | node:
      |     ^
  help: write host:22`,
  },
  {
    name: "port large",
    files: { "inv.ini": "node:99999\n" },
    says: `inv.ini:1:6: error: 99999 is no port: 1 to 65535
    1 | node:99999
      |      ^^^^^`,
  },
  {
    name: "missing file",
    files: { "inv.ini": "a\n" },
    sources: ["inw.ini"],
    says: `error: there is no inventory 'inw.ini'
  help: did you mean 'inv.ini'?`,
  },
  {
    name: "dup ini host line",
    files: { "inv.ini": "a x=1 x=2\n" },
    says: `inv.ini:1:7: error: 'x' is set twice on this line
    1 | a x=1 x=2
      |       ^`,
  },
  {
    name: "dup ini vars",
    files: { "inv.ini": "[g]\na\n[g:vars]\nx=1\nx=2\n" },
    says: `inv.ini:5:1: error: 'x' is set twice for group 'g'
    5 | x=2
      | ^`,
  },
  {
    name: "ini yaml marker",
    files: { "inv.ini": "---\nall:\n" },
    says: `inv.ini:1:1: error: '---' is no host: this looks like YAML
    1 | ---
      | ^^^
  help: name the file .yml, so that it is read as YAML`,
  },
  {
    name: "ini quote",
    files: { "inv.ini": 'a x="b\n' },
    says: `inv.ini:1:5: error: the double quote is not closed
    1 | a x="b
      |     ^`,
  },
  {
    name: "ini space around =",
    files: { "inv.ini": "a ansible_host = 1.2.3.4\n" },
    says: `inv.ini:1:3: error: 'ansible_host' is no key=value
    1 | a ansible_host = 1.2.3.4
      |   ^^^^^^^^^^^^
  help: no spaces around '=': ansible_host=…`,
  },
  {
    name: "ini yamlish",
    files: { "inv.ini": "[g:vars]\nx: 1\n[g]\n" },
    says: `inv.ini:2:1: error: 'x: 1' is no key=value
    2 | x: 1
      | ^^^^
  help: write key=value, not key: value`,
  },
  {
    name: "ini two hosts",
    files: { "inv.ini": "web1 web2\n" },
    says: `inv.ini:1:6: error: 'web2' is no key=value
    1 | web1 web2
      |      ^^^^
  help: one host a line, its variables after it as key=value`,
  },
  {
    name: "empty ini",
    files: { "inv.ini": "; nothing\n" },
    says: `inv.ini:1:1: error: the inventory is empty
    1 | ; nothing
      | ^
  help: an inventory needs at least one host, e.g. a line with its name`,
  },
  {
    name: "warning: both",
    files: { "inv.ini": "[web]\nweb\n" },
    says: `inv.ini:2:1: warning: 'web' is both a host and a group; a pattern 'web' means the host
    2 | web
      | ^^^`,
  },
  {
    name: "warning: comment",
    files: { "inv.ini": "a password=ab#cd x=1\n" },
    says: `inv.ini:1:14: warning: '#' begins a comment here, inside a word
    1 | a password=ab#cd x=1
      |              ^^^^^^^
  help: quote the value to keep the '#'`,
  },
  {
    name: "warning: port",
    files: { "inv.ini": "[g]\na\n[h]\na:22\n" },
    says: `inv.ini:4:1: warning: host 'a' was named before, so this port has no effect
    4 | a:22
      | ^^^^
  help: set ansible_port`,
  },
  {
    name: "a word after the variables",
    files: { "inv.ini": "a x=1 y\n" },
    says: `inv.ini:1:7: error: 'y' is no key=value
    1 | a x=1 y
      |       ^
  help: one host a line, its variables after it as key=value`,
  },
];
