/**
 * Alertmanager's receivers of channels.
 *
 * @module
 */

import type { Channels } from "./channels.ts";

/** A receiver as Alertmanager reads it. */
export interface Receiver {
  /** What routes call it. */
  readonly name: string;
  /** `slack_configs`, `email_configs`, …; none for a receiver that tells nobody. */
  readonly [configs: string]: unknown;
}

/** The receiver of some channels. */
export function receiverOf(name: string, { slack, email, webhook, pagerduty }: Channels): Receiver {
  return {
    name,
    ...(slack && { slack_configs: [slackConfig(slack)] }),
    ...(email && { email_configs: email.to.map((to) => emailConfig(email, to)) }),
    ...(webhook && { webhook_configs: [webhookConfig(webhook)] }),
    ...(pagerduty && { pagerduty_configs: [pagerdutyConfig(pagerduty)] }),
  };
}

function slackConfig({ webhook_url, channel }: NonNullable<Channels["slack"]>): object {
  return {
    api_url: webhook_url,
    ...(channel === undefined ? {} : { channel }),
    send_resolved: true,
    color: '{{ template "aami.color" . }}',
    title: '{{ template "aami.title" . }}',
    text: '{{ template "aami.text" . }}',
    fallback: '{{ template "aami.title" . }}',
  };
}

function emailConfig(email: NonNullable<Channels["email"]>, to: string): object {
  const { smtp_host, smtp_port, from, username, password, tls, ca_file } = email;
  return {
    to,
    from,
    smarthost: `${smtp_host.includes(":") ? `[${smtp_host}]` : smtp_host}:${smtp_port}`,
    ...(username === undefined ? {} : { auth_username: username, auth_identity: "" }),
    ...(password === undefined ? {} : { auth_password: password }),
    require_tls: tls === "required" && smtp_port !== 465,
    ...(ca_file === undefined ? {} : { tls_config: { ca_file } }),
    send_resolved: true,
    headers: { Subject: '{{ template "aami.title" . }}' },
    // Plain text: mail that wakes somebody is read on a telephone.
    html: "",
    text: '{{ template "aami.text" . }}',
  };
}

function webhookConfig({ url, bearer_token }: NonNullable<Channels["webhook"]>): object {
  const authorization = { type: "Bearer", credentials: bearer_token };
  return { url, send_resolved: true, ...(bearer_token === undefined ? {} : { http_config: { authorization } }) };
}

function pagerdutyConfig({ routing_key }: NonNullable<Channels["pagerduty"]>): object {
  return {
    routing_key,
    send_resolved: true,
    severity:
      '{{ if eq .CommonLabels.severity "critical" }}critical{{ else if eq .CommonLabels.severity "info" }}info{{ else }}warning{{ end }}',
    description: '{{ template "aami.title" . }}',
    details: { text: '{{ template "aami.text" . }}' },
  };
}
