/**
 * The inventories that are read by ansible-core (record.ts) and by aami (comparison_test.ts).
 *
 * @module
 */

/** An inventory: its files and how it is given. */
export interface InventoryCase {
  readonly name: string;
  /** Path → text. A text that begins with `#!` is made executable. */
  readonly files: Readonly<Record<string, string>>;
  /** What `-i` gets; `inv` by default, or the only file. */
  readonly sources?: readonly string[];
  /** The directory of the playbook. */
  readonly playbook?: string;
}

const ini = (name: string, text: string): InventoryCase => ({ name, files: { "inv.ini": text } });
const yaml = (name: string, text: string): InventoryCase => ({ name, files: { "inv.yml": text } });
const script = (name: string, listing: unknown, rest = "echo '{}'"): InventoryCase => ({
  name,
  files: {
    "inv.sh": `#!/bin/sh\nif [ "$1" = --list ]; then cat <<'END'\n${JSON.stringify(listing)}\nEND\nelse ${rest}\nfi\n`,
  },
});

const INI: InventoryCase[] = [
  ini("ini: hosts without a group", "a\nb\nc\n"),
  ini("ini: groups and comments", "# top\n; also\nlone\n[web]  # the web\nw1\nw2 # second\n\n[db] \n d1 \n\td2\n"),
  ini("ini: ungrouped after grouped", "a\n[g]\na\nb\n[ungrouped]\nb\nc\n"),
  ini("ini: children", "[a]\nh1\n[b]\nh2\n[top:children]\na\nb # second\n[higher:children]\ntop\n"),
  ini("ini: children before they are declared", "[top:children]\nb\na\nc\n[a]\nh1\n[c]\nh3\n[b]\nh2\n"),
  ini("ini: nested, children first", "[x:children]\ny\n[y:children]\nz\n[z]\nh\n[z:vars]\nv=1\n[x:vars]\nv=2\n"),
  ini(
    "ini: diamond",
    "[bottom]\nh\n[l:children]\nbottom\n[r:children]\nbottom\n[t:children]\nl\nr\n[l:vars]\nv=l\n[r:vars]\nv=r\n[t:vars]\nv=t\nw=t\n",
  ),
  ini(
    "ini: values of host lines",
    `h i=1 f=1.5 neg=-3 t=True f2=False n=None low=true yes=yes s=text q="two words" q2='single $x' e= z=0644 h=0x1f us=1_000 exp=1e3 plus=+4\n`,
  ),
  ini(
    "ini: lists and dicts on host lines",
    `h l="[1, 2, 'three']" d="{'a': 1, 'b': [True, None]}" t="(1, 2)" bare=1,2 words=a,b bad="[1, x]" quoted="'7'" dq='"8"' nested="{'a': {'b': {'c': 'd'}}}"\n`,
  ),
  ini(
    "ini: values of vars sections",
    `[g]\nh\n[g:vars]\ni=1\nsp = 2 \nf=1.5\nt=True\nlow=true\ns=a b c\nq="quoted text"\nq2='a'\nl=[1, 2]\nd={'k': 'v'}\nc=8080 # comment\nc2=text # stays\ncat='a' 'b'\neq=a=b=c\nempty=\nzero=007\nuni=grün\nparen=(3)\ntuple=(3,)\nesc='a\\tb\\x41'\nraw=r'a\\tb'\n`,
  ),
  ini("ini: quoting", `h a=b\\ c d="e \\" f" g='h \\ i' j=k"l m"n o="" p=''x q="#no" r=s\\#t\n`),
  ini("ini: a comment inside a line", "h a=1 # b=2\ni url=http://x/#frag c=3\n"),
  ini("ini: templates", `h a="{{ b }}" b={{c}} \n[all:vars]\nd={{ e }} and more\ne={{ f }}-{{ g }}\n`),
  ini("ini: ranges", "node[01:03]\nn[1:3]\nr[a:d]\nst[0:10:5]\n[g]\nz[08:11].example.com x=1\nal[a:i:4]\n"),
  ini("ini: ranges in ranges", "r[1:2]n[01:03]\nx[a:b][1:2]y\n"),
  ini("ini: ranges without a begin, with letters of both cases", "n[:2]\nm[y:B]\n"),
  ini("ini: ranges that are filled by the begin", "n[0:10:5]\nm[1:010:4]\nk[9:11]\n"),
  ini("ini: ports", "a:2222\nb[1:2]:2200\n10.0.0.1:22\n[::1]:2022\n[g]\na:3333\nc ansible_port=5\n"),
  ini("ini: addresses", "10.0.0.[1:3]\nfe80::1\n2001:db8::[1:3]\nhost_name\nn-1.example.com\nx_ y=1\n"),
  ini(
    "ini: all and ungrouped as sections",
    "[all]\na\nb\n[g]\nb\n[ungrouped]\nc\n[all:vars]\nx=1\n[ungrouped:vars]\ny=2\n",
  ),
  ini("ini: a host in many groups", "[b]\nh\n[a]\nh\n[c]\nh\n[a:vars]\nv=a\n[b:vars]\nv=b\n[c:vars]\nv=c\n"),
  ini("ini: group priority", "[a]\nh\n[b]\nh\n[a:vars]\nv=a\nansible_group_priority=10\n[b:vars]\nv=b\n"),
  ini(
    "ini: priority against depth",
    "[p]\nh\n[q]\nh\n[c:children]\nd\n[d]\nh\n[p:vars]\nansible_group_priority=99\nv=p\n[d:vars]\nv=d\n[q:vars]\nv=q\n",
  ),
  ini("ini: same host twice", "[a]\nh x=1 y=1\n[b]\nh x=2\n"),
  ini("ini: section order and repeats", "[a]\nh1\n[b]\nh2\n[a]\nh3\n[b:vars]\nx=1\n[a:vars]\nx=2\n[b]\nh4\n"),
  ini("ini: names with dashes", "[gpu-nodes]\nn1 my-var=1\n[gpu-nodes:vars]\nother-var=2\n"),
  ini("ini: empty groups", "[empty]\n[full]\na\n[both:children]\nempty\nfull\n"),
  ini("ini: tabs and windows lines", "[g]\r\nh1\tx=1\ty=2\r\n[g:vars]\r\nz = 3\r\n"),
  { name: "ini: without an ending", files: { hosts: "[web]\nw1 x=1\nw2\n[db:children]\nweb\n" } },
  { name: "ini: another ending", files: { "hosts.prod": "[web]\nw[1:2]\n" } },
  ini("ini: localhost", "localhost ansible_connection=local\n[g]\nlocalhost\n"),
  ini(
    "ini: deep against wide",
    "[a:children]\nb\n[b:children]\nc\n[c]\nh\n[z]\nh\n[c:vars]\nv=c\n[z:vars]\nv=z\nw=z\n[a:vars]\nw=a\n",
  ),
];

