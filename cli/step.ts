import { titleOf } from "../engine/playbook/outline.ts";
import type { Task } from "../engine/playbook/playbook.ts";
import type { RunOptions } from "../engine/run/context.ts";
import { inputError } from "../engine/support/diagnostic.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Asks before each task, once for all hosts: `y` runs it, `c` runs it and all that follow, anything else leaves it out.
 * Where nobody answers any more, nothing more is run.
 *
 * @throws {DiagnosticError} where there is no terminal
 */
export function stepByStep(terminal: Terminal): RunOptions["confirm"] {
  if (!terminal.canAsk) {
    throw inputError(
      "no-terminal",
      "--step: there is no terminal to ask on",
      undefined,
      "--check tells what would change",
    );
  }
  const answers = new Map<Task, Promise<boolean>>();
  let before: Promise<unknown> = Promise.resolve();
  let all = false;
  const ask = async (task: Task): Promise<boolean> => {
    if (all) return true;
    const answer = await terminal.ask(`Perform task: TASK: ${titleOf(task)} (N)o/(y)es/(c)ontinue: `);
    const word = answer?.toLowerCase() ?? "";
    all = word === "c" || word === "continue";
    return all || word === "y" || word === "yes";
  };
  return (task) => {
    let answer = answers.get(task);
    if (!answer) {
      answer = before.then(() => ask(task));
      before = answer;
      answers.set(task, answer);
    }
    return answer;
  };
}
