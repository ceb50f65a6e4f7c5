/**
 * A playbook as the engine runs it: typed, positioned, with everything static (roles, blocks, inherited keywords)
 * resolved, and every value that may depend on a host compiled to a {@linkcode Variable}.
 *
 * @module
 */

import type { Module } from "../module/module.ts";
import type { z } from "../support/zod.ts";
import type { Span } from "../support/diagnostic.ts";
import type { YamlMap, YamlNode } from "../support/yaml.ts";
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
  /** The folder of its playbook, which is another one's where it was imported; absolute. */
  readonly directory: string;
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
  /** All tasks, handlers and what tasks include by a name that needs no host among them. */
  readonly tasks: readonly Task[];
  /** Defaults and vars of every role of the play, in order; visible to the whole play as in Ansible. */
  readonly roles: readonly Role[];
  /** Where the play's own tasks look for files. */
  readonly search: SearchPath;
  /** Whether a task of it changes the inventory for the plays that follow. */
  readonly changesInventory: boolean;
  /** Whether hosts take each task together: asked for, or observable. */
  readonly paced: boolean;
  /** Sizes of the batches that hosts are taken in, e.g. `[1, "30%"]`; the last one repeats. Absent: all at once. */
  readonly serial?: Variable;
  /** The order of the hosts; absent: the inventory's. */
  readonly order?: Variable;
  /** The run ends once more than so many percent of a batch have failed. */
  readonly maxFailPercentage?: Variable;
  /** Whether failed hosts run the handlers that were notified. */
  readonly forceHandlers?: Variable;
  /** What the operator is asked for before the play begins. */
  readonly prompts: readonly Prompt[];
}

/** A question to the operator, `vars_prompt`. */
export interface Prompt {
  /** The variable that gets the answer. */
  readonly name: string;
  /** What is asked; the variable's name where nothing is said. */
  readonly prompt: string;
  /** The answer where none is given. */
  readonly default?: Variable;
  /** Whether it is typed unseen. */
  readonly private: boolean;
  /** Whether it is asked twice. */
  readonly confirm: boolean;
  /** Its place. */
  readonly span: Span;
}

/** A part of a playbook that is run: the play's own, or what a task included. */
export interface Program {
  /** In the order they run. */
  readonly steps: readonly Step[];
  /** In the order they are defined. */
  readonly handlers: readonly Handler[];
  /** Roles whose defaults and vars the whole play sees from here on. */
  readonly roles: readonly Role[];
}

/** A role's variables and folders. */
export interface Role {
  /** As the play names it. */
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  /** The lowest level of precedence; the nearest first, behind it those of the roles that this one came through. */
  readonly defaults: readonly Layer[];
  /** Above what the play sets; ordered as the defaults are. */
  readonly vars: readonly Layer[];
  /** Parameters given where the role was named; ordered as the defaults are. */
  readonly params: readonly Layer[];
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
  /** Whether one host runs it for all. */
  readonly runOnce?: Variable;
  /** The host on which it acts instead. */
  readonly delegateTo?: Variable;
  /** Whether facts are then those of that host. */
  readonly delegateFacts?: Variable;
  /** Whether a failure on one host ends the run for all. */
  readonly anyErrorsFatal?: Variable;
  /** Whether a host that cannot be reached stays in the play. */
  readonly ignoreUnreachable?: Variable;
  /** How many hosts may run it at a time; 0 for no limit of its own. */
  readonly throttle?: Variable;
  /** Seconds after which it fails; 0 for no limit of its own. */
  readonly timeout?: Variable;
  /** Handler names or topics. */
  readonly notify: readonly Variable[];
  /** Arguments by module name, outermost first. */
  readonly moduleDefaults: readonly ModuleDefaults[];
}

/** `module_defaults`: the arguments that a module gets where a task does not give them. */
export type ModuleDefaults = ReadonlyMap<string, YamlMap>;

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
  /** Whether it runs tasks of another file or role; such a task knows how to load them. */
  readonly includes?: boolean;
  /** Whether the first host does it for all, as with `run_once`; `word` is what a bare text says. */
  once?(word: string | undefined): boolean;
  /** Whether what comes after it cannot be foreseen: it may set any variable, or lead elsewhere. */
  readonly steers?: boolean;
  /** Whether a run that is resumed does it again, as it acts on what the run alone knows. */
  readonly repeats?: boolean;
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
  /** Seconds that it may take while the play does not wait for it. */
  readonly async?: Variable;
  /** Seconds between two looks at it; 0: the play goes on at once. */
  readonly poll?: Variable;
  /** Whether it is one. */
  readonly handler: boolean;
  /** For a task that includes others: loads them. */
  readonly include?: Include;
}

/** Loads what a task includes; each file once. */
export interface Include {
  /**
   * The tasks of a file, or of a role; `span` names it for messages.
   *
   * @throws {DiagnosticError} for what is not there or wrong
   */
  load(included: Included, span: Span): Promise<Program>;
  /** Whether what it includes is the same on every host, and is loaded already. */
  readonly certain: boolean;
  /** What that comes to; undefined where it is not certain, or a file that includes itself. */
  readonly program?: Program;
  /** The task's own `vars`, which are parameters of what it includes. */
  readonly vars: readonly Layer[];
}

/** What a task includes. */
export type Included =
  | { readonly kind: "tasks"; readonly file: string }
  | ({ readonly kind: "role"; readonly name: string; readonly public: boolean } & RoleParts);

/** Which of a role's files are read; `main` where nothing is said. */
export interface RoleParts {
  /** In the folder `tasks`. */
  readonly tasksFrom?: string;
  /** In the folder `vars`. */
  readonly varsFrom?: string;
  /** In the folder `defaults`. */
  readonly defaultsFrom?: string;
  /** In the folder `handlers`. */
  readonly handlersFrom?: string;
}

/** A task that runs when it was notified. */
export interface Handler {
  /** What it does. */
  readonly task: Task;
  /** What it is called, and in a role also behind `ROLE : `; of those with one name the first of the
   * last list counts. */
  readonly names: readonly string[];
  /** Tells the lists apart that handlers are defined in: the play's, and each role's. */
  readonly list: number;
  /** What it listens to, beside others. */
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
  /** Seconds between two items. */
  readonly pause?: Variable;
  /** Whether `ansible_loop` tells where in the list it is. */
  readonly extended: boolean;
  /** The loop ends after the item for which this holds. */
  readonly breakWhen?: Variable;
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
