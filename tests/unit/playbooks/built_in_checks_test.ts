/**
 * The built-in checks against what the tools print, which a fake tool on the PATH prints here, and against trees that
 * stand for the kernel's.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../fleet/command.ts";

const FOLDER = fileURLToPath(new URL("../../../playbooks/roles/checks/files/checks", import.meta.url));

/** What a check comes to. */
interface Scene {
  /** The variables of its config. */
  readonly env?: Readonly<Record<string, string>>;
  /** Scripts of fake tools by name. */
  readonly fake?: Readonly<Record<string, string>>;
  /** Files below the scene's folder, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs a check; `@` in the values of variables is the scene's folder. */
async function check(name: string, { env = {}, fake = {}, files = {} }: Scene) {
  const folder = await Deno.makeTempDir();
  try {
    const tools = Object.entries(fake).map(([tool, script]) => [`fake/${tool}`, `#!/bin/sh\n${script}\n`] as const);
    for (const [path, text] of [...Object.entries(files), ...tools]) {
      await Deno.mkdir(dirname(`${folder}/${path}`), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text, { mode: 0o755 });
    }
    const variables = Object.entries(env).map(([key, value]) => [key, value.replaceAll("@", folder)]);
    const path = `${folder}/fake:/usr/bin:/bin`;
    const { code, stdout, stderr } = await run(["sh", `${FOLDER}/${name}.sh`], {
      env: { ...Object.fromEntries(variables), PATH: path },
      mayFail: true,
    });
    const metrics = stdout.replaceAll(folder, "@").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return { code, metrics, stderr };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const MOUNTS = `/dev/sda1 / ext4 rw 0 0
10.0.0.1@tcp:/work /work lustre rw 0 0
nas:/data /mnt/my\\040data nfs4 rw 0 0
/etc/auto /mnt/auto autofs rw 0 0
`;

Deno.test("mount_point: what is mounted, what is not, and an automounter that waits", async () => {
  const { metrics } = await check("mount_point", {
    env: { CHECK_PATHS: "/work/, /mnt/my data,/models,/mnt/auto,/", CHECK_MOUNTS: "@/mounts" },
    files: { mounts: MOUNTS },
  });
  deepStrictEqual(metrics, [
    'mount_status{path="/work"} 1',
    'mount_status{path="/mnt/my data"} 1',
    'mount_status{path="/models"} 0',
    'mount_status{path="/mnt/auto"} 0',
    'mount_status{path="/"} 1',
  ]);
});

Deno.test("mount_point: without paths it says so", async () => {
  const { code, stderr } = await check("mount_point", {});
  strictEqual(code === 0, false);
  match(stderr, /mount_point: config needs 'paths'/);
});

const SMARTCTL = `case "$*" in
  --scan) echo '/dev/sda -d scsi # /dev/sda, SCSI device'; echo '/dev/nvme0 -d nvme # /dev/nvme0, NVMe device'
          echo '/dev/sdb -d sat # x'; echo '/dev/sdc -d scsi # x' ;;
  '-H -d scsi /dev/sda') echo 'SMART Health Status: OK' ;;
  '-H -d nvme /dev/nvme0') echo 'SMART overall-health self-assessment test result: PASSED' ;;
  '-H -d sat /dev/sdb') echo 'SMART overall-health self-assessment test result: FAILED!'; exit 24 ;;
  '-H -d scsi /dev/sdc') echo 'Device does not support SMART'; exit 4 ;;
  '-H /dev/sdd') echo 'SMART Health Status: FIRMWARE IMPENDING FAILURE TOO MANY BLOCK REASSIGNS [asc=5d, ascq=64]' ;;
  *) exit 2 ;;
esac`;

Deno.test("smart: each kind of drive, and one that says nothing", async () => {
  const all = await check("smart", { fake: { smartctl: SMARTCTL } });
  deepStrictEqual(all.metrics, [
    'aami_smart_healthy{device="/dev/sda"} 1',
    'aami_smart_healthy{device="/dev/nvme0"} 1',
    'aami_smart_healthy{device="/dev/sdb"} 0',
  ]);
  const named = await check("smart", { fake: { smartctl: SMARTCTL }, env: { CHECK_DEVICES: "/dev/sdd" } });
  deepStrictEqual(named.metrics, ['aami_smart_healthy{device="/dev/sdd"} 0']);
});

const NVME_1 = `Smart Log for NVME device:nvme0 namespace-id:ffffffff
critical_warning			: 0
temperature				: 44 C (317 Kelvin)
available_spare				: 100%
available_spare_threshold		: 10%
percentage_used				: 1%
media_errors				: 0
`;
const NVME_2 = `Smart Log for NVME device:nvme0 namespace-id:ffffffff
available_spare				: 97%
percentage_used				: 104%
Data Units Read				: 10,529,778 (5.39 TB)
media_errors				: 1,040
`;
const SMARTCTL_A = `=== START OF SMART DATA SECTION ===
SMART/Health Information (NVMe Log 0x02)
Critical Warning:                   0x00
Available Spare:                    100%
Available Spare Threshold:          10%
Percentage Used:                    3%
Data Units Read:                    83,249,440 [42.6 TB]
Media and Data Integrity Errors:    0
`;

Deno.test("nvme_wear: both forms of nvme-cli, and smartctl", async () => {
  const wear = (tool: string, text: string) =>
    check("nvme_wear", { env: { CHECK_DEVICES: "/dev/nvme0" }, fake: { [tool]: `cat <<'END'\n${text}END` } });
  const values = async (tool: string, text: string) =>
    (await wear(tool, text)).metrics.map((line) => line.split(" ")[1]);
  deepStrictEqual((await wear("nvme", NVME_1)).metrics, [
    'aami_nvme_available_spare_percent{device="/dev/nvme0"} 100',
    'aami_nvme_media_errors_total{device="/dev/nvme0"} 0',
    'aami_nvme_percentage_used{device="/dev/nvme0"} 1',
  ]);
  deepStrictEqual(await values("nvme", NVME_2), ["97", "1040", "104"]);
  deepStrictEqual(await values("smartctl", SMARTCTL_A), ["100", "0", "3"]);
});

Deno.test("nvme_wear: the drives that there are", async () => {
  const { metrics } = await check("nvme_wear", {
    env: { CHECK_DEV: "@/dev" },
    files: { "dev/nvme0": "", "dev/nvme0n1": "", "dev/nvme12": "" },
    fake: { nvme: 'echo "percentage_used : 5%"' },
  });
  deepStrictEqual(metrics, [
    'aami_nvme_percentage_used{device="@/dev/nvme0"} 5',
    'aami_nvme_percentage_used{device="@/dev/nvme12"} 5',
  ]);
});

const PORT = (device: string, state: string, rate: string) => ({
  [`sys/class/infiniband/${device}/ports/1/state`]: `${state}\n`,
  [`sys/class/infiniband/${device}/ports/1/rate`]: `${rate}\n`,
});

Deno.test("infiniband: a port that is up, one that polls, and an adapter that is gone", async () => {
  const { metrics } = await check("infiniband", {
    env: { CHECK_SYSFS: "@/sys", CHECK_DEVICES: "mlx5_0,mlx5_1,mlx5_2" },
    files: {
      ...PORT("mlx5_0", "4: ACTIVE", "400 Gb/sec (4X NDR)"),
      ...PORT("mlx5_1", "1: DOWN", "2.5 Gb/sec (1X SDR)"),
    },
  });
  deepStrictEqual(metrics, [
    'aami_infiniband_port_active{device="mlx5_0",port="1"} 1',
    'aami_infiniband_port_active{device="mlx5_1",port="1"} 0',
    'aami_infiniband_port_active{device="mlx5_2",port=""} 0',
    'aami_infiniband_rate_bits_per_second{device="mlx5_0",port="1"} 400000000000',
    'aami_infiniband_rate_bits_per_second{device="mlx5_1",port="1"} 2500000000',
  ]);
  deepStrictEqual((await check("infiniband", { env: { CHECK_SYSFS: "@/none" } })).metrics, []);
});

Deno.test("parallel_file_system: one that answers, one that hangs, one that is not mounted", async () => {
  const { metrics } = await check("parallel_file_system", {
    env: { CHECK_MOUNTS: "@/mounts", CHECK_PATHS: "@/work,@/hangs,@/none", CHECK_SECONDS: "1" },
    files: { mounts: "", "work/file": "", "hangs/file": "" },
    fake: { stat: "case $2 in */hangs) sleep 20 ;; esac" },
  });
  deepStrictEqual(metrics.map((line) => line.replace(/fstype="\w+"/, "…")), [
    'aami_filesystem_responds{path="@/hangs",…} 0',
    'aami_filesystem_responds{path="@/none",…} 0',
    'aami_filesystem_responds{path="@/work",…} 0',
  ]);
});

Deno.test("parallel_file_system: all that are shared, each by its kind", async () => {
  const started = performance.now();
  const { metrics } = await check("parallel_file_system", {
    env: { CHECK_MOUNTS: "@/mounts", CHECK_SECONDS: "1" },
    files: { mounts: MOUNTS.replace("/work lustre", "/usr lustre").replace("/mnt/my\\040data", "/nowhere\\040here") },
    fake: { stat: "case $2 in /nowhere*) sleep 20 ;; esac" },
  });
  deepStrictEqual(metrics, [
    'aami_filesystem_responds{path="/usr",fstype="lustre"} 1',
    'aami_filesystem_responds{path="/nowhere here",fstype="nfs4"} 0',
  ]);
  strictEqual(performance.now() - started < 10_000, true);
});

const CHRONY = (leap: string) =>
  `echo 'A9FEA97B,169.254.169.123,4,1732108385.5,0.000012345,0.000010,0.00003,-7.8,0.001,0.02,0.0003,0.0002,16.2,${leap}'`;

Deno.test("ntp: chrony's word, else systemd's", async () => {
  const chrony = (leap: string) => check("ntp", { fake: { chronyc: CHRONY(leap) } });
  deepStrictEqual((await chrony("Normal")).metrics, ["aami_ntp_synchronized 1", "aami_ntp_offset_seconds 0.000012345"]);
  deepStrictEqual((await chrony("Not synchronised")).metrics[0], "aami_ntp_synchronized 0");
  const systemd = (yes: string) =>
    check("ntp", { fake: { chronyc: "exit 1", timedatectl: `echo NTPSynchronized=${yes}` } });
  deepStrictEqual((await systemd("yes")).metrics, ["aami_ntp_synchronized 1"]);
  deepStrictEqual((await systemd("no")).metrics, ["aami_ntp_synchronized 0"]);
  const neither = await check("ntp", { fake: { chronyc: "exit 1", timedatectl: "exit 1" } });
  deepStrictEqual([neither.code, neither.stderr], [1, "ntp: neither chronyc nor timedatectl answers\n"]);
});
