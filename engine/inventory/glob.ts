/** A shell glob as Python's `fnmatch` reads it. */
export function globToRegExp(glob: string): RegExp {
  let source = "";
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at];
    if (char === "*") {
      while (glob[at + 1] === "*") at++;
      source += "[^]*";
    } else if (char === "?") source += "[^]";
    else if (char === "[") {
      const from = at + 1 + (glob[at + 1] === "!" ? 1 : 0);
      const close = glob.indexOf("]", from + 1);
      if (close === -1) source += "\\[";
      else {
        source += classToRegExp(glob.slice(from, close), from > at + 1);
        at = close;
      }
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "u");
}

function classToRegExp(members: string, negated: boolean): string {
  let inside = "";
  for (let at = 0; at < members.length; at++) {
    const escape = (char: string) => char.replace(/[\\^$.*+?()[\]{}|/\-]/g, "\\$&");
    if (members[at + 1] === "-" && at + 2 < members.length) {
      // A range that runs backwards matches nothing.
      if (members[at] <= members[at + 2]) inside += `${escape(members[at])}-${escape(members[at + 2])}`;
      at += 2;
    } else inside += escape(members[at]);
  }
  return inside === "" ? (negated ? "[^]" : "[]") : `[${negated ? "^" : ""}${inside}]`;
}
