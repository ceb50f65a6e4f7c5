/** Slurm, the alerts themselves, and the checks of a site. @module */

import { type Dashboard, GROUP, NODE, type Panel, series, stat, table, type Variable } from "./dashboard.ts";
import { limitOf } from "./gpu_panels.ts";

/** slurmctld's own metrics (25.11 and later), or prometheus-slurm-exporter's before. */
function slurm(own: string, exporter: string = own): string {
  const names = [...new Set([own, exporter])].map((name) => `${name}{instance=~"$instance"}`);
  return `sum by (instance) (${names.join(" or ")})`;
}
const slurmStat = (title: string, own: string, exporter?: string, more: Partial<Panel> = {}) =>
  stat(title, "none", `sum(${slurm(own, exporter)})`, more);

const INSTANCE: Variable = { name: "instance", query: 'label_values(up{job="slurm"}, instance)' };

/** Slurm's nodes, jobs and scheduler. */
export const SLURM: Dashboard = {
  uid: "aami-slurm",
  title: "aami / Slurm",
  description: "Slurm by its own metrics (25.11 and later) or by prometheus-slurm-exporter.",
  variables: [INSTANCE],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Controller answers", "none", 'min(up{job="slurm",instance=~"$instance"})', { words: ["no", "yes"] }),
        slurmStat("Jobs running", "slurm_jobs_running", "slurm_queue_running"),
        slurmStat("Jobs waiting", "slurm_jobs_pending", "slurm_queue_pending"),
        slurmStat("Nodes idle", "slurm_nodes_idle"),
        slurmStat("Nodes drained", "slurm_nodes_drain", undefined, { limits: { warning: 1 } }),
        slurmStat("Nodes down", "slurm_nodes_down", undefined, { limits: { critical: 1 } }),
      ],
    },
    {
      title: "Over time",
      panels: [
        series("Nodes", "none", [
          { expr: slurm("slurm_nodes_alloc"), legend: "allocated" },
          { expr: slurm("slurm_nodes_mixed", "slurm_nodes_mix"), legend: "mixed" },
          { expr: slurm("slurm_nodes_idle"), legend: "idle" },
          { expr: slurm("slurm_nodes_drain"), legend: "drained" },
          { expr: slurm("slurm_nodes_down"), legend: "down" },
        ]),
        series("Jobs", "none", [
          { expr: slurm("slurm_jobs_running", "slurm_queue_running"), legend: "running" },
          { expr: slurm("slurm_jobs_pending", "slurm_queue_pending"), legend: "waiting" },
        ]),
        series("Jobs running by user", "none", [
          {
            expr: 'sum by (username) (slurm_user_jobs_running{instance=~"$instance"} or ' +
              'label_replace(slurm_user_jobs_running{instance=~"$instance",user!=""}, "username", "$1", "user", "(.+)"))',
            legend: "{{username}}",
          },
        ]),
        series("Scheduler's mean cycle", "µs", [
          { expr: slurm("slurm_sched_mean_cycle", "slurm_scheduler_mean_cycle"), legend: "{{instance}}" },
        ]),
        series("Messages that wait for slurmdbd", "none", [
          { expr: slurm("slurm_slurmdbd_queue_size", "slurm_scheduler_dbd_queue_size"), legend: "{{instance}}" },
        ], { limits: { warning: limitOf("slurm_dbd_queue_high") } }),
      ],
    },
  ],
};

const firing = 'ALERTS{alertstate="firing"}';

