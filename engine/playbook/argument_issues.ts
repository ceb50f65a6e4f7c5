/**
 * Turns what a module's schema says of arguments into diagnostics at the very place in the playbook.
 *
 * @module
 */

import type { Diagnostic, Span } from "../support/diagnostic.ts";
import { didYouMean } from "../support/suggest.ts";
import { offsetInScalar, type YamlNode } from "../support/yaml.ts";
import type { z } from "../support/zod.ts";
import { argumentsOf } from "../module/schema_info.ts";
import type { TaskArguments } from "./playbook.ts";

/** One thing that a schema says of a value. */
export type Issue = z.core.$ZodIssue;

/** Where arguments were written. */
export type ArgumentPlaces = Pick<TaskArguments, "span" | "nodes">;

/** The diagnostics for the issues of one task's arguments. `input` is what the schema saw. */
export function argumentDiagnostics(
  issues: readonly Issue[],
  callee: { name: string; args: z.ZodType },
  places: ArgumentPlaces,
  input: Readonly<Record<string, unknown>>,
): Diagnostic[] {
  const known = () => argumentsOf(callee.args).map((argument) => argument.name);
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => unknownArgument(key, issue, callee.name, places, known()));
    }
    if (issue.code === "invalid_key") return [wrongName(issue, callee.name, places)];
    if (issue.code === "invalid_union") return [unionDiagnostic(issue, callee, places, input)];
    return [issueDiagnostic(issue, callee.name, places, input)];
  });
}

function unknownArgument(
  key: string,
  issue: Issue,
  module: string,
  places: ArgumentPlaces,
  known: string[],
): Diagnostic {
  const nested = issue.path.length > 0;
  const what = nested ? `unknown key '${key}'` : `'${module}' has no argument '${key}'`;
  const span = nested ? nestedKeySpan(issue.path, key, places) : places.nodes.get(key)?.keySpan;
  return {
    severity: "error",
    code: "unknown-argument",
    message: what,
    span: span ?? places.span,
    help: nested ? undefined : didYouMean(key, known) ?? `it has: ${known.join(", ")}`,
  };
}

/** A name that free arguments (set_fact) may not have. */
function wrongName(issue: Extract<Issue, { code: "invalid_key" }>, module: string, places: ArgumentPlaces): Diagnostic {
  const name = String(issue.path.at(-1));
  const message = `${module}: '${name}' ${issue.issues[0]?.message ?? "cannot be a name"}`;
  return { severity: "error", code: "variable-name", message, span: places.nodes.get(name)?.keySpan ?? places.span };
}

function unionDiagnostic(
  issue: Extract<Issue, { code: "invalid_union" }>,
  callee: { name: string; args: z.ZodType },
  places: ArgumentPlaces,
  input: Readonly<Record<string, unknown>>,
): Diagnostic {
  const first = issue.errors.find((branch) => branch.length > 0)?.[0];
  const path = [...issue.path, ...(first?.path ?? [])];
  return issueDiagnostic({ ...(first ?? issue), path } as Issue, callee.name, places, input);
}

/** What a schema says of an issue beside its message. */
interface IssueParams {
  /** The text that `offset` counts in, where the issue is about a part of a text. */
  readonly text?: string;
  /** Where the part begins in the text, in UTF-16 units from 0. */
  readonly offset?: number;
  /** How long the part is. */
  readonly length?: number;
  /** `line:column` in the text. */
  readonly position?: string;
  /** The word that was written, where it is none of `known`. */
  readonly typed?: string;
  /** The words that it could have been. */
  readonly known?: string[];
}

function issueDiagnostic(
  issue: Issue,
  module: string,
  places: ArgumentPlaces,
  input: Readonly<Record<string, unknown>>,
): Diagnostic {
  const [key] = issue.path;
  if (key === undefined) {
    return { severity: "error", code: "argument", message: `${module}: ${issue.message}`, span: places.span };
  }
  const name = issue.path.map((part) => typeof part === "number" ? `[${part}]` : `.${String(part)}`).join("").slice(1);
  if (issue.path.length === 1 && input[String(key)] === undefined) {
    return {
      severity: "error",
      code: "missing-argument",
      message: `'${module}' needs the argument '${String(key)}'`,
      span: places.span,
    };
  }
  const { params } = issue as { params?: IssueParams };
  const node = nodeAt(issue.path, places);
  const inText = params?.text !== undefined && node?.kind === "scalar" && node.value === params.text;
  // A place that no place in the file stands for is told in words.
  const position = params?.position === undefined || inText ? "" : `${params.position}: `;
  return {
    severity: "error",
    code: "argument",
    message: `${module}: '${name}': ${position}${issue.message}`,
    span: spanAt(issue.path, places, inText ? params : undefined),
    help: params?.typed !== undefined && params.known ? didYouMean(params.typed, params.known) : undefined,
  };
}

function spanAt(
  path: readonly PropertyKey[],
  places: ArgumentPlaces,
  params: IssueParams | undefined,
): Span {
  const node = nodeAt(path, places);
  if (!node) return places.nodes.get(String(path[0]))?.node.span ?? places.span;
  if (params?.offset === undefined || node.kind !== "scalar") return node.span;
  const start = offsetInScalar(node, params.offset);
  return { source: node.span.source, start, end: start + Math.max(1, params.length ?? 1) };
}

function nodeAt(path: readonly PropertyKey[], places: ArgumentPlaces): YamlNode | undefined {
  let node = places.nodes.get(String(path[0]))?.node;
  for (const part of path.slice(1)) {
    if (node?.kind === "seq") node = node.items[Number(part)];
    else if (node?.kind === "map") node = node.entries.find((entry) => entry.key === part)?.value;
    else return node;
  }
  return node;
}

function nestedKeySpan(path: readonly PropertyKey[], key: string, places: ArgumentPlaces): Span | undefined {
  const node = nodeAt(path, places);
  return node?.kind === "map" ? node.entries.find((entry) => entry.key === key)?.keySpan : node?.span;
}
