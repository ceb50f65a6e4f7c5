#!/bin/sh
# Whether the ports of InfiniBand and RoCE adapters are up, and how fast: CHECK_DEVICES (mlx5_0, mlx5_1…, separated by
# commas), or all there are. One that is named and not there is down.
root=${CHECK_SYSFS:-/sys}/class/infiniband

if [ -n "${CHECK_DEVICES:-}" ]; then
  devices=$(printf '%s' "$CHECK_DEVICES" | tr ',' ' ')
else
  devices=$(ls "$root" 2>/dev/null)
fi

up= rates=
for device in $devices; do
  found=
  for port in "$root/$device/ports"/*; do
    [ -r "$port/state" ] || continue
    found=1
    read -r state <"$port/state"
    read -r rate <"$port/rate"
    labels="device=\"$device\",port=\"${port##*/}\""
    case $state in "4:"*) value=1 ;; *) value=0 ;; esac
    up="${up}aami_infiniband_port_active{$labels} $value
"
    # "400 Gb/sec (4X NDR)"
    rates="${rates}aami_infiniband_rate_bits_per_second{$labels} $(printf '%s' "$rate" | awk '{ printf "%.0f", $1 * 1e9 }')
"
  done
  [ -n "$found" ] || up="${up}aami_infiniband_port_active{device=\"$device\",port=\"\"} 0
"
done

if [ -n "$up" ]; then
  echo '# HELP aami_infiniband_port_active Whether the port carries traffic.'
  echo '# TYPE aami_infiniband_port_active gauge'
  printf '%s' "$up"
fi
if [ -n "$rates" ]; then
  echo '# HELP aami_infiniband_rate_bits_per_second The speed that the port came up with.'
  echo '# TYPE aami_infiniband_rate_bits_per_second gauge'
  printf '%s' "$rates"
fi
