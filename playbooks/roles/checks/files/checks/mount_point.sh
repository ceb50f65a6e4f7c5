#!/bin/sh
# Whether something is mounted at each of CHECK_PATHS (separated by commas). It looks at the kernel's table alone: a file
# server that is gone does not make it hang.
: "${CHECK_PATHS:?mount_point: config needs 'paths'}"

echo '# HELP mount_status Whether something is mounted at the path.'
echo '# TYPE mount_status gauge'
printf '%s\n' "$CHECK_PATHS" | awk -v table="${CHECK_MOUNTS:-/proc/self/mounts}" '
  function unescaped(path) {
    gsub(/\\040/, " ", path)
    gsub(/\\011/, "\t", path)
    gsub(/\\134/, "\\", path)
    return path
  }
  BEGIN {
    # An automounter that waits is no mount.
    while ((getline line < table) > 0) {
      split(line, field, " ")
      if (field[3] != "autofs") mounted[unescaped(field[2])] = 1
    }
  }
  {
    count = split($0, paths, ",")
    for (i = 1; i <= count; i++) {
      path = paths[i]
      gsub(/^[ \t]+|[ \t]+$/, "", path)
      if (path != "/") sub(/\/+$/, "", path)
      if (path == "" || path in told) continue
      told[path] = 1
      label = path
      gsub(/\\/, "\\\\", label)
      gsub(/"/, "\\\"", label)
      printf "mount_status{path=\"%s\"} %d\n", label, path in mounted
    }
  }'
