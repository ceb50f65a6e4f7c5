/** Tags with a meaning of their own. */
export const SPECIAL_TAGS: readonly string[] = ["all", "always", "never", "tagged", "untagged"];

/** Which tasks `--tags` and `--skip-tags` leave. Empty `only` means all. */
export interface TagSelection {
  /** `--tags`. */
  readonly only: readonly string[];
  /** `--skip-tags`. */
  readonly skip: readonly string[];
}

const UNTAGGED: readonly string[] = ["untagged"];

/** Whether a task with these tags runs: Ansible's rules with `always`, `never`, `tagged`, `untagged` and `all`. */
export function selectedByTags(tags: readonly string[], { only, skip }: TagSelection): boolean {
  const own = tags.length > 0 ? tags : UNTAGGED;
  return wanted(own, only.length > 0 ? only : ["all"]) && !skipped(own, skip);
}

function wanted(own: readonly string[], only: readonly string[]): boolean {
  if (own.includes("always") || only.some((tag) => own.includes(tag))) return true;
  if (own.includes("never")) return false;
  return only.includes("all") || (only.includes("tagged") && !isUntagged(own));
}

function skipped(own: readonly string[], skip: readonly string[]): boolean {
  if (skip.includes("all")) return !own.includes("always") || skip.includes("always");
  return skip.some((tag) => own.includes(tag)) || (skip.includes("tagged") && !isUntagged(own));
}

function isUntagged(own: readonly string[]): boolean {
  return own.length === 1 && own[0] === UNTAGGED[0];
}
