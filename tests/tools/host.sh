# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
#
# What ./run and ./check share: phases with their duration, and the packages of data/packages.txt.
# Sourced, with $top set to the checkout.

die () { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

now_ms () { echo $(( $(date +%s%N) / 1000000 )); }

seconds () { printf '%d.%01d s' $(( $1 / 1000 )) $(( $1 % 1000 / 100 )); }

# phase TITLE COMMAND…: says what is being done, does it, says how long it took. Returns the command's status.
phase ()
{
  phase_title=$1; shift
  printf '== %s\n' "$phase_title"
  phase_start=$(now_ms)
  phase_status=0
  "$@" || phase_status=$?
  phase_took=$(seconds $(( $(now_ms) - phase_start )))
  if [ $phase_status -eq 0 ]; then
    printf '   %s: done in %s\n' "$phase_title" "$phase_took"
  else
    printf '   %s: FAILED after %s\n' "$phase_title" "$phase_took"
  fi
  return $phase_status
}

# quiet LOGFILE COMMAND…: the command's output goes to the file, and is shown only if it fails.
quiet ()
{
  quiet_log=$1; shift
  mkdir -p "$(dirname "$quiet_log")"
  if "$@" >"$quiet_log" 2>&1 </dev/null; then
    return 0
  fi
  grep -E -A12 'error:|ERROR|FAILED|^E: ' "$quiet_log" | head -60
  printf '   (all of it: %s)\n' "$quiet_log"
  return 1
}

is_installed ()
{
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

is_offered ()
{
  LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q '^  Candidate: [^(]'
}

# missing_packages GROUP…: one line for each package that is not installed, with its alternatives.
missing_packages ()
{
  for missing_group in "$@"; do
    sed -n "s/^$missing_group[[:space:]][[:space:]]*//p" "$top/data/packages.txt"
  done | while read -r missing_line; do
    missing_found=
    for missing_name in $missing_line; do
      if is_installed "$missing_name"; then missing_found=yes; break; fi
    done
    [ -n "$missing_found" ] || printf '%s\n' "$missing_line"
  done
}

# as_root COMMAND…: directly for root, through sudo otherwise.
as_root ()
{
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# install_packages GROUP…: installs what is missing of the groups; asks for rights only when something is.
install_packages ()
{
  command -v dpkg-query >/dev/null ||
    { echo "   not a Debian system: install what data/packages.txt names yourself"; return 0; }

  install_lines=$(missing_packages "$@" | sort -u)
  if [ -z "$install_lines" ]; then
    echo "   nothing is missing"
    return 0
  fi

  install_names=$(printf '%s\n' "$install_lines" | awk '{print $1}' | tr '\n' ' ')
  printf '   missing: %s\n' "$(printf '%s' "$install_lines" | tr '\n' ',' | sed 's/,/, /g; s/, $//')"
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "cannot install: not root, and there is no sudo; as root run: apt-get install --no-install-recommends $install_names"
  fi
  quiet "$top/build/logs/apt-update.log" as_root apt-get -q update || return 1

  install_names=
  while read -r install_line; do
    install_pick=
    for install_name in $install_line; do
      if is_offered "$install_name"; then install_pick=$install_name; break; fi
    done
    [ -n "$install_pick" ] || die "no package offers any of: $install_line; see data/packages.txt"
    install_names="$install_names $install_pick"
  done <<LINES
$install_lines
LINES
  printf '   installing:%s\n' "$install_names"
  # shellcheck disable=SC2086
  quiet "$top/build/logs/apt-install.log" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $install_names
}
