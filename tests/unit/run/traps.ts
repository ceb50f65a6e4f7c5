/**
 * Plays in which reading ahead, or predicting, would see what is not yet or no longer so. `DIR` is the play's folder.
 *
 * @module
 */

/** A play, the files that lie there before it, and the debug messages that are right. */
export interface Trap {
  readonly name: string;
  readonly playbook: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly says?: readonly unknown[];
  /** Check mode writes too: a task says `check_mode: false`. */
  readonly writes?: true;
}

const tasks = (text: string) => `- hosts: all\n  tasks:\n${text}`;

/** The plays. */
export const TRAPS: readonly Trap[] = [
  {
    name: "a task reads what the one before wrote",
    playbook: tasks(`
    - { name: write, copy: { content: "one", dest: DIR/out/a } }
    - { name: look, stat: { path: DIR/out/a }, register: s }
    - { name: link, file: { src: DIR/out/a, dest: DIR/out/b, state: link } }
    - { name: again, copy: { content: "one", dest: DIR/out/a } }
`),
  },
  {
    name: "a directory is made, then filled",
    playbook: tasks(`
    - { name: directory, file: { path: DIR/out/d/e, state: directory, mode: "0750" } }
    - { name: file, copy: { content: x, dest: DIR/out/d/e/f, mode: "0640" } }
    - { name: line, lineinfile: { path: DIR/out/d/e/f, line: "y" } }
    - { name: the line is there, lineinfile: { path: DIR/out/d/e/f, line: "y" } }
    - { name: mode, file: { path: DIR/out/d/e/f, mode: "0600" } }
`),
  },
  {
    name: "a file is removed, then made again",
    files: { "out/a": "old" },
    playbook: tasks(`
    - { name: remove, file: { path: DIR/out/a, state: absent } }
    - { name: remove again, file: { path: DIR/out/a, state: absent } }
    - { name: write, copy: { content: old, dest: DIR/out/a } }
`),
  },
  {
    name: "a directory is removed with what a later task would find in it",
    files: { "out/d/a": "old" },
    playbook: tasks(`
    - { name: remove, file: { path: DIR/out/d, state: absent } }
    - { name: directory, file: { path: DIR/out/d, state: directory } }
    - { name: file, copy: { content: old, dest: DIR/out/d/a } }
`),
  },
  {
    name: "through a link that is made",
    files: { "out/real/a": "old" },
    playbook: tasks(`
    - { name: link, file: { src: DIR/out/real, dest: DIR/out/l, state: link } }
    - { name: by link, copy: { content: new, dest: DIR/out/l/a } }
    - { name: by path, copy: { content: new, dest: DIR/out/real/a } }
`),
  },
  {
    name: "through a link in both directions",
    writes: true,
    files: { "out/real/a": "old", "templates/t.hbs": "x" },
    playbook: tasks(`
    - { name: link, file: { src: DIR/out/real, dest: DIR/out/l, state: link }, check_mode: false }
    - { name: by link, copy: { content: new, dest: DIR/out/l/a } }
    - { name: by path, copy: { content: new, dest: DIR/out/real/a } }
    - { name: newer by path, copy: { content: newer, dest: DIR/out/real/a } }
    - { name: newer by link, copy: { content: newer, dest: DIR/out/l/a } }
`),
  },
  {
    name: "two templates into one file",
    files: { "templates/t.hbs": "{{v}}\n" },
    playbook: tasks(`
    - { name: first, template: { src: t.hbs, dest: DIR/out/t }, vars: { v: 1 } }
    - { name: second, template: { src: t.hbs, dest: DIR/out/t }, vars: { v: 2 } }
    - { name: second again, template: { src: t.hbs, dest: DIR/out/t }, vars: { v: 2 } }
`),
  },
  {
    name: "a template rests on a registered result",
    files: { "templates/t.hbs": "exists {{s.stat.exists}}\n", "out/here": "x" },
    playbook: tasks(`
    - { name: look, stat: { path: DIR/out/here }, register: s }
    - { name: render, template: { src: t.hbs, dest: DIR/out/t } }
    - { name: gone, file: { path: DIR/out/here, state: absent } }
    - { name: look again, stat: { path: DIR/out/here }, register: s }
    - { name: render again, template: { src: t.hbs, dest: DIR/out/t } }
`),
  },
  {
    name: "set_fact feeds an argument",
    playbook: tasks(`
    - { name: set, set_fact: { place: DIR/out/one } }
    - { name: write, copy: { content: a, dest: "{{ place }}" } }
    - { name: set anew, set_fact: { place: DIR/out/two } }
    - { name: write two, copy: { content: a, dest: "{{ place }}" } }
    - { debug: { msg: "{{ place.endsWith('two') }}" } }
`),
    says: [true],
  },
  {
    name: "a loop over what was registered",
    files: { "out/x": "x" },
    playbook: tasks(`
    - { name: look, stat: { path: "DIR/out/{{ item }}" }, loop: [x, y], register: r }
    - name: make
      copy: { content: "", dest: "DIR/out/{{ item.item }}" }
      loop: "{{ r.results }}"
      loop_control: { label: "{{ item.item }}" }
      when: "!item.stat.exists"
`),
  },
  {
    name: "a handler changes a file that a later task reads",
    playbook: tasks(`
    - { name: config, copy: { content: a, dest: DIR/out/conf }, notify: derive }
    - { name: flush, meta: flush_handlers }
    - { name: look, stat: { path: DIR/out/derived }, register: s }
    - { name: mode, file: { path: DIR/out/derived, mode: "0600" } }
  handlers:
    - { name: derive, copy: { content: b, dest: DIR/out/derived, mode: "0644" } }
`),
  },
  {
    name: "a rescue jumps over what was read ahead",
    playbook: tasks(`
    - block:
        - { name: write, copy: { content: a, dest: DIR/out/a } }
        - { name: breaks, fail: { msg: x } }
        - { name: never, copy: { content: b, dest: DIR/out/a } }
      rescue:
        - { name: mend, copy: { content: c, dest: DIR/out/a } }
      always:
        - { name: after, copy: { content: c, dest: DIR/out/a } }
    - { name: last, copy: { content: d, dest: DIR/out/a } }
`),
  },
  {
    name: "a condition on a result that is not a change",
    files: { "out/a": "one" },
    playbook: tasks(`
    - { name: same, copy: { content: one, dest: DIR/out/a }, register: r }
    - { name: not run, copy: { content: two, dest: DIR/out/b }, when: r.changed }
    - { name: other, copy: { content: two, dest: DIR/out/a }, register: r }
    - { name: run, copy: { content: two, dest: DIR/out/b }, when: r.changed }
`),
  },
  {
    name: "a host's variable of the same name as a result",
    playbook: `- hosts: all
  vars: { r: { changed: false } }
  tasks:
    - { name: write, copy: { content: one, dest: DIR/out/a }, register: r }
    - { name: run, copy: { content: two, dest: DIR/out/b }, when: r.changed }
`,
  },
  {
    name: "a result that is kept and looped over",
    playbook: tasks(`
    - { name: write, copy: { content: one, dest: DIR/out/a }, register: r }
    - { name: keep, set_fact: { kept: "{{ r }}" } }
    - { name: show, debug: { msg: "{{ [kept.changed, r.failed] }}" } }
    - { name: each, debug: { msg: "{{ item.changed }}" }, loop: ["{{ r }}"], loop_control: { label: r } }
`),
  },
  {
    name: "ignore_errors goes on",
    playbook: tasks(`
    - { name: breaks, file: { path: DIR/out/none, state: file }, ignore_errors: true, register: r }
    - { name: mend, file: { path: DIR/out/none, state: touch }, when: r.failed }
    - { name: there, stat: { path: DIR/out/none } }
`),
  },
];

