/**
 * Lint rules of the house: imports run downward only, and each third-party package is imported in one file of
 * engine/support. See docs/decisions/ and the design's "The house".
 *
 * @module
 */

/** What each folder may import, itself aside. `engine/*` siblings of one level may import each other. */
const ALLOWED: Record<string, readonly string[]> = {
  "main": ["cli", "engine", "modules"],
  "cli": ["engine", "cluster"],
  "engine/run": [
    "engine/playbook",
    "engine/inventory",
    "engine/variables",
    "engine/module",
    "engine/host",
    "engine/transport",
    "engine/support",
  ],
  "engine/playbook": [
    "engine/inventory",
    "engine/variables",
    "engine/module",
    "engine/host",
    "engine/support",
  ],
  "engine/inventory": ["engine/playbook", "engine/variables", "engine/module", "engine/support"],
  "engine/variables": ["engine/playbook", "engine/inventory", "engine/module", "engine/support"],
  "engine/module": ["engine/host", "engine/transport", "engine/support"],
  "engine/host": ["engine/transport", "engine/support"],
  "engine/transport": ["engine/support"],
  "engine/support": [],
  "modules": ["engine/module", "engine/host", "engine/transport", "engine/support", "cluster"],
  "cluster": ["engine/support"],
};

const LAYERS = Object.keys(ALLOWED).filter((layer) => layer !== "main");

function layerOf(path: string): string | undefined {
  if (path === "main.ts") return "main";
  return LAYERS.find((layer) => path.startsWith(`${layer}/`));
}

/** The path of a file within the repository: what follows its root. */
function withinRepository(file: string): string {
  const root = new URL("..", import.meta.url).pathname;
  return file.startsWith(root) ? file.slice(root.length) : file;
}

/** Why a file may not import a specifier, or undefined where it may. */
export function forbidden(file: string, specifier: string): string | undefined {
  const from = layerOf(file);
  if (!from) return undefined;
  if (!specifier.startsWith(".")) {
    if (specifier.startsWith("node:") || from === "engine/support") return undefined;
    return `'${specifier}' is a third-party package: import it in one file of engine/support`;
  }
  const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
  const to = layerOf(target);
  if (!to || to === from) return undefined;
  if (ALLOWED[from].some((allowed) => to === allowed || to.startsWith(`${allowed}/`))) return undefined;
  return `imports run downward: ${from} may not import ${to}`;
}

/** The plugin, as deno.json names it. */
const plugin: Deno.lint.Plugin = {
  name: "aami",
  rules: {
    "import-direction": {
      create(context) {
        const file = withinRepository(context.filename);
        const check = (node: Deno.lint.Node, specifier: unknown) => {
          if (typeof specifier !== "string") return;
          const message = forbidden(file, specifier);
          if (message) context.report({ node, message });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source.value),
          ExportNamedDeclaration: (node) => check(node, node.source?.value),
          ExportAllDeclaration: (node) => check(node, node.source.value),
          ImportExpression: (node) => check(node, "value" in node.source ? node.source.value : undefined),
        };
      },
    },
  },
};

export default plugin;
