/**
 * Host names as people write many of them: `gpu[001-499]`.
 *
 * @module
 */

interface Family {
  readonly head: string;
  readonly tail: string;
  readonly digits: string[];
}

/** Folds names that differ in a last number into ranges, keeping the order of the first of each. */
export function foldNames(names: readonly string[]): string {
  const families = new Map<string, Family>();
  const plain = new Map<string, string>();
  const order: string[] = [];
  for (const name of names) {
    const match = /^(.*?)(\d+)(\D*)$/.exec(name);
    const key = match ? `${match[1]}\0${match[3]}` : name;
    if (!families.has(key) && !plain.has(key)) order.push(key);
    if (!match) plain.set(key, name);
    else {
      const family = families.get(key) ?? { head: match[1], tail: match[3], digits: [] };
      family.digits.push(match[2]);
      families.set(key, family);
    }
  }
  return order.map((key) => plain.get(key) ?? foldFamily(families.get(key)!)).join(", ");
}

/** `gpu[001-120]`; where some are padded with zeros, numbers of that width and others are told apart. */
function foldFamily({ head, tail, digits }: Family): string {
  const widths = new Set(digits.filter((text) => text.length > 1 && text.startsWith("0")).map((text) => text.length));
  const byWidth = new Map<number, number[]>();
  for (const text of digits) {
    const width = widths.has(text.length) ? text.length : 0;
    byWidth.set(width, [...byWidth.get(width) ?? [], Number(text)]);
  }
  return [...byWidth].map(([width, numbers]) => {
    const show = (number: number) => String(number).padStart(width, "0");
    if (numbers.length === 1) return `${head}${show(numbers[0])}${tail}`;
    const parts = ranges(numbers).map(([from, to]) => from === to ? show(from) : `${show(from)}-${show(to)}`);
    return `${head}[${parts.join(",")}]${tail}`;
  }).join(", ");
}

function ranges(numbers: readonly number[]): [number, number][] {
  const out: [number, number][] = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    const last = out.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else out.push([number, number]);
  }
  return out;
}
