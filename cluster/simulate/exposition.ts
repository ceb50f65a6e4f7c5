/** The text that Prometheus reads. @module */

/** Labels by name, in the order they are written. */
export type Labels = Readonly<Record<string, string>>;

/** One metric with its values. */
export interface Family {
  /** The metric's name. */
  readonly name: string;
  /** As exporters declare it. */
  readonly type: "gauge" | "counter";
  /** One line. */
  readonly help: string;
  /** Its series. A metric without any is not written. */
  readonly samples: readonly { readonly labels: Labels; readonly value: number }[];
}

/** The text of some metrics. Every help says that they are fake. */
export function exposition(families: readonly Family[]): string {
  const blocks = families.filter(({ samples }) => samples.length > 0).map(({ name, type, help, samples }) => {
    const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`);
    return `# HELP ${name} ${help} (fake, by aami simulate)\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`;
  });
  return blocks.join("");
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&")}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
