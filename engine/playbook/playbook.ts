/**
 * A playbook as the engine runs it: typed, positioned, with everything static (roles, blocks, inherited keywords)
 * resolved, and every value that may depend on a host compiled to a {@linkcode Variable}.
 *
 * @module
 */

import type { Module } from "../module/module.ts";
import type { z } from "../support/zod.ts";
import type { Span } from "../support/diagnostic.ts";
import type { YamlNode } from "../support/yaml.ts";
import type { Layer, Variable } from "../variables/variable.ts";

/** A playbook file. */
export interface Playbook {
  /** As it is shown, e.g. `site.yml`. */
  readonly path: string;
  /** Absolute. */
  readonly directory: string;
  readonly plays: readonly Play[];
}

/** One play. */
export interface Play {
  readonly name: string;
  readonly span: Span;
  /** The host pattern; may use extra variables. */
  readonly hosts: Variable;
  readonly vars: Layer;
  /** Paths of `vars_files`, in order; a list in the list means the first that exists. */
  readonly varsFiles: readonly Variable[];
  /** Facts are lazy; false means that the play goes without. */
  readonly gatherFacts: boolean;
  /** pre_tasks, roles, tasks, post_tasks, with a flush of the handlers after each section. */
  readonly steps: readonly Step[];
  /** In the order they are defined, which is the order they run in. */
  readonly handlers: readonly Handler[];
  /** Defaults and vars of every role of the play, in order; visible to the whole play as in Ansible. */
  readonly roles: readonly Role[];
  readonly search: SearchPath;
  /** Whether hosts take each task together: where a host may look at what another sets (`hostvars`). */
  readonly paced: boolean;
}

/** A role's variables and folders. */
export interface Role {
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  readonly defaults: Layer;
  readonly vars: Layer;
  /** Parameters given where the role was named. */
  readonly params: Layer;
}

/** Where files and templates are looked for, nearest first; absolute folders. */
export interface SearchPath {
  readonly files: readonly string[];
  readonly templates: readonly string[];
}

/**
 * A flat program, so that lookahead, resuming and jumping need no recursion: tasks, and marks where a block's main part
 * or the whole block ends.
 */
export type Step =
  | { readonly kind: "task"; readonly task: Task; readonly block?: Block }
  /** The end of a block's main or rescue part: go on with `always`. */
  | { readonly kind: "endPart"; readonly block: Block }
  /** The end of the block: a failure that no rescue took goes up. */
  | { readonly kind: "endBlock"; readonly block: Block }
  | { readonly kind: "flushHandlers" };

/** A block's place in the program; indexes of steps. */
export interface Block {
  readonly parent?: Block;
  /** Where the main part begins. */
  start: number;
  rescue?: number;
  always: number;
  end: number;
}

/** Keywords that plays, roles and blocks hand down; the innermost wins, `when`, `tags` and `environment` add up. */
export interface Settings {
  readonly when: readonly Variable[];
  readonly tags: readonly string[];
  /** Outermost first. */
  readonly environment: readonly Variable[];
  /** Vars of the blocks and of the task, outermost first. */
  readonly vars: readonly Layer[];
  readonly become?: Variable;
  readonly becomeUser?: Variable;
  readonly becomeMethod?: Variable;
  readonly connection?: Variable;
  readonly remoteUser?: Variable;
  readonly port?: Variable;
  readonly ignoreErrors?: Variable;
  readonly checkMode?: Variable;
  readonly diff?: Variable;
  readonly noLog?: Variable;
}

/** What a task calls: a module (acts on a host) or an action (acts on the run). */
export type Callee =
  // deno-lint-ignore no-explicit-any -- a task may call a module of any argument and state type
  | { readonly kind: "module"; readonly module: Module<any, any> }
  | { readonly kind: "action"; readonly action: ActionInterface };

/** What the playbook layer needs to know of a run action; engine/run defines what it does. */
export interface ActionInterface {
  readonly name: string;
  readonly summary: string;
  // deno-lint-ignore no-explicit-any -- an action may take any arguments
  readonly args: z.ZodType<any>;
  readonly freeForm?: string;
  /** Whether the arguments are free (set_fact). */
  readonly examples: readonly { readonly name: string; readonly args: string }[];
}

/** One task. */
export interface Task {
  /** Stable between check and apply, e.g. `1.12`: play and place in it. */
  readonly id: string;
  /** For people; may hold expressions that only a host resolves. */
  readonly name: Variable;
  /** The name as it was written, or the module's name. */
  readonly label: string;
  readonly span: Span;
  readonly callee: Callee;
  readonly args: TaskArguments;
  readonly settings: Settings;
  readonly role?: Role;
  readonly search: SearchPath;
  readonly loop?: Loop;
  readonly register?: string;
  /** Handler names or topics. */
  readonly notify: readonly Variable[];
  readonly changedWhen?: Variable;
  readonly failedWhen?: Variable;
  readonly until?: Variable;
  readonly retries?: Variable;
  /** Seconds. */
  readonly delay?: Variable;
  readonly handler: boolean;
}

/** A task that runs when it was notified. */
export interface Handler {
  readonly task: Task;
  /** Its name and what it listens to. */
  readonly topics: ReadonlySet<string>;
}

/** A task's loop. */
export interface Loop {
  readonly items: Variable;
  readonly loopVar: string;
  readonly indexVar?: string;
  /** What is shown for an item. */
  readonly label?: Variable;
  /** `with_dict`-like spellings are answered by a message; `loop` alone is here. */
  readonly span: Span;
}

/** A task's arguments, compiled. */
export interface TaskArguments {
  readonly span: Span;
  /** The arguments as one value; expressions evaluate in the host's scope. */
  readonly value: Variable;
  /** Keys whose value is a source, by what it names. */
  readonly sources: ReadonlyMap<string, "files" | "templates">;
  /** The node of each argument, for the place of a message. */
  readonly nodes: ReadonlyMap<string, { readonly keySpan: Span; readonly node: YamlNode }>;
}
