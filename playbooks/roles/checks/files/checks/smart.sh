#!/bin/sh
# What drives say of themselves (SMART): CHECK_DEVICES, separated by commas, or all that smartctl finds.
command -v smartctl >/dev/null || { echo "smart: there is no smartctl: install smartmontools" >&2; exit 1; }

devices() {
  if [ -n "${CHECK_DEVICES:-}" ]; then printf '%s\n' "$CHECK_DEVICES" | tr ',' '\n' | sed 's/^ *//; s/ *$//; /^$/d'
  else smartctl --scan | sed 's/ *#.*//; /^$/d'; fi
}

echo '# HELP aami_smart_healthy Whether the drive calls itself healthy.'
echo '# TYPE aami_smart_healthy gauge'
devices | while read -r device options; do
  # Its exit status has a bit for each thing it noticed; the text says what counts. Options are -d TYPE.
  # shellcheck disable=SC2086
  smartctl -H $options "$device" </dev/null | awk -v device="$device" '
    /^SMART overall-health self-assessment test result:/ { healthy = $NF ~ /^PASSED/ ? 1 : 0; known = 1 }
    /^SMART Health Status:/ { healthy = $4 == "OK" ? 1 : 0; known = 1 }
    END { if (known) printf "aami_smart_healthy{device=\"%s\"} %d\n", device, healthy }'
done
