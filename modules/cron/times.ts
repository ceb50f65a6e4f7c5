/**
 * The time fields of a job, checked as cron itself would, so that check mode already refuses what crontab would.
 *
 * @module
 */

import { text } from "../../engine/module/schema.ts";
import type { z } from "../../engine/support/zod.ts";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** The numbers and names that each field takes. */
const FIELDS: Readonly<Record<string, { min: number; max: number; names?: readonly string[] }>> = {
  minute: { min: 0, max: 59 },
  hour: { min: 0, max: 23 },
  day: { min: 1, max: 31 },
  month: { min: 1, max: 12, names: MONTHS },
  weekday: { min: 0, max: 7, names: DAYS },
};

/** A time field: numbers, names, `*`, ranges, lists and steps; cronie's random `1~5` too. */
export function timeField(name: "minute" | "hour" | "day" | "month" | "weekday"): z.ZodType<string> {
  const { min, max, names = [] } = FIELDS[name];
  const isValue = (word: string) =>
    names.includes(word.toLowerCase()) || (/^\d{1,2}$/.test(word) && Number(word) >= min && Number(word) <= max);
  const isPart = (part: string) => {
    const [, range, step] = /^([^/]*)(?:\/(\d+))?$/.exec(part) ?? [];
    if (range === undefined || (step !== undefined && Number(step) === 0)) return false;
    if (range === "*" || range === "~") return true;
    const ends = range.split(/[-~]/);
    return ends.length <= 2 && ends.every((end) => isValue(end) || (end === "" && range.includes("~")));
  };
  return text().superRefine((value, context) => {
    if (value.split(",").every(isPart)) return;
    const words = names.length > 0 ? ` or names (${names[1]})` : "";
    const message =
      `cron knows no ${name} '${value}': write numbers from ${min} to ${max}${words}, '*', ranges (1-5), lists (1,3) or steps (*/2)`;
    context.addIssue({ code: "custom", message });
  });
}
