/**
 * Reads INI inventories as Ansible does.
 *
 * @module
 */

import { type DiagnosticError, inputError, type SourceText, type Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { expandHosts } from "./address.ts";
import { readLiteral } from "./literal.ts";
import type { GroupRecord, InventoryData } from "./model.ts";
import { Piece } from "./piece.ts";
import { splitWords } from "./words.ts";

const SECTION = /^\[([^:\]\s]+)(?::([\p{L}\p{N}_]+))?\]\s*(?:#.*)?$/u;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;
const KINDS = ["hosts", "children", "vars"];

/**
 * Reads an INI inventory.
 *
 * @throws {DiagnosticError} for what is not a section, a host or a variable where it stands
 */
export function readIni(source: SourceText, data: InventoryData): void {
  new IniReader(source, data).read();
}

/** A group that was used before it was declared. */
interface Pending {
  readonly kind: "vars" | "children";
  readonly span: Span;
  readonly parents: { readonly group: GroupRecord; readonly span: Span }[];
}

class IniReader {
  #group: GroupRecord;
  #kind = "hosts";
  readonly #pending = new Map<string, Pending>();
  readonly #set = new Map<GroupRecord, Set<string>>();

  constructor(readonly source: SourceText, readonly data: InventoryData) {
    this.#group = data.addGroup("ungrouped");
  }

  read(): void {
    for (const line of this.#lines()) {
      if (line.text === "" || line.text[0] === "#" || line.text[0] === ";") continue;
      const section = SECTION.exec(line.text);
      if (section) this.#section(line, section[1], section[2]);
      else if (line.text.startsWith("[") && line.text.endsWith("]")) throw this.#badSection(line);
      else if (this.#kind === "hosts") this.#hosts(line);
      else if (this.#kind === "vars") this.#variable(line);
      else this.#child(line);
    }
    for (const [name, pending] of this.#pending) throw this.#undeclared(name, pending);
  }

  *#lines(): Iterable<Piece> {
    const { text } = this.source;
    for (let start = 0; start < text.length;) {
      let end = start;
      while (end < text.length && text[end] !== "\n" && text[end] !== "\r") end++;
      yield Piece.of(this.source, start, end).trim();
      start = end + 1;
    }
  }

  #section(line: Piece, name: string, kind = "hosts"): void {
    const span = line.span(1, 1 + name.length);
    if (!KINDS.includes(kind)) {
      const from = 2 + name.length;
      const begun = KINDS.find((known) => known.startsWith(kind.slice(0, 4)));
      const help = didYouMean(begun ?? kind, KINDS) ?? "use [group], [group:children] or [group:vars]";
      throw inputError("ini-section", `unknown kind of section '${kind}'`, line.span(from, from + kind.length), help);
    }
    const known = this.data.groups.has(name);
    if (!known && kind === "vars" && !this.#pending.has(name)) {
      this.#pending.set(name, { kind: "vars", span, parents: [] });
    }
    this.#group = this.data.addGroup(name, span);
    this.#kind = kind;
    if (kind === "vars") return;
    for (const parent of this.#pending.get(name)?.parents ?? []) {
      this.data.link(parent.group, this.#group, parent.span);
    }
    this.#pending.delete(name);
  }

  #badSection(line: Piece): DiagnosticError {
    const inside = line.text.slice(1, -1);
    const space = inside.search(/\s/);
    const help = space === -1 ? "use [group], [group:children] or [group:vars]" : "a section name holds no spaces";
    const span = space === -1 ? line.span() : line.span(1 + space, 2 + space);
    return inputError("ini-section", `'${line.text}' is no section`, span, help);
  }

  #hosts(line: Piece): void {
    const { words, cut } = splitWords(line);
    const [name, ...settings] = words;
    if (!name || name.text === "---" || name.text.trim() === "") throw this.#noHost(line, name);
    if (cut) {
      this.data.warn("ini-comment", "'#' begins a comment here, inside a word", cut, "quote the value to keep the '#'");
    }
    const expanded = expandHosts(name);
    const hosts = this.data.addHosts(expanded, this.#group, name.span());
    const seen = new Set<string>();
    for (const setting of settings) {
      const equals = setting.text.indexOf("=");
      if (equals === -1) throw this.#noSetting(setting);
      const key = setting.text.slice(0, equals);
      const keySpan = setting.span(0, equals);
      if (seen.has(key)) throw inputError("duplicate-key", `'${key}' is set twice on this line`, keySpan);
      seen.add(key);
      this.data.setHostVariable(hosts, key, keySpan, readLiteral(setting.slice(equals + 1)));
    }
  }

  #noHost(line: Piece, name: Piece | undefined): DiagnosticError {
    if (name?.text !== "---") return inputError("host-name", "a host name is empty", line.span());
    const help = "name the file .yml, so that it is read as YAML";
    return inputError("ini-syntax", "'---' is no host: this looks like YAML", name.span(), help);
  }

  #noSetting(setting: Piece): DiagnosticError {
    const next = this.source.text.slice(setting.end).match(/^[ \t]*=/);
    const help = next
      ? `no spaces around '=': ${setting.text}=…`
      : setting.text.endsWith(":")
      ? `variables are written ${setting.text.slice(0, -1)}=…`
      : "one host a line, its variables after it as key=value";
    return inputError("ini-syntax", `'${setting.text}' is no key=value`, setting.span(), help);
  }

  #variable(line: Piece): void {
    const equals = line.text.indexOf("=");
    if (equals === -1) {
      const colon = /^[\p{L}\p{N}_]+:/u.test(line.text) ? "write key=value, not key: value" : undefined;
      throw inputError("ini-syntax", `'${line.text}' is no key=value`, line.span(), colon);
    }
    const key = line.slice(0, equals).trim();
    if (key.text === "") {
      throw inputError("ini-syntax", "the name before '=' is missing", line.span(equals, equals + 1));
    }
    const value = line.slice(equals + 1).trim();
    const seen = this.#set.get(this.#group) ?? new Set();
    this.#set.set(this.#group, seen);
    if (seen.has(key.text)) {
      throw inputError("duplicate-key", `'${key.text}' is set twice for group '${this.#group.name}'`, key.span());
    }
    seen.add(key.text);
    this.data.setGroupVariable(this.#group, key.text, key.span(), readLiteral(value));
  }

  #child(line: Piece): void {
    const name = GROUP_NAME.exec(line.text)?.[1];
    if (name === undefined) {
      const help = "one group a line; variables belong into [group:vars]";
      throw inputError("ini-syntax", `'${line.text}' is no group name`, line.span(), help);
    }
    const span = line.span(0, name.length);
    const child = this.data.groups.get(name);
    const parent = { group: this.#group, span };
    if (child) this.data.link(this.#group, child, span);
    else if (this.#pending.has(name)) this.#pending.get(name)?.parents.push(parent);
    else this.#pending.set(name, { kind: "children", span, parents: [parent] });
  }

  #undeclared(name: string, { kind, span, parents }: Pending): DiagnosticError {
    const known = [...this.data.groups.keys()].filter((group) => group !== name);
    if (kind === "vars") {
      const help = didYouMean(name, known) ?? `declare it with [${name}]`;
      return inputError("unknown-group", `variables for group '${name}', which is declared nowhere`, span, help);
    }
    const host = this.data.hosts.has(name) ? `'${name}' is a host: children are groups` : undefined;
    const help = host ?? didYouMean(name, known) ?? `declare it with [${name}]`;
    const message = `group '${parents[0].group.name}' has the child '${name}', which is no group`;
    return inputError("unknown-group", message, span, help);
  }
}
