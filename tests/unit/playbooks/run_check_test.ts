import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { fileURLToPath } from "node:url";
import { findPromtool } from "../../promtool.ts";
import { run } from "../../fleet/command.ts";

const RUNNER = fileURLToPath(new URL("../../../playbooks/roles/checks/files/run-check", import.meta.url));

/** What a run of a check left. */
interface Outcome {
  readonly code: number;
  /** The lines of the metrics without comments. */
  readonly metrics: string[];
  readonly text: string;
  readonly stderr: string;
  /** What lies in the textfile directory. */
  readonly files: string[];
}

/** Runs a script as the check `probe`. */
async function check(script: string, { timeout = 5, config = {}, settings = "" } = {}): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/checks/probe`, { recursive: true });
    await Deno.mkdir(`${folder}/textfile`);
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${folder}/checks/probe/${name}`, text, { mode: 0o755 });
    await write("script", script);
    await write("config.json", JSON.stringify(config));
    await write(
      "settings",
      `AAMI_CHECK_INTERVAL=60\nAAMI_CHECK_TIMEOUT=${timeout}\nAAMI_TEXTFILE_DIRECTORY=${folder}/textfile\n${settings}`,
    );
    const { code, stderr } = await run(["sh", RUNNER, "probe"], {
      env: { AAMI_CHECKS: `${folder}/checks` },
      mayFail: true,
    });
    const files = [...Deno.readDirSync(`${folder}/textfile`)].map(({ name }) => name);
    const text = files.length === 1 ? await Deno.readTextFile(`${folder}/textfile/${files[0]}`) : "";
    const metrics = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return { code, metrics, text, stderr, files };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The words of a process; empty where it has ended. */
function commandLine(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    return "";
  }
}

const sh = (script: string) => `#!/bin/sh\n${script}\n`;
const success = (outcome: Outcome) => outcome.metrics.find((line) => line.startsWith("aami_check_success"));

Deno.test("a check's metrics and the runner's own are in one file, as promtool would have them", async () => {
  const outcome = await check(
    sh('echo "# HELP free_slots Free slots."; echo "# TYPE free_slots gauge"; printf "free_slots 3"'),
  );
  strictEqual(outcome.code, 0);
  deepStrictEqual(outcome.files, ["aami-check-probe.prom"]);
  deepStrictEqual(outcome.metrics.slice(0, 2), ["free_slots 3", 'aami_check_success{check="probe"} 1']);
  deepStrictEqual(outcome.metrics[3], 'aami_check_interval_seconds{check="probe"} 60');
  const seconds = Number(/last_run_timestamp_seconds\{check="probe"\} (\d+)/.exec(outcome.text)![1]);
  ok(Math.abs(seconds - Date.now() / 1000) < 30);
  const tool = await findPromtool();
  if (tool !== undefined) strictEqual((await run([tool, "check", "metrics"], { stdin: outcome.text })).stderr, "");
});

Deno.test("the config comes as JSON on stdin and as a file, and as variables", async () => {
  const outcome = await check(sh('exec >&2; cat; cat "$AAMI_CHECK_CONFIG"; echo "$CHECK_PATHS $AAMI_CHECK_NAME"'), {
    config: { paths: "/a b" },
    settings: "export CHECK_PATHS='/a b'\n",
  });
  match(outcome.stderr, /^\{"paths":"\/a b"\}\{"paths":"\/a b"\}\/a b probe\n/);
});

Deno.test("a script that fails is told, and what it printed is not", async () => {
  const outcome = await check(sh('echo "free_slots 3"; echo no licence >&2; exit 7'));
  deepStrictEqual([outcome.code, success(outcome)], [0, 'aami_check_success{check="probe"} 0']);
  strictEqual(outcome.text.includes("free_slots"), false);
  match(outcome.stderr, /no licence\nthe check probe ends with status 7\n/);
});

Deno.test("a script that hangs is ended with all that it started", async () => {
  const mark = crypto.randomUUID();
  const started = performance.now();
  const outcome = await check(sh(`sh -c 'sleep 61; : ${mark}' & sleep 60`), { timeout: 1 });
  ok(performance.now() - started < 10_000);
  strictEqual(success(outcome), 'aami_check_success{check="probe"} 0');
  match(outcome.stderr, /the check probe takes longer than 1 s\n/);
  const left = [...Deno.readDirSync("/proc")].filter(({ name }) =>
    /^\d+$/.test(name) && commandLine(name).includes(mark)
  );
  deepStrictEqual(left, []);
});

