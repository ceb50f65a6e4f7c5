/**
 * The script that gathers a host's facts in one round trip: sections of raw text, each behind a line `\x1eNAME`. What a
 * host does not have is an empty section.
 *
 * @module
 */

/** The character that begins a section's heading. */
export const SECTION = "\x1e";

/** The script. Reads only; everything that might wait (names, disks) is given two seconds. */
export const FACTS_SCRIPT = `s() { printf '\\036%s\\n' "$1"; }
has() { command -v "$1" >/dev/null 2>&1; }
lim() { if has timeout; then timeout 2 "$@"; else "$@"; fi; }
f() { s "$1"; shift; for i do if [ -r "$i" ]; then cat "$i"; fi; done; }
s uname; uname -s; uname -r; uname -v; uname -m; uname -n
s fqdn; lim hostname -f
f os-release /etc/os-release
[ -e /etc/os-release ] || f os-release /usr/lib/os-release
f debian-version /etc/debian_version
f lsb /etc/lsb-release
s tools; for i in apt-get dnf5 dnf microdnf yum zypper apk pacman openrc rc-service; do if has $i; then echo $i; fi; done
s init; cat /proc/1/comm; if [ -d /run/systemd/system ]; then echo systemd-booted; fi; if [ -d /etc/init.d ]; then echo init.d; fi
s cpu; grep -c '^processor' /proc/cpuinfo; grep -E '^(physical id|cpu cores|siblings|model name|vendor_id)' /proc/cpuinfo | sort -u
s meminfo; grep -E '^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree):' /proc/meminfo
s addresses; if has ip; then ip -o addr show; fi
s route4; if has ip; then ip -4 route get 192.0.2.1; ip -4 route show default; fi
s route6; if has ip; then ip -6 route get 2001:db8::1; ip -6 route show default; fi
f route-table /proc/net/route
f local-addresses /proc/net/fib_trie
f inet6-addresses /proc/net/if_inet6
s links
for i in /sys/class/net/*; do
  if [ -e "$i/address" ]; then
    printf '%s|%s|%s|%s|' "\${i##*/}" "$(cat "$i/address")" "$(cat "$i/mtu")" "$(cat "$i/operstate")"
    if [ -d "$i/bonding" ]; then echo bonding; elif [ -d "$i/bridge" ]; then echo bridge; else cat "$i/type"; fi
  fi
done
s user; id -un; id -u; id -g; u=$(id -u)
if has getent; then getent passwd "$u"; else grep "^[^:]*:[^:]*:$u:" /etc/passwd; fi
s env; cat /proc/self/environ | tr '\\000' '\\036' | tr '\\n' '\\035' | tr '\\036' '\\n'
s date; date '+%s|%Z|%z|%Y|%m|%d|%H|%M|%S|%A|%u|%W|%j'
f machine-id /etc/machine-id
for i in product_uuid product_name product_serial product_version sys_vendor bios_version bios_date bios_vendor board_name \\
  board_vendor chassis_asset_tag; do f dmi-$i /sys/class/dmi/id/$i; done
f uptime /proc/uptime
f loadavg /proc/loadavg
f cmdline /proc/cmdline
f mounts /proc/mounts
s disks; if has df; then lim df -Pkl || lim df -Pk; fi
s selinux; if [ -r /sys/fs/selinux/enforce ]; then cat /sys/fs/selinux/enforce; echo; fi
f selinux-config /etc/selinux/config
s apparmor; if [ -d /sys/kernel/security/apparmor ]; then echo enabled; fi
f resolv /etc/resolv.conf
s virtual; if has systemd-detect-virt; then systemd-detect-virt --container; systemd-detect-virt --vm; fi
s container; for i in /.dockerenv /run/.containerenv /run/systemd/container; do if [ -e $i ]; then echo $i; fi; done
f container-kind /run/systemd/container
s chroot; stat -L -c '%d:%i' / /proc/1/root/.
s fips; cat /proc/sys/crypto/fips_enabled
s end`;
