/**
 * Alerts on Slurm, from slurmctld's own metrics (25.11 and later) or from prometheus-slurm-exporter before. Both have the
 * job `slurm`.
 *
 * @module
 */

import type { AlertRule, RuleTest } from "../rule.ts";

/** The same series from both. */
const either = (...series: string[]): RuleTest["series"] => ({ "slurm": series, "slurm-exporter": series });
const all = (expr: string) => ({ "slurm": expr, "slurm-exporter": expr });

const UP = "up{@slurm}";

/** The rules. */
export const SLURM_RULES: readonly AlertRule[] = [
  {
    id: "slurm_controller_down",
    alert: "SlurmControllerDown",
    severity: "critical",
    for: "2m",
    parameters: {},
    expr: { "slurm": 'up{job="slurm",$nodes} == 0', "slurm-exporter": 'up{job="slurm",$nodes} == 0' },
    summary: "Slurm at {{ $labels.instance }} does not answer",
    description: "Prometheus gets no metrics of Slurm from {{ $labels.instance }} for $for.",
    runbook:
      "See whether slurmctld runs (scontrol ping, systemctl status slurmctld). Running jobs go on without it; none " +
      "starts or ends.",
    tests: [
      {
        name: "a controller that does not answer",
        series: either(`${UP} 1x4 0x20`),
        at: "10m",
        alerts: [{
          labels: { "@": "slurm" },
          summary: "Slurm at $instance does not answer",
          description: "Prometheus gets no metrics of Slurm from $instance for 2m.",
        }],
      },
      { name: "a controller that answers", series: either(`${UP} 1x20`), at: "10m", alerts: [] },
    ],
  },
  {
    id: "slurm_nodes_down",
    alert: "SlurmNodesDown",
    severity: "warning",
    for: "5m",
    parameters: { threshold: { default: 0, unit: "nodes", min: 0, description: "nodes that may be down" } },
    expr: all("slurm_nodes_down{$nodes} > $threshold"),
    summary: "Nodes of Slurm are down",
    description: "{{ $value }} nodes are down for Slurm, more than $threshold for $for.",
    runbook:
      "'sinfo -R' tells which and why. Bring them back with 'scontrol update NodeName=… State=RESUME' once they are fine.",
    tests: [
      {
        name: "two nodes down",
        series: either("slurm_nodes_down{@slurm} 2x20"),
        at: "10m",
        alerts: [{
          labels: { "@": "slurm" },
          summary: "Nodes of Slurm are down",
          description: "2 nodes are down for Slurm, more than 0 for 5m.",
        }],
      },
      { name: "no node down", series: either("slurm_nodes_down{@slurm} 0x20"), at: "10m", alerts: [] },
    ],
  },
  {
    id: "slurm_nodes_drained",
    alert: "SlurmNodesDrained",
    severity: "info",
    for: "1h",
    parameters: { threshold: { default: 0, unit: "nodes", min: 0, description: "nodes that may be drained" } },
    expr: all("slurm_nodes_drain{$nodes} > $threshold"),
    summary: "Nodes of Slurm are drained",
    description: "{{ $value }} nodes take no new jobs, more than $threshold for $for.",
    runbook: "'sinfo -R' tells who drained them and why. Repair and resume them, so that they are not forgotten.",
    tests: [
      {
        name: "a node that stays drained",
        series: either("slurm_nodes_drain{@slurm} 1x90"),
        at: "70m",
        alerts: [{
          labels: { "@": "slurm" },
          summary: "Nodes of Slurm are drained",
          description: "1 nodes take no new jobs, more than 0 for 1h.",
        }],
      },
      {
        name: "a node drained for a while",
        series: either("slurm_nodes_drain{@slurm} 1x30 0x90"),
        at: "70m",
        alerts: [],
      },
    ],
  },
  {
    id: "slurm_jobs_wait_with_idle_nodes",
    alert: "SlurmJobsWaitWithIdleNodes",
    severity: "warning",
    for: "1h",
    parameters: {
      threshold: { default: 10, unit: "jobs", min: 0, description: "jobs that may wait" },
      idle: { default: 0, unit: "nodes", min: 0, description: "nodes that may be idle meanwhile" },
    },
    expr: {
      "slurm": "slurm_jobs_pending{$nodes} > $threshold and on (instance) slurm_nodes_idle{$nodes} > $idle",
      "slurm-exporter": "slurm_queue_pending{$nodes} > $threshold and on (instance) slurm_nodes_idle{$nodes} > $idle",
    },
    summary: "Jobs wait while nodes are idle",
    description: "{{ $value }} jobs wait although nodes are idle, for $for.",
    runbook:
      "'squeue --start' and 'scontrol show job' tell what the jobs wait for: limits, a reservation, a feature that no " +
      "idle node has, or a scheduler that is stuck (sdiag).",
    tests: [
      {
        name: "a queue beside idle nodes",
        series: {
          "slurm": ["slurm_jobs_pending{@slurm} 40x90", "slurm_nodes_idle{@slurm} 3x90"],
          "slurm-exporter": ["slurm_queue_pending{@slurm} 40x90", "slurm_nodes_idle{@slurm} 3x90"],
        },
        at: "70m",
        alerts: [{
          labels: { "@": "slurm" },
          summary: "Jobs wait while nodes are idle",
          description: "40 jobs wait although nodes are idle, for 1h.",
        }],
      },
      {
        name: "a queue with all nodes at work",
        series: {
          "slurm": ["slurm_jobs_pending{@slurm} 40x90", "slurm_nodes_idle{@slurm} 0x90"],
          "slurm-exporter": ["slurm_queue_pending{@slurm} 40x90", "slurm_nodes_idle{@slurm} 0x90"],
        },
        at: "70m",
        alerts: [],
      },
    ],
  },
  {
    id: "slurm_dbd_queue_high",
    alert: "SlurmDBDQueueHigh",
    severity: "warning",
    for: "15m",
    parameters: { threshold: { default: 1000, unit: "messages", min: 0, description: "messages that may wait" } },
    expr: {
      "slurm": "slurm_slurmdbd_queue_size{$nodes} > $threshold",
      "slurm-exporter": "slurm_scheduler_dbd_queue_size{$nodes} > $threshold",
    },
    summary: "Slurm's accounting is behind",
    description: "{{ $value }} messages wait for slurmdbd, more than $threshold for $for.",
    runbook:
      "See whether slurmdbd and its database run (sacctmgr ping, systemctl status slurmdbd): accounting is lost once " +
      "the queue is full.",
    tests: [
      {
        name: "a queue that does not shrink",
        series: {
          "slurm": ["slurm_slurmdbd_queue_size{@slurm} 5000x30"],
          "slurm-exporter": ["slurm_scheduler_dbd_queue_size{@slurm} 5000x30"],
        },
        at: "20m",
        alerts: [{
          labels: { "@": "slurm" },
          summary: "Slurm's accounting is behind",
          description: "5000 messages wait for slurmdbd, more than 1000 for 15m.",
        }],
      },
      {
        name: "a short queue",
        series: {
          "slurm": ["slurm_slurmdbd_queue_size{@slurm} 5x30"],
          "slurm-exporter": ["slurm_scheduler_dbd_queue_size{@slurm} 5x30"],
        },
        at: "20m",
        alerts: [],
      },
    ],
  },
];