const YAML: InventoryCase[] = [
  yaml(
    "yaml: all",
    "all:\n  hosts:\n    a:\n    b:\n      x: 1\n  vars:\n    v: all\n  children:\n    g:\n      hosts:\n        b:\n        c: {y: [1, 2]}\n      vars:\n        v: g\n",
  ),
  yaml("yaml: groups at the top", "web:\n  hosts:\n    w1:\n    w2:\ndb:\n  hosts:\n    d1:\nempty:\n"),
  yaml(
    "yaml: ranges",
    "all:\n  hosts:\n    node[01:03]:\n      x: 1\n    'n[a:b]:2222':\n  children:\n    g:\n      hosts:\n        \"node[02:03]\":\n          x: 2\n",
  ),
  yaml(
    "yaml: duplicate groups",
    "all:\n  children:\n    a:\n      hosts: {h1: }\n      vars: {x: 1}\n    b:\n      children:\n        a:\n          hosts: {h2: }\n          vars: {y: 2}\n      vars: {x: b, y: b, z: b}\n",
  ),
  yaml("yaml: bare names", "all:\n  hosts: h1\n  children: g1\n"),
  yaml(
    "yaml: empty sections",
    "all:\n  hosts:\n  vars:\n  children:\n    g:\n      hosts:\n        a:\n      vars: {}\n    h:\n",
  ),
  yaml(
    "yaml: kinds of values",
    "all:\n  hosts:\n    h:\n      i: 1\n      f: 1.5\n      t: true\n      n: null\n      e:\n      s: 'text'\n      l: [a, {b: c}]\n      m: {x: {y: z}}\n      block: |\n        two\n        lines\n      folded: >-\n        one\n        line\n      tpl: \"{{ x }}\"\n",
  ),
  yaml(
    "yaml: anchors and merges",
    "all:\n  vars:\n    base: &b {x: 1, y: 2}\n    more:\n      <<: *b\n      y: 3\n  hosts:\n    a: &h {v: 1}\n    b: *h\n",
  ),
  yaml("yaml: unsafe", "all:\n  hosts:\n    h:\n      u: !unsafe '{{ not a template }}'\n"),
  yaml(
    "yaml: depth",
    "all:\n  children:\n    a:\n      vars: {v: a, w: a}\n      children:\n        b:\n          vars: {v: b}\n          children:\n            c:\n              hosts: {h: }\n              vars: {u: c}\n    z:\n      vars: {v: z, w: z, u: z}\n      hosts: {h: }\n",
  ),
  yaml(
    "yaml: priority",
    "all:\n  children:\n    a:\n      vars: {v: a, ansible_group_priority: 5}\n      hosts: {h: }\n    b:\n      vars: {v: b, ansible_group_priority: '3'}\n      hosts: {h: }\n    c:\n      vars: {v: c}\n      hosts: {h: }\n",
  ),
  yaml(
    "yaml: children of the top that are children elsewhere",
    "a:\n  children:\n    b:\nb:\n  hosts:\n    h:\n  vars: {x: b}\na:\n".replace(/a:\n$/, "c:\n  hosts: {i: }\n"),
  ),
  {
    name: "yaml: json file",
    files: { "inv.json": '{"all": {"hosts": {"a": {"x": 1}}, "children": {"g": {"hosts": {"a": null, "b": null}}}}}' },
  },
  { name: "yaml: without an ending", files: { hosts: "all:\n  hosts:\n    a:\n      x: 1\n" } },
];

