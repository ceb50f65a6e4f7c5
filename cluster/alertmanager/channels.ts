/**
 * Which channels are told of an alert: the site's own, with what a group or a team changes of them.
 *
 * @module
 */

import type { Severity } from "../alerts/rule.ts";
import { lineOf } from "../config/groups.ts";
import type { Config } from "../config/schema.ts";
import type { ChannelChanges, Notifications } from "../config/schema_notifications.ts";

/** The channels that are on, each whole. */
export interface Channels {
  /** Slack. */
  readonly slack?: NonNullable<Notifications["slack"]>;
  /** E-mail. */
  readonly email?: NonNullable<Notifications["email"]>;
  /** A webhook. */
  readonly webhook?: NonNullable<Notifications["webhook"]>;
  /** PagerDuty. */
  readonly pagerduty?: NonNullable<Notifications["pagerduty"]>;
}

/** The names of the channels, in the order they are written. */
export const CHANNELS = ["slack", "email", "webhook", "pagerduty"] as const;

/** The keys that a channel cannot do without. */
const NEEDED: Readonly<Record<(typeof CHANNELS)[number], readonly string[]>> = {
  slack: ["webhook_url"],
  email: ["smtp_host", "from", "to"],
  webhook: ["url"],
  pagerduty: ["routing_key"],
};

/** The channels of the site, with changes laid over one after the other. Those that are off or lack a key are left out. */
export function channelsWith(notifications: Notifications, changes: readonly (ChannelChanges | undefined)[]): Channels {
  return Object.fromEntries(CHANNELS.flatMap((name) => {
    const own = changes.map((each) => each?.[name] ?? {});
    const fallback = {
      enabled: true,
      severities: name === "pagerduty" ? ["critical"] : ["critical", "warning", "info"],
    };
    const channel: Record<string, unknown> = Object.assign(fallback, notifications[name], ...own);
    const complete = NEEDED[name].every((key) => channel[key] !== undefined);
    return channel.enabled && complete ? [[name, channel]] : [];
  }));
}

/** The changes that hold for a group: its furthest ancestor's first. */
export function changesOfGroup({ groups }: Config, group: string): (ChannelChanges | undefined)[] {
  return lineOf(groups, group).toReversed().map((name) => groups[name]?.notify);
}

/** Of some channels those that are told of a severity. */
export function toldOf(channels: Channels, severity: Severity): Channels {
  return Object.fromEntries(
    CHANNELS.flatMap((name) => channels[name]?.severities.includes(severity) ? [[name, channels[name]]] : []),
  );
}
