#!/bin/sh
# How worn NVMe drives are: CHECK_DEVICES, separated by commas, or all there are; by nvme or smartctl.
if [ -n "${CHECK_DEVICES:-}" ]; then
  devices=$(printf '%s' "$CHECK_DEVICES" | tr ',' ' ')
else
  devices=$(ls -d "${CHECK_DEV:-/dev}"/nvme[0-9] "${CHECK_DEV:-/dev}"/nvme[0-9][0-9] 2>/dev/null)
fi
if command -v nvme >/dev/null; then ask() { nvme smart-log "$1"; }
elif command -v smartctl >/dev/null; then ask() { smartctl -A -d nvme "$1"; }
else
  echo "nvme_wear: there is neither nvme nor smartctl: install nvme-cli or smartmontools" >&2
  exit 1
fi

for device in $devices; do
  ask "$device" </dev/null | awk -v device="$device" '
    function number(text) { gsub(/[ %,]/, "", text); return text }
    {
      colon = index($0, ":")
      key = tolower(substr($0, 1, colon - 1))
      gsub(/[ \t]+$/, "", key)
      gsub(/ /, "_", key)
      value = substr($0, colon + 1)
      gsub(/[ \t]+/, " ", value)
    }
    key == "percentage_used" { print "aami_nvme_percentage_used{device=\"" device "\"} " number(value) }
    key == "available_spare" { print "aami_nvme_available_spare_percent{device=\"" device "\"} " number(value) }
    key == "media_errors" || key == "media_and_data_integrity_errors" {
      print "aami_nvme_media_errors_total{device=\"" device "\"} " number(value)
    }'
done | sort | awk '
  BEGIN {
    help["aami_nvme_percentage_used"] = "The share of the writes it is made for that is used; may pass 100."
    help["aami_nvme_available_spare_percent"] = "The share of spare blocks that is left."
    help["aami_nvme_media_errors_total"] = "Data that could not be read or written whole."
  }
  {
    name = $0
    sub(/\{.*/, "", name)
    if (name != last) {
      print "# HELP " name " " help[name]
      print "# TYPE " name " " (name ~ /_total$/ ? "counter" : "gauge")
    }
    last = name
    print
  }'
