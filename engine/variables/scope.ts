/**
 * The variables that a host's task sees: layers by precedence, looked up in a chain, evaluated when looked at.
 *
 * @module
 */

import type { Value } from "../module/module.ts";
import { inputError, type Span } from "../support/diagnostic.ts";
import { type Controller, type Layer, PendingError, type Scope, type Variable } from "./variable.ts";

/** Variables refer to each other in a loop; whoever knows the reference makes it a diagnostic. */
export class ReferenceLoop extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = "ReferenceLoop";
  /**
   * Made with the way around.
   *
   * @param path the names, the first of them again at the end
   */
  constructor(readonly path: readonly string[]) {
    super(`variables refer to each other in a loop: ${path.join(" → ")}`);
  }
}

/** How many variables may be evaluated within each other. */
const MAX_NESTING = 150;
let nesting = 0;

/** What a scope may be given beside its layers. */
export interface ScopeOptions {
  /** Looked up where no layer has a name; its variables are evaluated in the scope that is asked. */
  readonly parent?: LayeredScope;
  /** What `env()` and `file()` read; the parent's where it is left out. */
  readonly controller?: Controller;
}

/**
 * Layers by precedence. A layer is held, not copied: what is added to it later is seen, as long as the name has not been
 * evaluated. Make a new scope for each task; that costs an array.
 */
export class LayeredScope implements Scope {
  readonly controller?: Controller;
  readonly #layers: readonly Layer[];
  /** Made when a value is evaluated: most scopes serve constants only. */
  #values: Map<string, Value> | undefined;
  #open: string[] | undefined;

  /**
   * A scope in which nothing has been evaluated yet.
   *
   * @param layers from the highest precedence to the lowest
   */
  constructor(layers: readonly Layer[], options: ScopeOptions = {}) {
    this.#layers = options.parent ? [...layers, ...options.parent.#layers] : layers;
    this.controller = options.controller ?? options.parent?.controller;
  }

  /** A scope with more layers above this one's, e.g. the item of a loop. */
  child(...layers: readonly Layer[]): LayeredScope {
    return new LayeredScope(layers, { parent: this });
  }

  /** The variable, or undefined where no layer has it. */
  variable(name: string): Variable | undefined {
    for (const layer of this.#layers) {
      const variable = layer.get(name);
      if (variable !== undefined) return variable;
    }
    return undefined;
  }

  /**
   * The value of the first layer that has the name, evaluated once; undefined where none has.
   *
   * @throws {DiagnosticError | PendingError | ReferenceLoop}
   */
  get(name: string): Value | undefined {
    const variable = this.variable(name);
    if (variable === undefined) return undefined;
    if (variable.constant !== undefined) return variable.constant;
    const known = this.#values?.get(name);
    if (known !== undefined) return known;
    const value = this.#evaluate(name, variable);
    this.#values ??= new Map();
    this.#values.set(name, value);
    return value;
  }

  placeOf(name: string): Span | undefined {
    return this.variable(name)?.span;
  }

  has(name: string): boolean {
    return this.variable(name) !== undefined;
  }

  *names(): Iterable<string> {
    const seen = new Set<string>();
    for (const layer of this.#layers) {
      for (const name of layer.keys()) {
        if (seen.has(name)) continue;
        seen.add(name);
        yield name;
      }
    }
  }

  #evaluate(name: string, variable: Variable): Value {
    const open = this.#open ??= [];
    const first = open.indexOf(name);
    if (first !== -1) throw new ReferenceLoop([...open.slice(first), name]);
    if (nesting >= MAX_NESTING) {
      const message = `'${name}' rests on variables that refer to each other more than ${MAX_NESTING} levels deep`;
      throw inputError("reference-loop", message, variable.span);
    }
    open.push(name);
    nesting++;
    try {
      return variable.evaluate(this);
    } finally {
      nesting--;
      open.pop();
    }
  }
}

/** A scope without variables. */
export const EMPTY_SCOPE: Scope = new LayeredScope([]);

/** A variable with a value that is known. */
export function constantVariable(value: Value, span?: Span): Variable {
  return { constant: value, span, evaluate: () => value };
}

/** A variable that is made when it is first looked at; each scope that asks makes it again unless `make` remembers. */
export function lazyVariable(make: (scope: Scope) => Value): Variable {
  return { evaluate: make };
}

/** A variable that is not known yet. `what` is as {@linkcode PendingError} takes it. */
export function pendingVariable(what: string): Variable {
  return {
    evaluate() {
      throw new PendingError(what);
    },
  };
}

/** A layer of constants, e.g. facts or what `-e` gave as JSON. */
export function constantLayer(values: { readonly [name: string]: Value }): Layer {
  return new Map(Object.entries(values).map(([name, value]) => [name, constantVariable(value)]));
}