/** Plays with commands, whose effect check mode cannot know. */
export const COMMAND_TRAPS: readonly Trap[] = [
  {
    name: "a command changes a file that a later task reads",
    files: { "out/a": "old" },
    playbook: tasks(`
    - { name: change, command: "sh -c 'echo new > DIR/out/a'" }
    - { name: look, stat: { path: DIR/out/a, get_checksum: true }, register: s }
    - { name: line, lineinfile: { path: DIR/out/a, line: new } }
    - { name: content, copy: { content: "old", dest: DIR/out/a } }
`),
  },
  {
    name: "a command that makes what guards the next",
    playbook: tasks(`
    - { name: make, command: touch DIR/out/made, args: { creates: DIR/out/made } }
    - { name: guarded, command: touch DIR/out/second, args: { creates: DIR/out/made } }
    - { name: result, command: cat DIR/out/made, register: r }
    - { name: by result, copy: { content: "{{ r.stdout }}", dest: DIR/out/copy } }
    - { name: by rc, copy: { content: x, dest: DIR/out/rc }, when: r.rc == 0 }
`),
  },
  {
    name: "a command that changes nothing does not cast doubt",
    files: { "out/a": "old" },
    playbook: tasks(`
    - { name: read, command: cat DIR/out/a, changed_when: false, check_mode: false, register: r }
    - { name: by result, copy: { content: "{{ r.stdout }}", dest: DIR/out/b } }
    - { name: mode, file: { path: DIR/out/a, mode: "0600" } }
`),
  },
];
