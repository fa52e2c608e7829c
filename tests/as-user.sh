#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# as-user.sh [--delegate] COMMAND...: runs a command as an ordinary user with a range of sub-ids. Root makes the user
# "glovebox-test" for it; everybody else is one already, and ran the same without this. --delegate: in control groups (v1)
# that are the user's own. HOME, XDG_RUNTIME_DIR and TMPDIR become the user's.
set -eu
user=glovebox-test
delegate=no
if [ "${1-}" = --delegate ]; then delegate=yes; shift; fi
if [ "$(id -u)" != 0 ]; then
  echo "1..0 # SKIP not root: the same test ran without another user"
  exit 0
fi

exec 9>/tmp/glovebox-test-user.lock
flock 9
if ! id "$user" >/dev/null 2>&1; then useradd --create-home --shell /bin/sh "$user"; fi
for kind in uid gid; do
  if ! grep -q "^$user:" "/etc/sub$kind" 2>/dev/null; then usermod "--add-sub${kind}s" 1000000-1065535 "$user"; fi
done
home=$(getent passwd "$user" | cut -d: -f6)
uid=$(id -u "$user")
run=/tmp/glovebox-test-run-$uid
mkdir -p "$run"; chown "$user:" "$run"; chmod 700 "$run"

if [ $delegate = yes ]; then
  for folder in /sys/fs/cgroup/unified /sys/fs/cgroup/memory /sys/fs/cgroup/cpu /sys/fs/cgroup/pids /sys/fs/cgroup/freezer; do
    [ -f "$folder/cgroup.procs" ] || continue
    mkdir -p "$folder/delegated-$uid"
    chown "$user:" "$folder/delegated-$uid" "$folder/delegated-$uid/cgroup.procs"
    echo $$ >"$folder/delegated-$uid/cgroup.procs"
  done
fi
exec 9>&-

# A relative path would be found from here, but not what the test looks for beside it.
program=$(realpath "$1")
if ! runuser -u "$user" -- test -x "$program"; then
  echo "1..0 # SKIP the user $user can't reach $program"
  exit 0
fi
exec runuser -u "$user" -- env HOME="$home" USER="$user" LOGNAME="$user" XDG_RUNTIME_DIR="$run" TMPDIR="$run" "$@"
