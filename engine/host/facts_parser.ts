/**
 * From what the facts script printed to facts, under Ansible's keys. Pure.
 *
 * @module
 */

import type { Facts } from "./facts.ts";
import { networkFacts } from "./facts_network.ts";
import { SECTION } from "./facts_script.ts";
import { distributionFacts, managerFacts, type Sections, timeFacts, userFacts } from "./facts_system.ts";
import { splitAt } from "./unit_queries.ts";

/**
 * The facts in the script's output. What the host did not say is left out.
 *
 * @throws {TypeError} when the output was cut off
 */
export function parseFacts(output: string): Facts {
  const sections = sectionsOf(output);
  if (!sections.has("end")) throw new TypeError("the facts are not whole");
  const [system = "", kernel = "", version = "", machine = "", nodename = ""] = section(sections, "uname").split("\n");
  return {
    system,
    kernel,
    kernel_version: version,
    machine,
    architecture: /^i[3-6]86$/.test(machine) ? "i386" : machine,
    ...nameFacts(nodename, section(sections, "fqdn")),
    ...distributionFacts(sections),
    ...managerFacts(sections),
    ...processorFacts(section(sections, "cpu")),
    ...memoryFacts(section(sections, "meminfo")),
    ...networkFacts(sections),
    ...userFacts(sections),
    ...timeFacts(sections),
    ...hardwareFacts(sections),
    ...bootFacts(sections),
    ...securityFacts(sections),
    ...virtualFacts(sections),
    mounts: mountFacts(section(sections, "mounts"), section(sections, "disks")),
  };
}

function sectionsOf(output: string): Sections {
  return new Map(output.split(SECTION).slice(1).map((text) => splitAt(text, "\n")));
}

function section(sections: Sections, name: string): string {
  return (sections.get(name) ?? "").trim();
}

function nameFacts(nodename: string, fqdn: string): Record<string, unknown> {
  const full = fqdn === "" || fqdn === "localhost" ? nodename : fqdn;
  return { nodename, hostname: nodename.split(".")[0], fqdn: full, domain: splitAt(full, ".")[1] };
}

/** Lines are `name : value`, each once; the first is the number of logical processors. */
function processorFacts(text: string): Record<string, unknown> {
  const [first, ...lines] = text.split("\n");
  const values = (name: string) =>
    lines.map((line) => splitAt(line, ":")).filter(([key]) => key.trim() === name).map(([, value]) => value.trim());
  const logical = Number(first) || 1;
  const sockets = values("physical id").length || (values("cpu cores").length ? 1 : logical);
  const cores = Number(values("cpu cores")[0] ?? 1) || 1;
  const threads = Math.max(1, Math.round(logical / (sockets * cores)));
  return {
    processor: [...values("vendor_id"), ...values("model name")],
    processor_count: sockets,
    processor_cores: cores,
    processor_threads_per_core: threads,
    processor_vcpus: logical,
    processor_nproc: logical,
  };
}

function memoryFacts(text: string): Record<string, unknown> {
  const kilobytes = new Map(text.split("\n").map((line) => splitAt(line, ":")));
  const mega = (name: string) => Math.floor(parseInt(kilobytes.get(name) ?? "0") / 1024);
  const total = mega("MemTotal");
  const free = mega("MemFree");
  const unused = free + mega("Buffers") + mega("Cached");
  return {
    memtotal_mb: total,
    memfree_mb: free,
    memavailable_mb: mega("MemAvailable"),
    swaptotal_mb: mega("SwapTotal"),
    swapfree_mb: mega("SwapFree"),
    memory_mb: {
      real: { total, used: total - free, free },
      nocache: { free: unused, used: total - unused },
      swap: { total: mega("SwapTotal"), free: mega("SwapFree"), used: mega("SwapTotal") - mega("SwapFree") },
    },
  };
}

/** What the firmware says. A value that only root may read is left out for others. */
function hardwareFacts(sections: Sections): Record<string, unknown> {
  const names: Record<string, string> = { sys_vendor: "system_vendor" };
  const read = [...sections].filter(([name, text]) => name.startsWith("dmi-") && text.trim() !== "");
  const dmi = read.map(([name, text]): [string, string] => [names[name.slice(4)] ?? name.slice(4), text.trim()]);
  const id = section(sections, "machine-id");
  return { ...Object.fromEntries(dmi), ...(id && { machine_id: id }) };
}

