/**
 * The values of keywords: checked when the playbook is loaded where they are constant, else when a host's variables
 * give them.
 *
 * @module
 */

import { inputError, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import type { YamlEntry } from "../support/yaml.ts";
import { describe } from "../module/schema.ts";
import type { Value } from "../module/module.ts";
import { compileValue } from "../variables/expression.ts";
import { booleanWord } from "../variables/values.ts";
import type { Scope, Variable } from "../variables/variable.ts";

/** Turns a keyword's value into what the engine takes. Throws a text that says what was expected. */
type Read = (value: Value) => Value;

class Unfit extends Error {
  constructor(message: string, readonly help?: string) {
    super(message);
  }
}

class KeywordValue implements Variable {
  readonly constant?: Value;
  readonly span: Span;

  constructor(readonly entry: YamlEntry, readonly read: Read, readonly inner: Variable) {
    this.span = entry.value.span;
    if (inner.constant !== undefined) this.constant = this.#checked(inner.constant);
  }

  evaluate(scope: Scope): Value {
    return this.constant ?? this.#checked(this.inner.evaluate(scope));
  }

  #checked(value: Value): Value {
    try {
      return this.read(value);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      const message = `'${this.entry.key}' ${error.message}, got ${describe(value)}`;
      throw inputError("type", message, this.span, error.help);
    }
  }
}

/** A keyword that is left empty counts as not given. */
function keyword(entry: YamlEntry | undefined, read: Read): Variable | undefined {
  if (!entry || (entry.value.kind === "scalar" && entry.value.value === null)) return undefined;
  return new KeywordValue(entry, read, compileValue(entry.value));
}

/** A keyword that is true or false. */
export function flagKeyword(entry: YamlEntry | undefined): Variable | undefined {
  return keyword(entry, (value) => {
    const read = typeof value === "boolean" ? value : booleanWord(String(value));
    if (read === undefined || Array.isArray(value)) throw new Unfit("must be true or false");
    return read;
  });
}

/** A keyword that is a number of at least `min`. */
export function numberKeyword(entry: YamlEntry | undefined, min: number, whole: boolean): Variable | undefined {
  const what = `must be a ${whole ? "whole " : ""}number of at least ${min}`;
  return keyword(entry, (value) => {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    const fits = typeof number === "number" && Number.isFinite(number) && number >= min;
    if (!fits || (whole && !Number.isInteger(number))) throw new Unfit(what);
    return number;
  });
}

/** A keyword that is text; one of `known` where they are given. */
export function textKeyword(entry: YamlEntry | undefined, known?: readonly string[]): Variable | undefined {
  return keyword(entry, (value) => {
    if (value === null || typeof value === "object") throw new Unfit("must be text");
    const text = String(value);
    if (known && !known.includes(text.replace(/^ansible\.(builtin|netcommon)\./, ""))) {
      const shown = known.length > 2 ? known.slice(0, 2) : known;
      throw new Unfit(`must be ${shown.map((word) => `'${word}'`).join(" or ")}`, didYouMean(text, known));
    }
    return text;
  });
}

/** A keyword that is a mapping of texts. */
export function mappingKeyword(entry: YamlEntry | undefined): Variable | undefined {
  return keyword(entry, (value) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) {
      throw new Unfit("must be a mapping", "write: NAME: value, one a line");
    }
    return value;
  });
}
