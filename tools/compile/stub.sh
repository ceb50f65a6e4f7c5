#!/bin/sh
# aami @VERSION@ for Linux on @ARCH@, one file: this script, then a tar.gz of Deno and the program.
# The first start unpacks it into $AAMI_CACHE, else $XDG_CACHE_HOME, else ~/.cache, below aami/@NAME@.

if [ -n "${AAMI_CACHE-}" ]; then base=$AAMI_CACHE
elif [ -n "${XDG_CACHE_HOME-}" ]; then base=$XDG_CACHE_HOME
elif [ -n "${HOME-}" ]; then base=$HOME/.cache
else
  base=~root/.cache
  [ -O / ] || base=
fi
case $base in
  /*) ;;
  '') printf 'aami: there is no HOME to unpack into\n  help: say where with AAMI_CACHE=DIRECTORY\n' >&2; exit 1 ;;
  *) base=$PWD/$base ;;
esac
top=$base/aami
dir=$top/@NAME@

fail() {
  printf 'aami: %s\n' "$1" >&2
  [ -z "${2-}" ] || printf '  help: %s\n' "$2" >&2
  exit 1
}

# Only what this user or root put there is run.
trusted() {
  [ -O "$1" ] && return
  owner=$(ls -ldn -- "$1" | { read -r _ _ uid _; printf %s "$uid"; })
  [ "$owner" = 0 ] || fail "$1 belongs to another user" 'say where to unpack with AAMI_CACHE=DIRECTORY'
}

unpack() {
  elsewhere='say where else with AAMI_CACHE=DIRECTORY; it takes @MEGABYTES@ MB'
  for tool in tail tar gzip; do
    command -v "$tool" >/dev/null || fail "unpacking needs '$tool', which is not there"
  done
  umask 022
  mkdir -p -- "$top" 2>/dev/null || fail "nothing can be unpacked into $base: it may not be written" "$elsewhere"
  trusted "$top"
  try=0
  until mkdir -- "$top/.new.$$.$try" 2>/dev/null; do
    [ -w "$top" ] && [ "$try" -lt 9 ] || fail "nothing can be unpacked into $base: it may not be written" "$elsewhere"
    try=$((try + 1))
  done
  new=$top/.new.$$.$try
  trap 'rm -rf -- "$new"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  printf '#!/bin/sh\nexit 0\n' >"$new/probe" && chmod 755 "$new/probe" || fail "$base cannot be written" "$elsewhere"
  "$new/probe" 2>/dev/null || fail "no program may be run below $base (is it mounted noexec?)" "$elsewhere"
  if command -v sha256sum >/dev/null; then
    sum=$(tail -c +@OFFSET@ -- "$0" | sha256sum)
    [ "${sum%% *}" = @SHA256@ ] || fail "$0 is damaged: its content is not what was built" 'copy it again'
  fi
  { tail -c +@OFFSET@ -- "$0" || : >"$new/failed"; } | { gzip -dc || : >"$new/failed"; } | tar -xof - -C "$new" ||
    : >"$new/failed"
  [ ! -e "$new/failed" ] && [ -f "$new/program/main.js" ] ||
    fail "$0 could not be unpacked into $base" 'is the disk full, or the file cut short?'
  rm -f -- "$new/probe"
  # Who comes second finds the first one's work and takes that.
  mv -T -- "$new" "$dir" 2>/dev/null || [ -e "$dir" ] || mv -- "$new" "$dir" 2>/dev/null
  rm -rf -- "$new" "$dir/${new##*/}"
  [ -e "$dir/program/main.js" ] || fail "$dir cannot be made" "$elsewhere"
  trap - EXIT INT TERM HUP
}

[ -e "$dir/program/main.js" ] || unpack
trusted "$top"
trusted "$dir"
[ -x "$dir/deno" ] || fail "no program may be run below $base (is it mounted noexec?)" \
  'say where else to unpack with AAMI_CACHE=DIRECTORY'
export AAMI_OUTER_DENO_DIR="${DENO_DIR-}" AAMI_OUTER_DENO_NO_UPDATE_CHECK="${DENO_NO_UPDATE_CHECK-}"
export DENO_DIR="$dir/cache" DENO_NO_UPDATE_CHECK=1
exec "$dir/deno" run -A --no-config --no-lock --no-remote --no-npm --cached-only "$dir/program/main.js" "$@"
exit 1