function bootFacts(sections: Sections): Record<string, unknown> {
  const words = section(sections, "cmdline").match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const pairs = words.map((word): [string, string | boolean] => {
    const [name, value] = splitAt(word, "=");
    return [name, word.includes("=") ? value.replaceAll('"', "") : true];
  });
  const load = section(sections, "loadavg").split(" ").slice(0, 3).map(Number);
  return {
    cmdline: Object.fromEntries(pairs),
    uptime_seconds: Math.floor(Number(section(sections, "uptime").split(" ")[0])),
    ...(load.length === 3 && { loadavg: { "1m": load[0], "5m": load[1], "15m": load[2] } }),
  };
}

function securityFacts(sections: Sections): Record<string, unknown> {
  const enforce = section(sections, "selinux");
  const configured = /^SELINUX=(\w+)/m.exec(section(sections, "selinux-config"))?.[1];
  const type = /^SELINUXTYPE=(\w+)/m.exec(section(sections, "selinux-config"))?.[1];
  const mode = enforce === "1" ? "enforcing" : "permissive";
  return {
    selinux: {
      status: enforce === "" ? "disabled" : "enabled",
      ...(enforce !== "" && { mode }),
      ...(configured && { config_mode: configured }),
      ...(enforce !== "" && type && { type }),
    },
    apparmor: { status: section(sections, "apparmor") || "disabled" },
    fips: section(sections, "fips") === "1",
  };
}

const PRODUCTS: readonly (readonly [RegExp, string])[] = [
  [/KVM|QEMU|Amazon EC2|Google|OpenStack|Standard PC|RHEV|oVirt|Alibaba|DigitalOcean|Hetzner/i, "kvm"],
  [/VMware/i, "VMware"],
  [/VirtualBox|innotek/i, "virtualbox"],
  [/Virtual Machine/i, "VirtualPC"],
  [/Xen/i, "xen"],
];

/** Whether the host is a guest, and of what; systemd's word first, then what lies about. */
function virtualFacts(sections: Sections): Record<string, unknown> {
  const said = section(sections, "virtual").split("\n").find((line) => line !== "" && line !== "none");
  const product = `${section(sections, "dmi-sys_vendor")} ${section(sections, "dmi-product_name")}`;
  const type = said
    ? ansibleVirtual(said)
    : containerKind(sections) ?? PRODUCTS.find(([known]) => known.test(product))?.[1];
  const [here, first] = section(sections, "chroot").split("\n");
  return {
    virtualization_type: type ?? "NA",
    virtualization_role: type ? "guest" : "NA",
    // Only root may look at the first process's root.
    ...(first && { is_chroot: here !== first }),
  };
}

function ansibleVirtual(word: string): string {
  const names: Record<string, string> = {
    "vmware": "VMware",
    "microsoft": "VirtualPC",
    "oracle": "virtualbox",
    "amazon": "kvm",
  };
  return names[word] ?? (word === "qemu" || word === "google" ? "kvm" : word);
}

function containerKind(sections: Sections): string | undefined {
  const marks = section(sections, "container");
  if (marks.includes("/.dockerenv")) return "docker";
  if (marks.includes("/run/.containerenv")) return "podman";
  return section(sections, "container-kind") || undefined;
}

/** File systems on devices and from the network, with their sizes in bytes where `df` answered in time. */
function mountFacts(mounts: string, disks: string): Record<string, unknown>[] {
  const sizes = new Map(
    disks.split("\n").slice(1).flatMap((line): [string, number[]][] => {
      const found = /\s(\d+)\s+(\d+)\s+(\d+)\s+\S+\s+(\/.*)$/.exec(line);
      return found ? [[found[4], found.slice(1, 4).map((blocks) => Number(blocks) * 1024)]] : [];
    }),
  );
  const unescaped = (text: string) => text.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8)));
  return mounts.split("\n").flatMap((line) => {
    const [device, mount, fstype, options] = line.split(" ").map(unescaped);
    if (options === undefined || !/^\/|:\/|^(zfs|tank)/.test(device) && fstype !== "zfs") return [];
    const [total, , available] = sizes.get(mount) ?? [];
    return [{
      device,
      mount,
      fstype,
      options,
      ...(total !== undefined && { size_total: total, size_available: available }),
    }];
  });
}
