import { resolve } from "node:path";
import { readTextSync } from "../support/assets.ts";
import type { Controller } from "./variable.ts";

/** What expressions may read of this machine; relative paths are relative to a directory. */
export function controllerAt(directory: string): Controller {
  return {
    env: (name) => name === "" ? undefined : Deno.env.get(name),
    readFile: (path) => readTextSync(resolve(directory, path)),
  };
}

/** This process's environment, and files relative to its working directory. */
export const SYSTEM_CONTROLLER: Controller = controllerAt("");
