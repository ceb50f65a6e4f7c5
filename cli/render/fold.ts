/**
 * Host names as people write many of them: `gpu[001-499]`.
 *
 * @module
 */

/** Folds names that differ in a last number into ranges, keeping the order of the first of each. */
export function foldNames(names: readonly string[]): string {
  const groups = new Map<string, { head: string; tail: string; width: number; numbers: number[] }>();
  for (const name of names) {
    const match = /^(.*?)(\d+)(\D*)$/.exec(name);
    const [, head, digits, tail] = match ?? ["", name, "", ""];
    const width = digits.startsWith("0") ? digits.length : 0;
    const key = `${head}\0${tail}\0${digits === "" ? "-" : width}`;
    const group = groups.get(key) ?? { head, tail, width, numbers: [] };
    if (digits !== "") group.numbers.push(Number(digits));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ head, tail, width, numbers }) => {
    if (numbers.length === 0) return head;
    const show = (number: number) => String(number).padStart(width, "0");
    if (numbers.length === 1) return `${head}${show(numbers[0])}${tail}`;
    return `${head}[${
      ranges(numbers).map(([from, to]) => from === to ? show(from) : `${show(from)}-${show(to)}`).join(",")
    }]${tail}`;
  }).join(", ");
}

function ranges(numbers: readonly number[]): [number, number][] {
  const out: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = out.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else out.push([number, number]);
  }
  return out;
}