const SCRIPTS: InventoryCase[] = [
  script("script: groups and hostvars", {
    web: { hosts: ["w1", "w2"], vars: { x: 1 }, children: ["sub"] },
    sub: { hosts: ["s1"] },
    _meta: { hostvars: { w1: { ansible_host: "10.0.0.1", l: [1, { a: null }] }, s1: { u: "grün" }, nobody: { x: 1 } } },
  }),
  script("script: short forms", { web: ["w1", "w2"], single: { x: 1, y: "z" }, _meta: { hostvars: {} } }),
  script("script: asked for each host", { g: ["a", "b"] }, `echo "{\\"name\\": \\"$2\\", \\"n\\": 7}"`),
  script("script: nothing", { _meta: { hostvars: {} } }),
  script("script: no ranges, no ports", { g: ["n[1:2]", "h:22"], _meta: { hostvars: { "h:22": { x: 1 } } } }),
];

const FILES: Record<string, string> = {
  "inv/hosts.yml":
    "all:\n  vars: {a: inv_all, l: 1}\n  children:\n    p:\n      vars: {a: inv_p, b: inv_p, l: 3}\n      children:\n        c:\n          vars: {a: inv_c, b: inv_c, c: inv_c}\n          hosts:\n            h1: {a: inv_h1}\n            h2:\n    q:\n      hosts: {h2: , h3: }\n",
  "inv/group_vars/all.yml": "a: igv_all\nb: igv_all\nc: igv_all\nd: igv_all\ne: igv_all\nl: 4\n",
  "inv/group_vars/p.yml": "a: igv_p\nb: igv_p\nf: igv_p\n",
  "inv/group_vars/c.yaml": "g: igv_c\nf: igv_c\n",
  "inv/group_vars/q/10.yml": "d: q10\nm: q10\n",
  "inv/group_vars/q/20": "m: q20\n",
  "inv/group_vars/q/deep/x.json": '{"n": "deep"}',
  "inv/group_vars/q/.hidden.yml": "m: hidden\n",
  "inv/group_vars/q/old.yml~": "m: old\n",
  "inv/group_vars/q/notes.txt": "not: read\n",
  "inv/host_vars/h1.yml": "d: ihv_h1\nh: ihv_h1\n",
  "inv/host_vars/h3/vars.yml": "d: ihv_h3\n",
  "play/group_vars/all/main.yml": "c: pgv_all\nd: pgv_all\no: pgv_all\n",
  "play/group_vars/c.json": '{"g": "pgv_c"}',
  "play/group_vars/p": "f: pgv_p\no: pgv_p\n",
  "play/host_vars/h1.yaml": "h: phv_h1\n",
};

