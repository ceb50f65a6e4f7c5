/**
 * Functions on texts.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { shellQuote } from "../support/shell_quote.ts";
import { toYaml } from "../support/yaml.ts";
import {
  asArgument,
  define,
  listArgument,
  scalarArgument,
  type TemplateFunction,
  textArgument,
  wholeArgument,
} from "./function.ts";
import { isEqual, isIn, Misuse, toText } from "./values.ts";

const REGEXES = new Map<string, RegExp>();

function regex(args: Parameters<TemplateFunction["call"]>[0], index: number, flags: string): RegExp {
  const source = textArgument(args, index);
  const key = `${flags}:${source}`;
  let compiled = REGEXES.get(key);
  if (!compiled) {
    try {
      compiled = new RegExp(source, flags);
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : "";
      throw new Misuse(`not a regular expression: ${reason}`, { argument: index });
    }
    if (REGEXES.size > 1_000) REGEXES.clear();
    REGEXES.set(key, compiled);
  }
  return compiled;
}

/** Python's and RE2's `\1` in a replacement, as JavaScript writes it. */
function toReplacement(text: string): string {
  return text.replace(/\$(?=[$&`'\d<])/g, "$$$$").replace(/\\(\d)/g, "$$$1");
}

const MAX_TEXT = 10_000_000;

function substring(text: string, start: number, end: number): string {
  if (start > end) throw new Misuse("the start lies after the end", { argument: 1 });
  return text.slice(start, end);
}

/** Functions on texts. */
export const TEXT_FUNCTIONS: readonly TemplateFunction[] = [
  define(
    "lower(text)",
    "The text in lower case.",
    "lower('GPU')",
    "gpu",
    (args) => textArgument(args, 0).toLowerCase(),
    {
      alias: "lowerAscii",
    },
  ),
  define(
    "upper(text)",
    "The text in upper case.",
    "upper('gpu')",
    "GPU",
    (args) => textArgument(args, 0).toUpperCase(),
    {
      alias: "upperAscii",
    },
  ),
  define(
    "trim(text)",
    "The text without white space at both ends.",
    "trim(' a b ')",
    "a b",
    (args) => textArgument(args, 0).trim(),
  ),
  define(
    "replace(text, old, new)",
    "The text with every `old` replaced.",
    "replace('a.b.c', '.', '-')",
    "a-b-c",
    (args) => textArgument(args, 0).replaceAll(textArgument(args, 1), () => scalarArgument(args, 2)),
  ),
  define(
    "regexReplace(text, pattern, new)",
    "The text with every match of a regular expression replaced; `\\\\1` is the first group.",
    "regexReplace('gpu-017', '^gpu-0*', 'node')",
    "node17",
    (args) => textArgument(args, 0).replace(regex(args, 1, "g"), toReplacement(textArgument(args, 2))),
  ),
  define(
    "matches(text, pattern)",
    "Whether a regular expression matches somewhere in the text.",
    "'gpu017'.matches('^gpu[0-9]+$')",
    true,
    (args) => regex(args, 1, "").test(textArgument(args, 0)),
  ),
  define(
    "startsWith(text, prefix)",
    "Whether the text begins so.",
    "'gpu017'.startsWith('gpu')",
    true,
    (args) => textArgument(args, 0).startsWith(textArgument(args, 1)),
  ),
  define(
    "endsWith(text, suffix)",
    "Whether the text ends so.",
    "'a.yml'.endsWith('.yml')",
    true,
    (args) => textArgument(args, 0).endsWith(textArgument(args, 1)),
  ),
  define(
    "contains(where, what)",
    "Whether a text contains a text, a list an item, or a map a key.",
    "'gpu017'.contains('017')",
    true,
    (args) => {
      if (typeof args[0] === "string") return args[0].includes(textArgument(args, 1));
      return asArgument(0, () => isIn(args[1], args[0]));
    },
  ),
  define(
    "indexOf(where, what)",
    "Where a text stands in a text, or an item in a list; -1 where it does not.",
    "'gpu017'.indexOf('0')",
    3,
    (args) => {
      if (typeof args[0] === "string") return args[0].indexOf(textArgument(args, 1));
      return listArgument(args, 0).findIndex((item) => isEqual(item, args[1]));
    },
  ),
  define(
    "substring(text, start, end?)",
    "A part of a text; positions count from 0.",
    "'gpu017'.substring(3)",
    "017",
    (args) => {
      const text = textArgument(args, 0);
      const end = args.length > 2 ? wholeArgument(args, 2, 0, text.length) : text.length;
      return substring(text, wholeArgument(args, 1, 0, text.length), end);
    },
  ),
  define(
    "split(text, separator?)",
    "The parts of a text; without a separator, its words.",
    "split('a,b', ',')",
    ["a", "b"],
    (args) => {
      const text = textArgument(args, 0);
      return args.length > 1 ? text.split(textArgument(args, 1)) : text.split(/\s+/).filter((word) => word !== "");
    },
  ),
  define(
    "join(list, separator?)",
    "The items of a list as one text.",
    "['a', 'b'].join(', ')",
    "a, b",
    (args) => {
      const items = listArgument(args, 0).map((item) => asArgument(0, () => toText(item)));
      return items.join(args.length > 1 ? textArgument(args, 1) : "");
    },
  ),
  define(
    "json(value, indent?)",
    "The value as JSON, on one line or indented.",
    "json({'a': [1, 2]})",
    '{"a":[1,2]}',
    (args) => JSON.stringify(args[0], null, args.length > 1 ? wholeArgument(args, 1, 0, 10) : undefined),
  ),
  define("fromJson(text)", "The value that a JSON text holds.", "fromJson('{\"a\": 1}').a", 1, (args) => {
    try {
      return JSON.parse(textArgument(args, 0));
    } catch (error) {
      if (error instanceof SyntaxError) throw new Misuse(`not JSON: ${error.message}`, { argument: 0 });
      throw error;
    }
  }),
  define(
    "yaml(value)",
    "The value as YAML, without a line break at its end.",
    "yaml({'a': [1, 2]})",
    "a:\n  - 1\n  - 2",
    (args) => toYaml(args[0]).trimEnd(),
  ),
  define("quote(value)", "The text as one word of a shell command.", "quote('it is')", "'it is'", (args) => {
    try {
      return shellQuote(scalarArgument(args, 0));
    } catch (error) {
      if (error instanceof TypeError) throw new Misuse(error.message, { argument: 0 });
      throw error;
    }
  }),
  define(
    "b64encode(text)",
    "The text in base64.",
    "b64encode('gpu')",
    "Z3B1",
    (args) => Buffer.from(textArgument(args, 0)).toString("base64"),
  ),
  define("b64decode(text)", "The text that base64 holds.", "b64decode('Z3B1')", "gpu", (args) => {
    const text = textArgument(args, 0).replace(/\s/g, "");
    if (/[^A-Za-z0-9+/=_-]/.test(text)) throw new Misuse("not base64", { argument: 0 });
    return Buffer.from(text, "base64").toString();
  }),
  define(
    "sha256(text)",
    "The SHA-256 of a text, in hexadecimal digits.",
    "sha256('gpu').substring(0, 8)",
    "e3c5ba51",
    (args) => createHash("sha256").update(textArgument(args, 0)).digest("hex"),
  ),
  define(
    "basename(path)",
    "The last part of a path.",
    "basename('/etc/aami/site.yml')",
    "site.yml",
    (args) => textArgument(args, 0).replace(/\/+$/, "").split("/").at(-1) ?? "",
  ),
  define("dirname(path)", "The path without its last part.", "dirname('/etc/aami/site.yml')", "/etc/aami", (args) => {
    const path = textArgument(args, 0).replace(/\/+$/, "");
    const cut = path.lastIndexOf("/");
    return cut === -1 ? "" : cut === 0 ? "/" : path.slice(0, cut).replace(/\/+$/, "") || "/";
  }),
  define("repeat(text, count)", "The text repeated.", "repeat('-', 3)", "---", (args) => {
    const text = textArgument(args, 0);
    return text.repeat(wholeArgument(args, 1, 0, Math.floor(MAX_TEXT / Math.max(1, text.length))));
  }),
  define(
    "indent(text, width)",
    "The text with every line but the first moved to the right.",
    "indent('a\\nb', 2)",
    "a\n  b",
    (args) => textArgument(args, 0).replace(/\n(?=[^\n])/g, `\n${" ".repeat(wholeArgument(args, 1, 0, 200))}`),
  ),
];
