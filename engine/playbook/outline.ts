/**
 * A playbook without its hosts: which tasks there are, what they are called, where one begins.
 *
 * @module
 */

import { inputError } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { globToRegExp } from "../inventory/glob.ts";
import { calleeOf } from "./load_tasks.ts";
import type { Block, Play, Playbook, Step, Task } from "./playbook.ts";
import { selectedByTags, type TagSelection } from "./tags.ts";

/** Where a run begins. */
export interface StartPlace {
  /** The first play that runs. */
  readonly play: Play;
  /** The first of its steps that runs; behind it the step in what that includes, and so on. */
  readonly steps: readonly number[];
}

/** The tasks of a play that tags leave, in order; handlers left out. */
export function selectedTasks(play: Play, tags: TagSelection): Task[] {
  return play.steps.flatMap((step) =>
    step.kind === "task" && selectedByTags(step.task.settings.tags, tags) ? [step.task] : []
  );
}

/** A task as lists of tasks show it: its name behind its role, or what it calls. */
export function titleOf(task: Task): string {
  const unnamed = task.label === calleeOf(task.callee).name;
  return task.role && !unnamed ? `${task.role.name} : ${task.label}` : task.label;
}

/**
 * Where `--start-at-task` begins: at the first task of that name, or that a glob fits, with or without its role.
 *
 * @throws {DiagnosticError} where no task is called so
 */
export function findStart(playbooks: readonly Playbook[], name: string, tags: TagSelection): StartPlace {
  const glob = globToRegExp(name);
  const known: string[] = [];
  const fits = (task: Task): boolean => {
    const names = [task.label, titleOf(task)];
    known.push(...names);
    return names.some((each) => each === name || glob.test(each));
  };
  for (const play of playbooks.flatMap(({ plays }) => plays)) {
    const steps = firstStep(play.steps, fits, tags);
    if (steps) return { play, steps };
  }
  const part = known.find((each) => each.toLowerCase().includes(name.toLowerCase()));
  const near = didYouMean(name, known) ?? (part && `did you mean '${part}'?`);
  const help = near ?? "'--list-tasks' shows the tasks that run";
  throw inputError("unknown-task", `--start-at-task: there is no task '${name}'`, undefined, help);
}

/** The way to the first task that fits, through what tasks include. */
function firstStep(
  steps: readonly Step[],
  fits: (task: Task) => boolean,
  tags: TagSelection,
): readonly number[] | undefined {
  for (const [index, step] of steps.entries()) {
    if (step.kind !== "task" || !selectedByTags(step.task.settings.tags, tags)) continue;
    // A rescue part runs after a failure only.
    if (inRescue(step.block, index)) continue;
    if (fits(step.task)) return [index];
    const inside = firstStep(step.task.include?.program?.steps ?? [], fits, tags);
    if (inside) return [index, ...inside];
  }
  return undefined;
}

/** The step that a program begins at: of the play's own, or of what was included on the way to the start. */
export function firstOf({ steps }: StartPlace, position: readonly number[]): number {
  // A position is steps and, between them, which of the items of an include it is.
  const onTheWay = position.every((at, index) => index % 2 === 0 ? at === steps[index / 2] : at === 0);
  return onTheWay ? steps[position.length / 2] ?? 0 : 0;
}

function inRescue(block: Block | undefined, index: number): boolean {
  if (!block) return false;
  const own = block.rescue !== undefined && index >= block.rescue && index < block.always;
  return own || inRescue(block.parent, index);
}
