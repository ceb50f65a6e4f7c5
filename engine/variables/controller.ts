import { resolve } from "node:path";
import { readTextSync } from "../support/assets.ts";
import { NO_VAULT, type Vault } from "./vault.ts";
import type { Controller } from "./variable.ts";

/** What expressions may read of this machine; relative paths are relative to a directory. A vault opens `!vault`. */
export function controllerAt(directory: string, vault: Vault = NO_VAULT): Controller {
  return {
    decrypt: (text, span) => vault.value(text, span),
    derived: (args, result) => vault.learnDerived(args, result),
    env: (name) => name === "" ? undefined : Deno.env.get(name),
    readFile: (path) => readTextSync(resolve(directory, path)),
  };
}

/** This process's environment, and files relative to its working directory. */
export const SYSTEM_CONTROLLER: Controller = controllerAt("");
