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
  /** In the order they run. */
  readonly plays: readonly Play[];
}

/** One play. */
export interface Play {
  /** As it is shown: its name, or the host pattern. */
  readonly name: string;
  /** Its first key. */
  readonly span: Span;
  /** The host pattern; may use extra variables. */
  readonly hosts: Variable;
  /** Its own, which all its tasks have. */
  readonly tags: readonly string[];
  /** `vars`, a level of precedence of their own. */
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
  /** Where the play's own tasks look for files. */
  readonly search: SearchPath;
  /** Whether hosts take each task together: where a host may look at what another sets (`hostvars`). */
  readonly paced: boolean;
}

/** A role's variables and folders. */
export interface Role {
  /** As the play names it. */
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  /** The lowest level of precedence. */
  readonly defaults: Layer;
  /** Above what the play sets. */
  readonly vars: Layer;
  /** Parameters given where the role was named. */
  readonly params: Layer;
}

/** Where files and templates are looked for, nearest first; absolute folders. */
export interface SearchPath {
  /** For `files`. */
  readonly files: readonly string[];
  /** For `templates`. */
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
  /** The block around it. */
  readonly parent?: Block;
  /** Where the main part begins. */
  start: number;
  /** Where the rescue part begins, if there is one. */
  rescue?: number;
  /** Where the always part begins; the end where there is none. */
  always: number;
  /** The step after the last of the block. */
  end: number;
}

/** Keywords that plays, roles and blocks hand down; the innermost wins, `when`, `tags` and `environment` add up. */
export interface Settings {
  /** All must hold, outermost first. */
  readonly when: readonly Variable[];
  /** Without doubles. */
  readonly tags: readonly string[];
  /** Outermost first. */
  readonly environment: readonly Variable[];
  /** Vars of the blocks and of the task, outermost first. */
  readonly vars: readonly Layer[];
  /** Whether to become another user. */
  readonly become?: Variable;
  /** Whom. */
  readonly becomeUser?: Variable;
  /** `sudo` or `su`. */
  readonly becomeMethod?: Variable;
  /** `ssh` or `local`. */
  readonly connection?: Variable;
  /** Whom to log in as. */
  readonly remoteUser?: Variable;
  /** Where sshd listens. */
  readonly port?: Variable;
  /** Whether a failure is taken for none. */
  readonly ignoreErrors?: Variable;
  /** Whether it is only predicted, whatever the run does. */
  readonly checkMode?: Variable;
  /** Whether differences are shown. */
  readonly diff?: Variable;
  /** Whether nothing of it may be shown. */
  readonly noLog?: Variable;
}

/** What a task calls: a module (acts on a host) or an action (acts on the run). */
export type Callee =
  // deno-lint-ignore no-explicit-any -- a task may call a module of any argument and state type
  | { readonly kind: "module"; readonly module: Module<any, any> }
  | { readonly kind: "action"; readonly action: ActionInterface };

/** What the playbook layer needs to know of a run action; engine/run defines what it does. */
export interface ActionInterface {
  /** What a task calls it. */
  readonly name: string;
  /** One line on what it does. */
  readonly summary: string;
  /** The schema of its arguments. */
  // deno-lint-ignore no-explicit-any -- an action may take any arguments
  readonly args: z.ZodType<any>;
  /** The argument that a bare text stands for. */
  readonly freeForm?: string;
  /** Tasks that show it. */
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
  /** Its first key. */
  readonly span: Span;
  /** What it calls. */
  readonly callee: Callee;
  /** With what. */
  readonly args: TaskArguments;
  /** Its keywords and those handed down. */
  readonly settings: Settings;
  /** The role that it is of. */
  readonly role?: Role;
  /** Where its files and templates are. */
  readonly search: SearchPath;
  /** Whether it runs for each item of a list. */
  readonly loop?: Loop;
  /** The variable that gets the result. */
  readonly register?: string;
  /** Handler names or topics. */
  readonly notify: readonly Variable[];
  /** Whether it counts as a change. */
  readonly changedWhen?: Variable;
  /** Whether it counts as failed. */
  readonly failedWhen?: Variable;
  /** It is tried again until this holds. */
  readonly until?: Variable;
  /** How often it is tried again. */
  readonly retries?: Variable;
  /** Seconds. */
  readonly delay?: Variable;
  /** Whether it is one. */
  readonly handler: boolean;
}

/** A task that runs when it was notified. */
export interface Handler {
  /** What it does. */
  readonly task: Task;
  /** Its name and what it listens to. */
  readonly topics: ReadonlySet<string>;
}

/** A task's loop. */
export interface Loop {
  /** The list. */
  readonly items: Variable;
  /** The variable that holds the item. */
  readonly loopVar: string;
  /** The variable that holds its place, from 0. */
  readonly indexVar?: string;
  /** What is shown for an item. */
  readonly label?: Variable;
  /** The list's place. */
  readonly span: Span;
}

/** A task's arguments, compiled. */
export interface TaskArguments {
  /** The name of the module. */
  readonly span: Span;
  /** The arguments as one value; expressions evaluate in the host's scope. */
  readonly value: Variable;
  /** Keys whose value is a source, by what it names. */
  readonly sources: ReadonlyMap<string, "files" | "templates">;
  /** The node of each argument, for the place of a message. */
  readonly nodes: ReadonlyMap<string, { readonly keySpan: Span; readonly node: YamlNode }>;
}
