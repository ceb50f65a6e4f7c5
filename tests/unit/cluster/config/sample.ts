import { type ReadConfig, readConfig } from "../../../../cluster/config/read.ts";

/** A configuration with something of everything. */
export const SAMPLE = `# The machines of hall 2.
cluster:
  name: dgx # as on the door

ssh:
  user: ops
  key: ~/.ssh/id_ed25519

nodes:
  # The first rack.
  - name: gpu01
    ip: 10.0.0.1
    groups: [training, rack1]
    labels: { gpu_type: a100 }
  - name: gpu02
    ip: 10.0.0.2
    ssh_port: 2222
    groups: [inference]
  - name: login

groups:
  production:
    labels: { team: platform }
    notify: { slack: { channel: "#production" } }
    alerts:
      gpu_temperature_critical: { threshold: 83 }
  training:
    parent: production
  inference:
    parent: production
    notify:
      email: { to: [inference@example.com] }
      slack: { enabled: false }
  rack1:

alerts:
  presets: [gpu-production, node]
  custom:
    - name: ScratchFull
      expr: node_filesystem_avail_bytes{mountpoint="/scratch"} < 1e9
      for: 10m
      summary: "{{ $labels.node }}: /scratch is full"

notifications:
  slack:
    webhook_url: \${SLACK_WEBHOOK}
    channel: "#gpu"
  email:
    smtp_host: mail.example.com
    from: aami <aami@example.com>
    to: [ops@example.com, gpu@example.com]
    username: aami
    password: \${SMTP_PASSWORD}
    severities: [critical, warning]
  pagerduty:
    routing_key: \${PAGERDUTY_KEY}
  teams:
    ml: { slack: { channel: "#ml" } }
  mute:
    - name: night
      days: [saturday, sunday]
      times: ["22:00-06:00"]

prometheus:
  retention: 30d
grafana:
  admin_password: \${GRAFANA_PASSWORD:-hello world}
`;

const ENVIRONMENT: Readonly<Record<string, string>> = {
  SLACK_WEBHOOK: "https://hooks.slack.example/T0/B0/sEcReT",
  SMTP_PASSWORD: "mail: #s3cret",
  PAGERDUTY_KEY: "0123456789abcdef0123456789abcdef",
};

/** Reads a text as `aami.yaml`. */
export function read(text: string, environment: Readonly<Record<string, string>> = ENVIRONMENT): ReadConfig {
  return readConfig({ path: "aami.yaml", text }, { environment: (name) => environment[name] });
}

/** The sample, read. */
export function sample(): ReadConfig {
  return read(SAMPLE);
}
