import { fileURLToPath } from "node:url";

/** A path relative to a module's URL, as a path. */
export function fromFileUrl(relative: string, base: string): string {
  return fileURLToPath(new URL(relative, base));
}
