/**
 * Plays over a handful of paths, made by chance: tasks that read what others write, links, loops, handlers, blocks that
 * fail. What they are for is to be run twice and compared, so it does not matter whether a task succeeds. `DIR` is the
 * play's folder; what they change lies in its `out`. No hard links: that a file has another
 * name is known to no touch.
 *
 * @module
 */

import fc from "fast-check";

/** A play and what lies there before it. */
export interface GeneratedPlay {
  /** `site.yml`, as JSON, and the files that it needs. */
  readonly files: Readonly<Record<string, string>>;
  /** Links in the folder, by path: what each points to. */
  readonly links: Readonly<Record<string, string>>;
  /** Whether it is run in check mode. */
  readonly check: boolean;
}

type Json = { readonly [key: string]: unknown };

const FILES = ["DIR/out/a", "DIR/out/b", "DIR/out/d/a", "DIR/out/d/e/b", "DIR/out/l", "DIR/out/l/a"];
const PATHS = [...FILES, "DIR/out/d", "DIR/out/d/e", "DIR/out/new"];
const RESULTS = ["r0", "r1"];
const HANDLERS = ["h0", "h1"];

const word = fc.constantFrom("one", "two", "three");
const lines = fc.array(word, { maxLength: 3 }).map((words) => words.map((text) => `${text}\n`).join(""));
const mode = fc.constantFrom("0600", "0644", "0755");
const result = fc.constantFrom(...RESULTS);

/** Mostly a path as it stands; some that only a value of the run gives. */
const anyPath = (paths: readonly string[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...paths) },
    { weight: 1, arbitrary: fc.constant("{{ place }}") },
    { weight: 1, arbitrary: result.map((name) => `{{ ${name}.changed ? '${paths[0]}' : '${paths[1]}' }}`) },
  );
const file = anyPath(FILES);
const path = anyPath(PATHS);
const text = fc.oneof(
  { weight: 5, arbitrary: lines },
  { weight: 1, arbitrary: fc.constant("{{ said }}\n") },
  { weight: 1, arbitrary: result.map((name) => `{{ json(${name}.failed) }}\n`) },
);

function some<T extends object>(
  always: { [K in keyof T]: fc.Arbitrary<T[K]> },
  more: Record<string, fc.Arbitrary<unknown>>,
) {
  return fc.record({ ...always, ...more } as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: Object.keys(always),
  });
}

const fileTask = fc.oneof(
  some({ path, state: fc.constantFrom("file", "directory", "touch") }, { mode }),
  some({ path, state: fc.constant("absent") }, {}),
  some({ path: file, src: path, state: fc.constant("link") }, { force: fc.boolean() }),
).map((file) => ({ file }));

const contentTask = fc.oneof(
  some({ content: text, dest: file }, { mode, force: fc.boolean(), follow: fc.boolean() }).map((copy) => ({ copy })),
  some({ src: file, dest: file, remote_src: fc.constant(true) }, { mode }).map((copy) => ({ copy })),
  some({ src: fc.constantFrom("fact.hbs", "result.hbs"), dest: file }, { mode }).map((template) => ({ template })),
);

const editTask = fc.oneof(
  some({ path: file, line: word }, { create: fc.boolean(), regexp: fc.constantFrom("^t", "o"), mode })
    .map((lineinfile) => ({ lineinfile })),
  some({ path: file, regexp: fc.constantFrom("^t", "one"), state: fc.constant("absent") }, {})
    .map((lineinfile) => ({ lineinfile })),
  some({ path: file, block: text }, { create: fc.boolean(), state: fc.constantFrom("present", "absent") })
    .map((blockinfile) => ({ blockinfile })),
  some({ path: file, regexp: fc.constantFrom("one", "t(\\w+)"), replace: word }, {}).map((replace) => ({ replace })),
);

const commandTask = fc.oneof(
  some({ argv: path.map((path) => ["touch", path]) }, { creates: path, removes: path }).map((command) => ({ command })),
  some({ argv: path.map((path) => ["cat", path]) }, { creates: path, removes: path }).map((command) => ({ command })),
  fc.tuple(fc.constantFrom("echo two >>", "rm -rf", "mkdir -p", "cat", "chmod 0640", "test -e"), path)
    .map(([command, path]) => ({ shell: `${command} ${path}` })),
  fc.tuple(path, path).map(([from, to]) => ({ shell: `mv ${from} ${to}` })),
);

const lookTask = fc.oneof(
  path.map((path) => ({ stat: { path, get_checksum: true } })),
  file.map((src) => ({ slurp: { src } })),
  fc.constant({ find: { paths: "DIR/out", recurse: true, file_type: "any" } }),
);

const actionTask = fc.oneof(
  path.map((place) => ({ set_fact: { place } })),
  word.map((said) => ({ set_fact: { said } })),
  result.map((name) => ({ set_fact: { said: `{{ string(${name}.changed) }}` } })),
  result.map((name) => ({ debug: { msg: `{{ ${name} }}` } })),
  result.map((name) => ({ assert: { that: [`!${name}.failed`] } })),
  fc.constant({ meta: "flush_handlers" }),
  fc.constant({ fail: { msg: "told to" } }),
);

