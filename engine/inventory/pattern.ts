/**
 * Host patterns as Ansible reads them, but for one thing: what matches no host and no group is an error.
 *
 * @module
 */

import { inputError, type SourceText, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { parseAddress } from "./address.ts";
import { globToRegExp } from "./glob.ts";
import type { Inventory, InventoryHost } from "./inventory.ts";
import { LOCAL_NAMES } from "./variable_files.ts";

/** Where a pattern was written, for messages. */
export interface PatternOptions {
  /** The place of the pattern in a playbook. */
  readonly span?: Span;
  /** What the pattern is called where it has no place: `hosts` by default. */
  readonly name?: string;
  /** Reads the file of `--limit @file`. */
  readonly readFile?: (path: string) => string;
}

/** One part of a pattern, e.g. `!web[0]`, and where it stands. */
interface Part {
  readonly text: string;
  readonly span: Span;
}

const SUBSCRIPT = /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/s;

/** Finds the hosts that patterns mean. */
export class PatternSelector {
  /** Looks in an inventory. */
  constructor(private readonly inventory: Inventory, private readonly options: PatternOptions) {}

  /**
   * The hosts of a pattern that are also in the limit.
   *
   * @throws {DiagnosticError} for a part that matches nothing, a bad expression, a subscript beyond the end
   */
  select(pattern: string | readonly string[], limit?: string): InventoryHost[] {
    for (const text of typeof pattern === "string" ? [pattern] : pattern) this.#checkBrackets(text);
    const parts = this.#split(pattern);
    // Ansible takes an empty pattern or limit for all hosts: the last thing that an unset variable should mean.
    if (parts.length === 0) throw inputError("pattern", "the pattern is empty", this.options.span, "write 'all'");
    const hosts = this.#evaluate(parts);
    if (limit === undefined) return hosts;
    const limits = this.#limitParts(limit);
    if (limits.length === 0) {
      throw inputError(
        "pattern",
        "--limit is empty and would leave no host",
        undefined,
        "leave --limit out for all hosts",
      );
    }
    const allowed = new Set(this.#evaluate(limits));
    return hosts.filter((host) => allowed.has(host));
  }

  #split(pattern: string | readonly string[]): Part[] {
    if (typeof pattern !== "string") return pattern.flatMap((part) => this.#split(part));
    const { span, name = "hosts" } = this.options;
    const source = span?.source ?? { path: name, text: pattern };
    const found = span ? source.text.slice(span.start, span.end).indexOf(pattern) : 0;
    const origin = span && found >= 0 ? span.start + found : 0;
    return splitPattern(pattern).map(({ text, at }) => ({
      text,
      span: span && found < 0 ? span : { source, start: origin + at, end: origin + at + text.length },
    }));
  }

  #limitParts(limit: string): Part[] {
    const source: SourceText = { path: "--limit", text: limit };
    return splitPattern(limit).flatMap(({ text, at }) => {
      const span = { source, start: at, end: at + text.length };
      return text.startsWith("@") ? this.#fileParts(text.slice(1), span) : [{ text, span }];
    });
  }

  #fileParts(path: string, span: Span): Part[] {
    let text: string;
    try {
      text = (this.options.readFile ?? Deno.readTextFileSync)(path);
    } catch (error) {
      const reason = error instanceof Deno.errors.NotFound ? "does not exist" : "cannot be read";
      throw inputError("limit-file", `the limit file '${path}' ${reason}`, span);
    }
    const source: SourceText = { path, text };
    return [...text.matchAll(/[^\r\n]+/g)].flatMap((line) => {
      const start = line.index + line[0].length - line[0].trimStart().length;
      const part = line[0].trim();
      return part === "" ? [] : [{ text: part, span: { source, start, end: start + part.length } }];
    });
  }

  #evaluate(parts: readonly Part[]): InventoryHost[] {
    const kind = (part: Part) => part.text[0] === "!" ? 2 : part.text[0] === "&" ? 1 : 0;
    const [plain, both, not] = [0, 1, 2].map((wanted) => parts.filter((part) => kind(part) === wanted));
    let hosts = new Set<InventoryHost>();
    if (plain.length === 0) hosts = new Set(this.inventory.groups.get("all")?.hosts);
    for (const part of plain) for (const host of this.#match(part)) hosts.add(host);
    for (const part of both) {
      const matched = new Set(this.#match(part));
      hosts = new Set([...hosts].filter((host) => matched.has(host)));
    }
    for (const part of not) for (const host of this.#match(part)) hosts.delete(host);
    return [...hosts];
  }

  #match(part: Part): readonly InventoryHost[] {
    const own = this.inventory.hosts.get(part.text);
    if (own) return [own];
    const skipped = /^[!&]/.test(part.text) ? 1 : 0;
    const pattern = part.text.slice(skipped);
    const span = { ...part.span, start: part.span.start + skipped };
    if (pattern === "") throw inputError("pattern", `'${part.text}' names nothing`, part.span);
    const subscript = pattern[0] === "~" ? null : SUBSCRIPT.exec(pattern);
    const hosts = this.#enumerate(subscript ? subscript[1] : pattern, span);
    return subscript ? applySubscript(hosts, subscript, { text: pattern, span }) : hosts;
  }

  /** The hosts of groups that match, then the hosts that match; one may come twice, and subscripts count both. */
  #enumerate(expression: string, span: Span): readonly InventoryHost[] {
    const { hosts, groups } = this.inventory;
    const matches = matcher(expression, span);
    const matching = [...groups.values()].filter((group) => matches(group.name));
    const found = matching.flatMap((group) => group.hosts);
    if (matching.length === 0 || /^~|[.?*[]/.test(expression)) {
      for (const host of hosts.values()) if (matches(host.name)) found.push(host);
    }
    if (found.length > 0 || matching.length > 0) return found;
    const local = LOCAL_NAMES.has(expression) ? this.inventory.host(expression) : undefined;
    if (local) return [local];
    throw this.#unknown(expression, span);
  }

  /** A bracket that is not closed would be taken for a separator, and what is behind it for a host. */
  #checkBrackets(pattern: string): void {
    if (pattern.includes("~") || parseAddress(pattern)) return;
    const open = pattern.replace(/\[[^\]]*\]/g, (range) => " ".repeat(range.length)).search(/[[\]]/);
    if (open === -1) return;
    const missing = pattern[open] === "[" ? "'[' is not closed" : "']' closes nothing";
    throw inputError(
      "pattern",
      `${missing} in the pattern '${pattern}'`,
      this.options.span,
      "write gpu[0] or gpu[0:3]",
    );
  }

  #unknown(expression: string, span: Span): Error {
    const { hosts, groups } = this.inventory;
    if (/^~|[?*[]/.test(expression)) {
      return inputError("unknown-host", `no host and no group matches '${expression}'`, span);
    }
    const names = [...groups.keys(), ...hosts.keys()];
    let help = didYouMean(expression, names);
    if (expression.includes(":")) help ??= "beside ',' write ',' for ':' too: 'a,&b,!c'";
    const message = `there is no host and no group '${expression}' in the inventory`;
    return inputError("unknown-host", message, span, help);
  }
}

