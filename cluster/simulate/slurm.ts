/** What slurmctld (25.11 and later) says of a fake cluster. @module */

import type { Family, Labels } from "./exposition.ts";

/** The fake nodes by state. */
export interface SlurmState {
  /** Nodes with a job. */
  readonly busy: number;
  /** Nodes without. */
  readonly idle: number;
  /** Nodes that do not answer. */
  readonly down: number;
}

/** The metrics of a cluster whose jobs take a node each. */
export function slurmMetrics({ busy, idle, down }: SlurmState): Family[] {
  const gauge = (name: string, value: number, labels: Labels = {}): Family => ({
    ...{ name, type: "gauge", help: "As slurmctld tells it", samples: [{ labels, value }] },
  });
  const waiting = idle > 0 ? 0 : 3;
  return [
    gauge("slurm_nodes", busy + idle + down),
    gauge("slurm_nodes_alloc", busy),
    gauge("slurm_nodes_idle", idle),
    gauge("slurm_nodes_mixed", 0),
    gauge("slurm_nodes_down", down),
    gauge("slurm_nodes_drain", 0),
    gauge("slurm_jobs_running", busy),
    gauge("slurm_jobs_pending", waiting),
    gauge("slurm_user_jobs_running", busy, { username: "fake" }),
    gauge("slurm_user_jobs_pending", waiting, { username: "fake" }),
    gauge("slurm_partition_jobs_running", busy, { partition: "gpu" }),
    gauge("slurm_partition_jobs_pending", waiting, { partition: "gpu" }),
    gauge("slurm_sched_mean_cycle", 1200 + 40 * busy),
    gauge("slurm_slurmdbd_queue_size", 0),
  ];
}
