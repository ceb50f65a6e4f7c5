#!/bin/sh
# Whether shared file systems answer a small read: those at CHECK_PATHS, separated by commas, or all of Lustre, BeeGFS,
# GPFS, NFS, Ceph and Weka that are mounted. Each has CHECK_SECONDS, all of them at the same time.
mounts=${CHECK_MOUNTS:-/proc/self/mounts}
seconds=${CHECK_SECONDS:-5}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Lines of `TYPE PATH`; the kernel writes a space as \040.
table() {
  awk '{ path = $2; gsub(/\\040/, " ", path); print $3 " " path }' "$mounts"
}
if [ -n "${CHECK_PATHS:-}" ]; then
  table >"$work/table"
  printf '%s\n' "$CHECK_PATHS" | tr ',' '\n' | sed 's/^ *//; s/ *$//; /^$/d' | while read -r path; do
    fstype=$(awk -v path="$path" '{ type = $1; sub(/^[^ ]+ /, ""); if ($0 == path && type != "autofs") found = type }
      END { print found }' "$work/table")
    printf '%s %s\n' "${fstype:-none}" "$path"
  done
else
  table | grep -E '^(lustre|beegfs|gpfs|nfs4?|ceph|fuse\.ceph|wekafs|panfs) '
fi | sort -u >"$work/wanted"

# A read that hangs in the kernel cannot be ended: nobody waits for it.
number=0
while read -r fstype path; do
  number=$((number + 1))
  [ "$fstype" = none ] && continue
  (stat -f "$path" && ls "$path/." && : >"$work/answer.$number") </dev/null >/dev/null 2>&1 &
done <"$work/wanted"
ticks=0
answers() { ls "$work" | grep -c '^answer\.'; }
wanted=$(grep -vc '^none ' "$work/wanted")
while [ "$(answers)" -lt "$wanted" ] && [ "$ticks" -lt $((seconds * 10)) ]; do
  sleep 0.1
  ticks=$((ticks + 1))
done

echo '# HELP aami_filesystem_responds Whether the file system answers a small read.'
echo '# TYPE aami_filesystem_responds gauge'
number=0
while read -r fstype path; do
  number=$((number + 1))
  value=0
  [ -e "$work/answer.$number" ] && value=1
  label=$(printf '%s' "$path" | sed 's/\\/\\\\/g; s/"/\\"/g')
  printf 'aami_filesystem_responds{path="%s",fstype="%s"} %d\n' "$label" "$fstype" "$value"
done <"$work/wanted"