Deno.test("a script that cannot be run is a failure", async () => {
  const outcome = await check("#!/nowhere/python\n");
  strictEqual(success(outcome), 'aami_check_success{check="probe"} 0');
  match(outcome.stderr, /the check probe ends with status 12[67]\n/);
});

const GOOD = [
  "up_since 1.5e9",
  'a{b="c"} 1',
  'a{b="c",d="e",} 1',
  'a{b="q\\"uote \\\\ \\n } , ="} -0.5',
  "a{} 1",
  "a NaN\nb +Inf\nc -Inf\nd .5",
  'a{b="1"} 1\na{b="2"} 2',
  "# any comment\n\n# TYPE a counter\n# HELP a words { } words\na 1",
  "",
];

const BAD: readonly (readonly [string, string])[] = [
  ["free slots 3", "line 1 has a value that is no number: free slots 3"],
  ["9lives 1", "line 1 does not begin with the name of a metric: 9lives 1"],
  ["free_slots", "line 1 has no value: free_slots"],
  ["free-slots 1", "line 1 does not begin with the name of a metric: free-slots 1"],
  ["a 1 1700000000", "line 1 has something behind the value (node_exporter takes no timestamps): a 1 1700000000"],
  ["a{b=c} 1", 'line 1 has a label that is not NAME="VALUE": a{b=c} 1'],
  ['a{b="c} 1', 'line 1 has a value of a label that is not closed, or a \\ that is no \\\\, \\" or \\n: a{b="c} 1'],
  [
    'a{b="\\d"} 1',
    'line 1 has a value of a label that is not closed, or a \\ that is no \\\\, \\" or \\n: a{b="\\d"} 1',
  ],
  ['a{b="c" d="e"} 1', 'line 1 has labels that are not closed with }: a{b="c" d="e"} 1'],
  ['a{b="c",b="d"} 1', "line 1 has the label b twice"],
  ["a 1\na 2", "line 2 is a second value of a{}"],
  ['a{b="c"} 1\nx 1\na{b="c"} 1', 'line 3 is a second value of a{b="c"}'],
  ["# TYPE a gauge\n# TYPE a gauge\na 1", "line 2 is a second # TYPE of a"],
  ["# TYPE a number\na 1", "line 1 has no type of a metric: # TYPE a number"],
  ["a 1\n# TYPE a gauge", "line 2 is a # TYPE behind the values of a"],
  ["aami_check_success 1", "line 1 has a metric of the runner itself: aami_check_success"],
  ["a 1,5", "line 1 has a value that is no number: a 1,5"],
];

Deno.test("what node_exporter reads is let through", async () => {
  for (const text of GOOD) {
    const outcome = await check(sh(`cat <<'END'\n${text}\nEND`));
    strictEqual(success(outcome), 'aami_check_success{check="probe"} 1', `${text}\n${outcome.stderr}`);
    ok(outcome.text.includes(text));
  }
});

Deno.test("what it would refuse is kept from it, with the line", async () => {
  for (const [text, problem] of BAD) {
    const outcome = await check(sh(`cat <<'END'\n${text}\nEND`));
    strictEqual(success(outcome), 'aami_check_success{check="probe"} 0', text);
    strictEqual(outcome.stderr, `the check probe prints what is no metric: ${problem}\n`);
  }
});

Deno.test("more than 1 MiB is refused", async () => {
  const outcome = await check(sh("yes 'a 1' | head -c 2000000"));
  match(outcome.stderr, /prints more than 1 MiB/);
  strictEqual(success(outcome), 'aami_check_success{check="probe"} 0');
});

Deno.test("where nothing can be written, the file of before stays and the run fails", async () => {
  const outcome = await check(sh("echo a 1"), { settings: "AAMI_TEXTFILE_DIRECTORY=/nowhere\n" });
  strictEqual(outcome.code, 1);
  match(outcome.stderr, /run-check: cannot write \/nowhere\/aami-check-probe\.prom/);
});
