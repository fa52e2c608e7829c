#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# without-unified.sh PROGRAM...: runs it where a host that mounts both kinds of control groups has only those of v1.
if [ "$(id -u)" != 0 ] || [ ! -f /sys/fs/cgroup/unified/cgroup.procs ]; then
  echo "1..0 # SKIP needs root and /sys/fs/cgroup/unified beside v1"
  exit 0
fi
exec unshare --mount sh -c 'umount /sys/fs/cgroup/unified && exec "$@"' sh "$@"