const MANY: InventoryCase[] = [
  { name: "files: beside the inventory", files: FILES, sources: ["inv/hosts.yml"] },
  { name: "files: beside inventory and playbook", files: FILES, sources: ["inv/hosts.yml"], playbook: "play" },
  { name: "files: the directory as the source", files: FILES, sources: ["inv"], playbook: "play" },
  { name: "files: inventory and playbook in one place", files: FILES, sources: ["inv/hosts.yml"], playbook: "inv" },
  {
    name: "files: a folder goes before a file, .yml before .yaml",
    files: {
      "i.ini": "[a]\nh\n[b]\nh\n",
      "group_vars/a/x.yml": "a: folder\n",
      "group_vars/a.yml": "a: file\n",
      "group_vars/b.yml": "b: yml\n",
      "group_vars/b.yaml": "b: yaml\n",
      "host_vars/h.json": '{"c": 1}',
      "group_vars/nobody.yml": "x: 1\n",
      "group_vars/all.yml": "",
    },
    sources: ["i.ini"],
  },
  {
    name: "files: group_vars of nested groups by depth and name",
    files: {
      "i.ini": "[z]\nh\n[a]\nh\n[t:children]\na\n[t:vars]\nv=t\n",
      "group_vars/z.yml": "v: z\nw: z\n",
      "group_vars/a.yml": "w: a\nu: a\n",
      "group_vars/t.yml": "u: t\nv: t2\nansible_group_priority: 50\n",
    },
    sources: ["i.ini"],
  },
  {
    name: "several: two files",
    files: {
      "one/a.ini": "[g]\nh1 x=1\n[g:vars]\nv=1\nw=1\n",
      "two/b.yml": "g:\n  hosts: {h1: {x: 2}, h2: }\n  vars: {v: 2}\n",
      "one/group_vars/g.yml": "y: one\nz: one\n",
      "two/group_vars/g.yml": "y: two\n",
    },
    sources: ["one/a.ini", "two/b.yml"],
  },
  {
    name: "several: the other way round",
    files: {
      "one/a.ini": "[g]\nh1 x=1\n[g:vars]\nv=1\nw=1\n",
      "two/b.yml": "g:\n  hosts: {h1: {x: 2}, h2: }\n  vars: {v: 2}\n",
      "one/group_vars/g.yml": "y: one\nz: one\n",
      "two/group_vars/g.yml": "y: two\n",
    },
    sources: ["two/b.yml", "one/a.ini"],
  },
  {
    name: "several: a source between two of one directory",
    files: {
      "one/a.ini": "[g]\nh1\n",
      "one/c.ini": "[g]\nh3\n",
      "two/b.ini": "[g]\nh2\n",
      "one/group_vars/g.yml": "y: one\n",
      "two/group_vars/g.yml": "y: two\n",
    },
    sources: ["one/a.ini", "two/b.ini", "one/c.ini"],
  },
  {
    name: "directory: files in order, ignored ones left out",
    files: {
      "inv/02-b.yml": "g:\n  hosts: {b: {x: 2}}\n",
      "inv/01-a": "[g]\na x=1\nb x=1\n",
      "inv/03.ini": "[g]\nignored\n",
      "inv/README.md": "not hosts\n",
      "inv/.hidden": "[g]\nhidden\n",
      "inv/old.bak": "[g]\nold\n",
      "inv/sub/more": "[sub]\ns1\n",
      "inv/04.sh": '#!/bin/sh\necho \'{"dyn": ["d1"], "_meta": {"hostvars": {"d1": {"x": 4}}}}\'\n',
      "inv/group_vars/g.yml": "gv: 1\n",
      "inv/sub/group_vars/sub.yml": "not: read\n",
    },
    sources: ["inv"],
  },
  { name: "list: hosts", files: {}, sources: ["b,a, c:2222 ,10.0.0.1,"] },
  {
    name: "list: with a file",
    files: { "i.ini": "[g]\na x=1\n" },
    sources: ["a,b,", "i.ini"],
  },
  {
    name: "several: children across sources",
    files: { "one.ini": "[a]\nh1\n", "two.ini": "[top:children]\na\n[top:vars]\nx=1\n" },
    sources: ["one.ini", "two.ini"],
  },
];