/** Splits a pattern into its parts: at commas, else at colons that are not of an address or a range. */
function splitPattern(pattern: string): { readonly text: string; readonly at: number }[] {
  const expression = pattern.includes(",") ? /[^,]+/g : parseAddress(pattern) ? /[^]+/g : /(?:[^\s:[\]]|\[[^\]]*\])+/g;
  return [...pattern.matchAll(expression)].flatMap((match) => {
    const text = match[0].trim();
    return text === "" ? [] : [{ text, at: match.index + match[0].length - match[0].trimStart().length }];
  });
}

function applySubscript(hosts: readonly InventoryHost[], match: RegExpExecArray, part: Part): readonly InventoryHost[] {
  if (hosts.length === 0) return hosts;
  const [, , index, start, end] = match;
  // As in Ansible: `[2:]` goes to the end, `[n:0]` is the host n.
  if (index === undefined && Number(end || "-1") !== 0) {
    return hosts.slice(Number(start), end ? Number(end) + 1 : undefined);
  }
  const host = hosts.at(Number(index ?? start));
  if (host) return [host];
  const count = hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
  throw inputError("pattern-subscript", `'${part.text}' is beyond the end: '${match[1]}' has ${count}`, part.span);
}

function matcher(expression: string, span: Span): (name: string) => boolean {
  if (expression[0] !== "~") {
    if (!/[?*[]/.test(expression)) return (name) => name === expression;
    const glob = globToRegExp(expression);
    return (name) => glob.test(name);
  }
  try {
    const [, flags, source] = /^(?:\(\?([a-zA-Z]+)\))?([^]*)$/.exec(expression.slice(1)) ?? [];
    const translated = source.replaceAll("(?P<", "(?<").replaceAll("\\A", "^").replaceAll("\\Z", "$(?![^])");
    const regExp = new RegExp(`^(?:${translated})`, flags?.replace(/[^ims]/g, "") ?? "");
    return (name) => regExp.test(name);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /, "") : String(error);
    throw inputError("pattern", `'${expression}' is no regular expression: ${reason}`, span);
  }
}
