#!/bin/sh
# Whether the clock is synchronized, by chrony, else by systemd.
if command -v chronyc >/dev/null && tracking=$(chronyc -c tracking 2>/dev/null); then
  # Reference, name, stratum, time, offset of the clock … leap status last.
  synchronized=$(printf '%s' "$tracking" | awk -F, '{ print ($NF == "Not synchronised" ? 0 : 1) }')
  offset=$(printf '%s' "$tracking" | awk -F, '{ print $5 }')
elif answer=$(timedatectl show -p NTPSynchronized 2>/dev/null); then
  case $answer in *=yes) synchronized=1 ;; *) synchronized=0 ;; esac
  offset=
else
  echo "ntp: neither chronyc nor timedatectl answers" >&2
  exit 1
fi

echo '# HELP aami_ntp_synchronized Whether the clock follows a time server.'
echo '# TYPE aami_ntp_synchronized gauge'
echo "aami_ntp_synchronized $synchronized"
if [ -n "$offset" ]; then
  echo '# HELP aami_ntp_offset_seconds How far the clock is from the time server.'
  echo '# TYPE aami_ntp_offset_seconds gauge'
  echo "aami_ntp_offset_seconds $offset"
fi
