/** A host's facts, under the keys that Ansible gives them (without the `ansible_` prefix). */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * The facts that every host has or may have, so that a play which names one is known to need the facts before they are
 * gathered. Facts of single interfaces (`eth0`) stand in `ansible_facts` alone.
 */
export const FACT_NAMES: ReadonlySet<string> = new Set(
  (
    "all_ipv4_addresses all_ipv6_addresses apparmor architecture cmdline date_time default_ipv4 default_ipv6 " +
    "distribution distribution_major_version distribution_release distribution_version dns domain env fips fqdn hostname " +
    "interfaces is_chroot kernel kernel_version loadavg lsb machine machine_id memavailable_mb memfree_mb memory_mb " +
    "memtotal_mb mounts nodename os_family pkg_mgr processor processor_cores processor_count processor_nproc " +
    "processor_threads_per_core processor_vcpus product_name product_uuid selinux service_mgr swapfree_mb swaptotal_mb " +
    "system uptime_seconds user_dir user_gecos user_gid user_id user_shell user_uid virtualization_role virtualization_type"
  ).split(" "),
);
