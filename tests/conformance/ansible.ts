/**
 * Runs plays by ansible-playbook and reads what came of them.
 *
 * @module
 */

import { run } from "../fleet/command.ts";
import { type HostOutcome, recapText, type RunOutcome, taskLine, type TaskResult } from "./outcome.ts";

/** A callback plugin that prints one JSON line a result. */
const CALLBACK = `
import json
from ansible.playbook.handler import Handler
from ansible.plugins.callback import CallbackBase

def said(result):
    if 'msg' in result:
        return result['msg']
    own = {key: value for key, value in result.items()
           if not key.startswith('_ansible') and key not in ('changed', 'failed', 'item', 'ansible_loop_var', 'ansible_index_var')}
    return list(own.values())[0] if len(own) == 1 else own

class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'lines'

    def status(self, result):
        for key in ('skipped', 'failed', 'unreachable', 'changed'):
            if result.get(key):
                return key
        return 'ok'

    def say(self, status, result):
        task, value = result._task, result._result
        if task.action == 'meta':
            return
        line = {'host': result._host.name, 'name': task.get_name(), 'status': status, 'handler': isinstance(task, Handler),
                'attempts': value.get('attempts')}
        items = value.get('results')
        looped = isinstance(items, list) and task.loop is not None
        if looped:
            line['items'] = [self.status(item) for item in items]
        if (task.action, status) in (('debug', 'ok'), ('fail', 'failed'), ('fail', 'ignored')):
            if value.get('censored'):
                line['said'] = 'censored'
            elif looped:
                line['said'] = [said(item) for item in items if not item.get('skipped')]
            elif not value.get('skipped_reason'):
                line['said'] = said(value)
        print('\\n' + json.dumps(line, default=str), flush=True)

    def v2_runner_on_ok(self, result):
        self.say('changed' if result._result.get('changed') else 'ok', result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.say('ignored' if ignore_errors else 'failed', result)

    def v2_runner_on_skipped(self, result):
        self.say('skipped', result)

    def v2_runner_on_unreachable(self, result):
        self.say('unreachable', result)

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed.keys()):
            print('\\n' + json.dumps({'host': host, 'recap': stats.summarize(host)}), flush=True)
`;

/** A line of the callback. */
type Line = TaskResult & { readonly host: string; readonly recap?: Record<string, number> };

/** The version of ansible-core, such as `2.14.18`; undefined where there is none. */
export async function ansibleVersion(): Promise<string | undefined> {
  try {
    return /core ([\d.]+)/.exec((await run(["ansible-playbook", "--version"], { mayFail: true })).stdout)?.[1];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** ansible-playbook with a folder of its own for what it keeps. */
export class Ansible {
  private constructor(private readonly home: string, private readonly knownHosts: string) {}

  /**
   * @param home an empty folder
   * @param knownHosts the hosts' keys
   */
  static async in(home: string, knownHosts: string): Promise<Ansible> {
    await Deno.mkdir(`${home}/plugins`, { recursive: true });
    await Deno.writeTextFile(`${home}/plugins/lines.py`, CALLBACK);
    await Deno.writeTextFile(`${home}/ansible.cfg`, "[defaults]\n");
    return new Ansible(home, knownHosts);
  }

  /** Runs a playbook. Facts are gathered only where a play says so. */
  async play(folder: string, args: readonly string[]): Promise<RunOutcome> {
    const { code, stdout, stderr } = await run(["ansible-playbook", ...args], {
      env: {
        HOME: this.home,
        ANSIBLE_CONFIG: `${this.home}/ansible.cfg`,
        ANSIBLE_CALLBACK_PLUGINS: `${this.home}/plugins`,
        ANSIBLE_STDOUT_CALLBACK: "lines",
        ANSIBLE_GATHERING: "explicit",
        ANSIBLE_PIPELINING: "1",
        ANSIBLE_SSH_ARGS:
          `-F none -o ControlMaster=auto -o ControlPersist=20s -o UserKnownHostsFile=${this.knownHosts}`,
        ANSIBLE_DEPRECATION_WARNINGS: "0",
        ANSIBLE_LOCALHOST_WARNING: "0",
        ANSIBLE_NOCOLOR: "1",
        PWD: folder,
        LC_ALL: "C.UTF-8",
      },
      mayFail: true,
      signal: AbortSignal.timeout(180_000),
    });
    const lines: Line[] = stdout.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const refused = lines.length === 0 && code !== 0 ? firstError(stderr) : undefined;
    return { exit: code, hosts: outcomes(lines), ...refused === undefined ? {} : { refused } };
  }
}

function firstError(stderr: string): string {
  return stderr.split("\n").find((line) => line.startsWith("ERROR")) ?? stderr.trim().split("\n")[0];
}

function outcomes(lines: readonly Line[]): Record<string, HostOutcome> {
  const recaps = lines.filter((line) => line.recap);
  return Object.fromEntries(recaps.map(({ host, recap }) => {
    const { ok, changed, unreachable, failures: failed, skipped, rescued, ignored } = recap!;
    const tasks = lines.filter((line) => line.host === host && !line.recap).map(taskLine);
    return [host, { recap: recapText({ ok, changed, unreachable, failed, skipped, rescued, ignored }), tasks }];
  }));
}