const condition = fc.oneof(
  result.map((name) => `${name}.changed`),
  result.map((name) => `defined(${name}.stat) && ${name}.stat.exists`),
  fc.constant("said == 'one'"),
  fc.boolean().map((value) => String(value)),
);

const loop = fc.oneof(
  fc.uniqueArray(fc.constantFrom(...PATHS), { minLength: 1, maxLength: 3 }).chain((loop) =>
    fc.constantFrom<Json>(
      { file: { path: "{{ item }}", state: "directory" } },
      { file: { path: "{{ item }}", state: "absent" } },
      { copy: { content: "{{ item }}\n", dest: "DIR/out/a" } },
      { copy: { content: "one\n", dest: "{{ item }}" } },
      { lineinfile: { path: "{{ item }}", line: "three", create: true } },
      { stat: { path: "{{ item }}" } },
      { shell: "echo {{ item }} >> DIR/out/b" },
    ).map((task) => ({ ...task, loop }))
  ),
);

/** What tasks may have beside their module. */
const keywords = fc.record({
  when: condition,
  register: result,
  notify: fc.constantFrom(...HANDLERS),
  ignore_errors: fc.constant(true),
  failed_when: fc.oneof(fc.constant("false"), result.map((name) => `${name}.changed`)),
  changed_when: fc.oneof(fc.boolean().map(String), result.map((name) => `${name}.changed`)),
  check_mode: fc.boolean(),
  vars: fc.record({ v: fc.oneof(word, fc.constant("{{ said }}")) }),
  environment: fc.record({ V: word }),
}, { requiredKeys: [] });

const rare = (keyword: string) => ({ failed_when: 3, changed_when: 3, check_mode: 6, environment: 4 }[keyword] ?? 2);

const task: fc.Arbitrary<Json> = fc.tuple(
  fc.oneof(
    { weight: 3, arbitrary: fileTask },
    { weight: 4, arbitrary: contentTask },
    { weight: 4, arbitrary: editTask },
    { weight: 3, arbitrary: commandTask },
    { weight: 3, arbitrary: lookTask },
    { weight: 2, arbitrary: actionTask },
    { weight: 1, arbitrary: loop },
  ) as fc.Arbitrary<Json>,
  keywords,
  fc.infiniteStream(fc.nat(5)),
).map(([module, extra, dice]) => {
  const kept = Object.entries(extra).filter(([keyword]) => dice.next().value! % rare(keyword) === 0);
  return { ...module, ...Object.fromEntries("meta" in module ? [] : kept) };
});

const block: fc.Arbitrary<Json> = fc.record({
  block: fc.array(task, { minLength: 1, maxLength: 4 }),
  rescue: fc.array(task, { minLength: 1, maxLength: 2 }),
  always: fc.array(task, { minLength: 1, maxLength: 2 }),
}, { requiredKeys: ["block", "rescue"] });

const tasks = fc.array(
  fc.oneof({ weight: 6, arbitrary: task.map((task) => [task]) }, { weight: 1, arbitrary: block.map((each) => [each]) }),
  { minLength: 3, maxLength: 12 },
).map((groups) => groups.flat());

const handlers = fc.tuple(
  ...HANDLERS.map((name) =>
    fc.oneof(fileTask, contentTask, editTask, commandTask).map((module) => ({ name, ...module }))
  ),
);

const before = fc.record({
  "out/a": lines,
  "out/b": lines,
  "out/d/a": lines,
  "out/d/e/b": lines,
}, { requiredKeys: [] });

/** Plays by chance. */
export const generatedPlays: fc.Arbitrary<GeneratedPlay> = fc.record({
  tasks,
  handlers,
  before,
  link: fc.option(fc.constantFrom("DIR/out/d", "DIR/out/a", "nowhere"), { nil: undefined }),
  goesOn: fc.boolean(),
  check: fc.nat(2).map((dice) => dice === 0),
}).map(({ tasks, handlers, before, link, goesOn, check }) => {
  const vars = { said: "one", place: "DIR/out/a", r1: { changed: false, failed: false } };
  const play = { hosts: "all", gather_facts: false, ignore_errors: goesOn, vars, tasks, handlers };
  const files: Record<string, string> = {
    "out/.keep": "",
    "templates/fact.hbs": "{{said}} {{default v 'none'}}\n",
    "templates/result.hbs": "{{r1.changed}}\n",
    "site.yml": JSON.stringify([play], undefined, 1),
    ...before as Record<string, string>,
  };
  // What is foreseen of a path that is not there, and to which a link leads, differs still: no links in check mode.
  const links: Record<string, string> = link === undefined || checks(play) || check ? {} : { "out/l": link };
  return { files, links, check };
});

/** Whether a task of a play says for itself whether it is checked. */
function checks(play: object): boolean {
  return JSON.stringify(play).includes('"check_mode"');
}
