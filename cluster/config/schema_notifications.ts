/**
 * The part of the configuration about who is told of alerts, and how.
 *
 * @module
 */

import { z } from "../../engine/support/zod.ts";
import { SEVERITIES } from "../alerts/rule.ts";
import { duration, filled, httpUrl, labels, mailAddress, port, secret } from "./values.ts";

const severities = z.array(z.enum(["critical", "warning", "info"])).min(1, "expected at least one severity");
const told = (which: readonly string[]) =>
  severities.default([...which] as z.output<typeof severities>).describe("The severities that it is told of.");

const enabled = z.boolean().default(true).describe("Whether it is used.");

const slack = {
  webhook_url: secret(httpUrl()).describe("The incoming webhook's address."),
  channel: z.string().regex(/^[#@]?\S+$/, "expected a channel such as '#gpu-alerts'").optional().describe(
    "The channel, where it is not the webhook's own. Quote it: `#` begins a comment.",
  ),
};

const email = {
  smtp_host: filled().describe("The mail server."),
  smtp_port: port().default(587).describe("Its port: 587 for STARTTLS, 465 for TLS from the start, 25 for neither."),
  from: mailAddress().describe("The sender."),
  to: z.array(mailAddress()).min(1, "expected at least one address").describe("The receivers."),
  username: filled().optional().describe("The name to log in with; without it nobody logs in."),
  password: secret(filled()).optional().describe("The password to log in with."),
  tls: z.enum(["required", "off"]).default("required").describe("Whether mail goes without TLS: `off` lets it."),
  ca_file: z.string().regex(/^\//, "expected an absolute path").optional().describe(
    "Certificates on the monitoring host that the mail server's is checked by, instead of the system's.",
  ),
};

const webhook = {
  url: secret(httpUrl()).describe("Where Alertmanager posts its JSON."),
  bearer_token: secret(filled()).optional().describe("Sent as `Authorization: Bearer`."),
};

const pagerduty = {
  routing_key: secret(filled()).describe("The integration key of the Events API v2."),
};

const changes = {
  enabled: z.boolean().optional().describe("Whether it is used."),
  severities: severities.optional().describe("The severities that it is told of."),
};

const channelChangesSchema = z.strictObject({
  slack: z.strictObject(slack).partial().extend(changes).optional().describe("Slack."),
  email: z.strictObject({ to: email.to }).partial().extend(changes).optional().describe("E-mail."),
  webhook: z.strictObject(webhook).partial().extend(changes).optional().describe("A webhook."),
  pagerduty: z.strictObject(pagerduty).partial().extend(changes).optional().describe("PagerDuty."),
});

/** What a group or a team sets of the channels. */
export type ChannelChanges = z.output<typeof channelChangesSchema>;
/** What a group or a team sets of the channels; what it leaves out is as in `notifications`. */
export const channelChanges: z.ZodType<ChannelChanges> = channelChangesSchema;

const clock = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

const mute = z.strictObject({
  name: filled().describe("What it is for."),
  severities: severities.default(["warning", "info"]).describe("The severities that nobody is told of then."),
  days: z.array(z.enum(DAYS)).min(1, "expected at least one day").optional().describe("The days; without them all."),
  times: z.array(z.string().regex(clock, "expected times such as '22:00-06:00'")).min(1, "expected at least one time")
    .optional().describe("From when to when; the whole day without them. Over midnight counts on both days."),
  location: filled().optional().describe(
    "The time zone, e.g. `Europe/Berlin`; UTC without it. Alertmanager 0.25 and later.",
  ),
});

const notificationsSchema = z.strictObject({
  slack: z.strictObject({ enabled, ...slack, severities: told(SEVERITIES) }).optional().describe("Slack."),
  email: z.strictObject({ enabled, ...email, severities: told(SEVERITIES) }).optional().describe("E-mail."),
  webhook: z.strictObject({ enabled, ...webhook, severities: told(SEVERITIES) }).optional().describe("A webhook."),
  pagerduty: z.strictObject({ enabled, ...pagerduty, severities: told(["critical"]) }).optional().describe(
    "PagerDuty.",
  ),
  teams: z.record(z.string(), channelChanges).default({}).describe(
    "Teams by name, each with its own channels: alerts with the label `team` go there, whatever their group.",
  ),
  group_by: z.array(z.string()).default(["alertname", "group"]).describe(
    "Alerts that are alike in these labels come in one message.",
  ),
  group_wait: duration().default("30s").describe("How long a first message waits for alerts of the same kind."),
  group_interval: duration().default("5m").describe("How long until more of the same kind is told."),
  repeat_interval: duration().default("4h").describe("How long until what goes on is told again."),
  mute: z.array(mute).default([]).describe("Times at which nobody is told."),
}).describe("Who is told of alerts. Without any channel they are shown on Alertmanager's page alone.");

/** Who is told, with every default. */
export type Notifications = z.output<typeof notificationsSchema>;
/** `notifications`. */
export const notifications: z.ZodType<Notifications> = notificationsSchema;

const customAlertSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected a name of letters, digits and _").describe("The alert."),
  expr: filled().describe("The PromQL expression."),
  for: duration().default("0s").describe("How long it holds before the alert fires."),
  severity: z.enum(["critical", "warning", "info"]).default("warning").describe("How urgent it is."),
  labels: labels({ severity: "give 'severity'", rule: "it is the name" }).default({}).describe("More labels."),
  summary: filled().optional().describe("One line. `{{ $labels.node }}` and `{{ $value }}` are Prometheus' own."),
  description: filled().optional().describe("What was seen."),
  runbook: filled().optional().describe("What to do."),
});

/** An alert of the site's own. */
export type CustomAlert = z.output<typeof customAlertSchema>;
/** A custom alert of the site. */
export const customAlert: z.ZodType<CustomAlert> = customAlertSchema;