/** What fires, how often, and whether anybody is told. */
export const ALERTS: Dashboard = {
  uid: "aami-alerts",
  title: "aami / Alerts",
  description: "What fires, how often, and whether it is sent.",
  variables: [],
  rows: [
    {
      title: "Now",
      panels: [
        ...(["critical", "warning", "info"] as const).map((severity) =>
          stat(severity, "none", `count(ALERTS{alertstate="firing",severity="${severity}"}) or vector(0)`, {
            limits: severity === "info" ? undefined : { [severity]: 1 },
          })
        ),
        stat("Pending", "none", 'count(ALERTS{alertstate="pending"}) or vector(0)'),
        stat("Alerts at Alertmanager", "none", 'sum(alertmanager_alerts{state="active"})'),
        stat("Suppressed there", "none", 'sum(alertmanager_alerts{state="suppressed"})', {
          description: "By a silence or a graver alert.",
        }),
        table("Firing", firing, ["severity", "alertname", "node", "gpu", "instance", "xid", "afid", "action", "group"]),
      ],
    },
    {
      title: "Over time",
      panels: [
        series("Firing by severity", "none", [{ expr: `count by (severity) (${firing})`, legend: "{{severity}}" }]),
        series("Firing by rule", "none", [{ expr: `count by (alertname) (${firing})`, legend: "{{alertname}}" }]),
        series("Firing by node", "none", [{ expr: `count by (node) (${firing})`, legend: "{{node}}" }]),
        table(
          "Most often in the time shown",
          "topk(15, sum by (alertname, node) (changes(ALERTS_FOR_STATE[$__range]) + 1))",
          ["alertname", "node"],
          { value: "times", width: 12 },
        ),
      ],
    },
    {
      title: "Whether it is sent",
      panels: [
        series("Notifications", "none", [
          {
            expr: "sum by (integration) (increase(alertmanager_notifications_total[$__rate_interval])) > 0",
            legend: "{{integration}}",
          },
          {
            expr: "sum by (integration) (increase(alertmanager_notifications_failed_total[$__rate_interval]))",
            legend: "{{integration}} failed",
          },
        ]),
        series("Rules that fail", "none", [
          {
            expr: "sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total[$__rate_interval]))",
            legend: "{{rule_group}}",
          },
        ]),
      ],
    },
  ],
};

const CHECK: Variable = { name: "check", query: 'label_values(aami_check_success{node=~"$node"}, check)' };
const CHOSEN = 'node=~"$node",check=~"$check"';
const fine = (title: string, metric: string, columns: readonly string[]) =>
  table(title, `min by (${["node", ...columns].join(", ")}) (${metric}{node=~"$node"})`, ["node", ...columns], {
    ...{ value: "state", words: ["no", "yes"], width: 8 },
  });

/** Whether the checks run, and what they say. */
export const CHECKS: Dashboard = {
  uid: "aami-checks",
  title: "aami / Checks",
  description: "The site's own checks on its nodes.",
  variables: [GROUP, NODE, CHECK],
  rows: [
    {
      title: "Now",
      panels: [
        stat("Checks that work", "none", `sum(aami_check_success{${CHOSEN}})`, { width: 6 }),
        stat("Checks that fail", "none", `count(aami_check_success{${CHOSEN}} == 0) or vector(0)`, {
          ...{ width: 6, limits: { warning: 1 } },
        }),
        stat("Longest since a run", "s", `max(time() - aami_check_last_run_timestamp_seconds{${CHOSEN}})`, {
          width: 6,
        }),
        stat("Nodes whose files cannot be read", "none", 'sum(node_textfile_scrape_error{node=~"$node"})', {
          ...{ width: 6, limits: { warning: 1 } },
        }),
        table("Checks", `min by (node, check) (aami_check_success{${CHOSEN}})`, ["node", "check"], {
          ...{ value: "state", words: ["fails", "works"] },
        }),
      ],
    },
    {
      title: "Over time",
      panels: [
        series("How long they take", "s", [
          { expr: `aami_check_duration_seconds{${CHOSEN}}`, legend: "{{node}} {{check}}" },
        ]),
        series("Time since the last run", "s", [
          { expr: `time() - aami_check_last_run_timestamp_seconds{${CHOSEN}}`, legend: "{{node}} {{check}}" },
        ]),
      ],
    },
    {
      title: "What they found",
      panels: [
        fine("Mounted", "mount_status", ["path"]),
        fine("File system responds", "aami_filesystem_responds", ["path"]),
        fine("Drive is healthy", "aami_smart_healthy", ["device"]),
        fine("InfiniBand port is active", "aami_infiniband_port_active", ["device", "port"]),
        fine("Clock follows a time server", "aami_ntp_synchronized", []),
        series("NVMe life used", "percent", [
          { expr: 'aami_nvme_percentage_used{node=~"$node"}', legend: "{{node}} {{device}}" },
        ], { limits: { warning: limitOf("nvme_wear_high") } }),
      ],
    },
  ],
};
