/**
 * Alertmanager's configuration, made from the notifications, groups and teams of a site.
 *
 * @module
 */

import { SEVERITIES } from "../alerts/rule.ts";
import { toYaml } from "../../engine/support/yaml.ts";
import { descendantsOf, lineOf } from "../config/groups.ts";
import type { Config } from "../config/schema.ts";
import { changesOfGroup, type Channels, channelsWith, toldOf } from "./channels.ts";
import { inhibitRules } from "./inhibition.ts";
import { timeInterval } from "./mute.ts";
import { type Receiver, receiverOf } from "./receivers.ts";
import { matcher, type Route } from "./route.ts";

/** Alertmanager's configuration as data. */
export interface AlertmanagerConfig {
  /** The root of the routes. */
  readonly route: Route;
  /** Who can be told. */
  readonly receivers: readonly Receiver[];
  /** Any other part. */
  readonly [part: string]: unknown;
}

/** Where the templates of messages lie on the monitoring host. */
export const TEMPLATES = "/etc/aami/alertmanager.tmpl";

/** Makes the configuration. */
export function alertmanagerConfig(config: Config): AlertmanagerConfig {
  const { notifications } = config;
  const receivers = new Map<string, Receiver>();
  const scope = (name: string, channels: Channels) => scopeOf(name, channels, config, receivers);
  const teams = Object.keys(notifications.teams).sort().map((team): Route => {
    const channels = channelsWith(notifications, [notifications.teams[team]]);
    return { matchers: [matcher("team", [team])], ...scope(`team ${team}`, channels) };
  });
  const own = Object.keys(config.groups).filter((name) => config.groups[name].notify !== undefined).sort();
  const groups = own.map((name): Route => {
    const members = descendantsOf(config.groups, name).filter((each) => nearest(config, each, own) === name);
    const channels = channelsWith(notifications, changesOfGroup(config, name));
    return { matchers: [matcher("group", members)], ...scope(`group ${name}`, channels) };
  });
  const root = scope("default", channelsWith(notifications, []));
  const { group_by, group_wait, group_interval, repeat_interval } = notifications;
  const routes = [...teams, ...groups, ...root.routes ?? []];
  return {
    route: {
      receiver: root.receiver,
      group_by,
      group_wait,
      group_interval,
      repeat_interval,
      ...list("routes", routes),
    },
    inhibit_rules: inhibitRules(),
    ...list("time_intervals", notifications.mute.map(timeInterval)),
    templates: [TEMPLATES],
    receivers: [...receivers.values()],
  };
}

/** The text of the file. */
export function alertmanagerYaml(config: Config): string {
  return `# Written by aami from the configuration: changes here are lost.\n${toYaml(alertmanagerConfig(config))}`;
}

function list<K extends string, T>(key: K, items: readonly T[]): { [key in K]?: readonly T[] } {
  return (items.length === 0 ? {} : { [key]: items }) as { [key in K]?: readonly T[] };
}

/** The group nearest to one, itself included, that says who is told. */
function nearest({ groups }: Config, name: string, own: readonly string[]): string | undefined {
  return lineOf(groups, name).find((each) => own.includes(each));
}

/** Who is told within a scope: of alerts without a severity all channels, of a severity those that want it. */
function scopeOf(name: string, channels: Channels, { notifications }: Config, receivers: Map<string, Receiver>): Route {
  const receiver = (own: Channels, suffix: string) => {
    if (Object.keys(own).length === 0 && suffix !== "") return remember(receivers, receiverOf("nobody", {}));
    return remember(receivers, receiverOf(name + suffix, own));
  };
  const whole = receiver(channels, "");
  const routes = SEVERITIES.flatMap((severity): Route[] => {
    const told = toldOf(channels, severity);
    const muted = notifications.mute.filter((each) => each.severities.includes(severity)).map((each) => each.name);
    const all = Object.keys(told).length === Object.keys(channels).length;
    if (all && muted.length === 0) return [];
    return [{
      matchers: [matcher("severity", [severity])],
      receiver: all ? whole : receiver(told, ` ${severity}`),
      ...list("mute_time_intervals", muted),
    }];
  });
  return { receiver: whole, ...list("routes", routes) };
}

function remember(receivers: Map<string, Receiver>, receiver: Receiver): string {
  if (!receivers.has(receiver.name)) receivers.set(receiver.name, receiver);
  return receiver.name;
}