const RACKS =
  "[gpu]\nn1 rack=r1 gpus=8 tags=\"['a', 'b']\"\nn2 rack=r2 gpus=4 tags=\"['b']\"\nn3 gpus=8 place=\"{'dc': 'x', 'hall': ''}\" rack=\"\"\n" +
  "[cpu]\nc1 rack=r1\n[gpu:vars]\nvendor=nvidia\n";

/** Expressions that mean the same in CEL and in Jinja. */
const built = (name: string, text: string, more: Record<string, string> = {}): InventoryCase => ({
  name: `constructed: ${name}`,
  files: { "inv/1": RACKS, "inv/2.yml": `plugin: constructed\n${text}`, ...more },
  sources: ["inv"],
});

const CONSTRUCTED: InventoryCase[] = [
  built(
    "groups by condition",
    "groups:\n  first: rack == 'r1'\n  large: gpus > 4\n  by_name: inventory_hostname == 'n2'\n",
  ),
  built(
    "groups by other groups",
    "groups:\n  accelerated: \"'gpu' in group_names\"\n  never: vendor == 'amd'\n  gpu: rack == 'r1'\n",
  ),
  built(
    "keyed groups",
    "keyed_groups:\n  - key: rack\n  - {key: rack, prefix: rack}\n  - {key: vendor, prefix: v, separator: '-'}\n",
  ),
  built(
    "keyed groups of lists and mappings",
    "keyed_groups:\n  - {key: tags, prefix: tag}\n  - {key: place, separator: '.'}\n",
  ),
  built("keyed groups without the leading separator", "leading_separator: false\nkeyed_groups:\n  - key: vendor\n"),
  built(
    "keyed groups of what is empty",
    "keyed_groups:\n  - {key: rack, prefix: rack, default_value: none}\n  - {key: place, prefix: at, trailing_separator: false}\n",
  ),
  built("keyed groups below a parent", "keyed_groups:\n  - {key: rack, prefix: rack, parent_group: racks}\n"),
  built(
    "composed variables",
    "compose:\n  name: inventory_hostname + '.example'\n  missing: nowhere + 1\n  copy: tags\ngroups:\n  second: name == 'n2.example'\n",
  ),
  built("numbers that are composed", "compose:\n  double: gpus * 2\ngroups:\n  sixteen: double == 16\n"),
  built(
    "a composed variable goes before the group's",
    "compose:\n  vendor: \"'other'\"\nkeyed_groups:\n  - {key: vendor, prefix: v}\n",
  ),
  built("files of variables are not looked at", "groups:\n  found: from_file == 1\n", {
    "inv/group_vars/gpu.yml": "from_file: 1\n",
  }),
  built(
    "files of variables where they are asked for",
    "use_vars_plugins: true\ngroups:\n  found: from_file == 1\n  host: own == 'n1'\n",
    {
      "inv/group_vars/gpu.yml": "from_file: 1\n",
      "inv/host_vars/n1.yml": "own: n1\n",
    },
  ),
  built("hosts of a later source are not seen", "groups:\n  late: kind == 'late'\n  soon: rack == 'r2'\n", {
    "inv/3": "z1 kind=late\n",
  }),
  {
    name: "constructed: as a source of its own, before and after",
    files: { "c.yml": "plugin: ansible.builtin.constructed\ngroups:\n  first: rack == 'r1'\n", "i.ini": RACKS },
    sources: ["c.yml", "i.ini", "c.yml"],
  },
];

/** The inventories. */
export const INVENTORIES: readonly InventoryCase[] = [...INI, ...YAML, ...SCRIPTS, ...MANY, ...CONSTRUCTED];

/** What `-i` gets. */
export function sourcesOf(inventory: InventoryCase): readonly string[] {
  return inventory.sources ?? [Object.keys(inventory.files)[0]];
}
