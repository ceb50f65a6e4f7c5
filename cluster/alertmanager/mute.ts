/**
 * The times at which nobody is told.
 *
 * @module
 */

import type { Notifications } from "../config/schema_notifications.ts";

/** Times by name, as Alertmanager reads them. */
export interface TimeInterval {
  /** What routes call it. */
  readonly name: string;
  /** Days and times, any of which may hold. */
  readonly time_intervals: readonly {
    readonly weekdays?: readonly string[];
    readonly times?: readonly { readonly start_time: string; readonly end_time: string }[];
    readonly location?: string;
  }[];
}

/** The times of a mute. */
export function timeInterval({ name, days, times, location }: Notifications["mute"][number]): TimeInterval {
  const interval = {
    ...(days === undefined ? {} : { weekdays: days }),
    ...(times === undefined ? {} : { times: times.flatMap(halves) }),
    ...(location === undefined ? {} : { location }),
  };
  return { name, time_intervals: [interval] };
}

/** Alertmanager's times end on the day they begin: over midnight they are two. */
function halves(text: string): { start_time: string; end_time: string }[] {
  const [start, end] = text.split("-");
  if (start < end) return [{ start_time: start, end_time: end }];
  const night = { start_time: start, end_time: "24:00" };
  return end === "00:00" ? [night] : [night, { start_time: "00:00", end_time: end }];
}
