/** Tags with a meaning of their own. */
export const SPECIAL_TAGS: readonly string[] = ["all", "always", "never", "tagged", "untagged"];

/** Which tasks `--tags` and `--skip-tags` leave. Empty `only` means all. */
export interface TagSelection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/** Whether a task with these tags runs: Ansible's rules with `always`, `never`, `tagged`, `untagged` and `all`. */
export function selectedByTags(tags: readonly string[], { only, skip }: TagSelection): boolean {
  const own = new Set(tags);
  const matches = (wanted: readonly string[]) =>
    wanted.some((tag) => own.has(tag) || (tag === "tagged" && own.size > 0) || (tag === "untagged" && own.size === 0));
  const named = only.some((tag) => own.has(tag));
  if (own.has("never") && !named) return false;
  const wanted = only.length === 0 || only.includes("all") || own.has("always") || matches(only);
  if (!wanted) return false;
  if (own.has("always") && skip.includes("always")) return false;
  return !(skip.includes("all") && !own.has("always")) && !matches(skip.filter((tag) => tag !== "all"));
}
