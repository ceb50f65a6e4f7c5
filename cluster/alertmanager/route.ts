/**
 * Alertmanager's tree of routes, and who is told of an alert by it: the rules of Alertmanager's own dispatcher.
 *
 * @module
 */

/** One route; what it leaves out is as in the one above. */
export interface Route {
  /** Who is told. */
  readonly receiver?: string;
  /** `name="value"`, `name=~"pattern"`, with != and !~ too; all of them must hold. */
  readonly matchers?: readonly string[];
  /** Whether the routes behind it are tried too. */
  readonly continue?: boolean;
  /** Alerts that are alike in these come in one message. */
  readonly group_by?: readonly string[];
  /** A duration. */
  readonly group_wait?: string;
  /** A duration. */
  readonly group_interval?: string;
  /** A duration. */
  readonly repeat_interval?: string;
  /** Times by name, at which nobody is told. */
  readonly mute_time_intervals?: readonly string[];
  /** The routes below: the first that matches counts. */
  readonly routes?: readonly Route[];
}

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** Where an alert ends. */
export interface Destination {
  /** Who is told. */
  readonly receiver: string;
  /** The matchers on the way there, the outermost first. */
  readonly matchers: readonly string[];
  /** At these times nobody is. */
  readonly muted: readonly string[];
}

/** The destinations of an alert in the order that they are told. */
export function destinationsOf(root: Route, labels: Labels): Destination[] {
  return descend(root, labels, { receiver: root.receiver ?? "", matchers: [], muted: [] });
}

function descend(route: Route, labels: Labels, above: Destination): Destination[] {
  if (!(route.matchers ?? []).every((matcher) => matches(matcher, labels))) return [];
  // Alertmanager does not inherit the times of the route above.
  const here: Destination = {
    receiver: route.receiver ?? above.receiver,
    matchers: [...above.matchers, ...route.matchers ?? []],
    muted: route.mute_time_intervals ?? [],
  };
  const found: Destination[] = [];
  for (const child of route.routes ?? []) {
    const below = descend(child, labels, here);
    found.push(...below);
    if (below.length > 0 && !child.continue) break;
  }
  return found.length > 0 ? found : [here];
}

function matches(matcher: string, labels: Labels): boolean {
  const [, name, operator, quoted] = /^([A-Za-z_][A-Za-z0-9_]*)(=~|!~|!=|=)(.*)$/s.exec(matcher)!;
  const value: string = JSON.parse(quoted);
  const own = labels[name] ?? "";
  const holds = operator.endsWith("~") ? new RegExp(`^(?:${value})$`, "s").test(own) : own === value;
  return operator.startsWith("!") ? !holds : holds;
}

/** A matcher for one value, or for one of several. */
export function matcher(label: string, values: readonly string[]): string {
  if (values.length === 1) return `${label}=${JSON.stringify(values[0])}`;
  const pattern = values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return `${label}=~${JSON.stringify(pattern)}`;
}
