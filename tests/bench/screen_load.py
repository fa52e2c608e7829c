# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in a terminal, of a session or of a peer: rewrites a share of its rows with new letters, so many times a second.

usage: screen_load.py SHARE TIMES
"""

import os
import random
import string
import sys
import time

share, period = float(sys.argv[1]), 1 / float(sys.argv[2])
letters = [random.choice(string.ascii_letters) for _ in range(20000)]
sys.stdout.write("\033[?25l")
due = time.monotonic()
while True:
    columns, rows = os.get_terminal_size()
    lines = []
    for row in range(max(1, round(rows * share))):
        start = random.randrange(len(letters) - columns)
        lines.append("\033[%d;1H%s" % (row + 1, "".join(letters[start:start + columns])))
    sys.stdout.write("".join(lines))
    sys.stdout.flush()
    due = max(due + period, time.monotonic())
    time.sleep(max(0, due - time.monotonic()))
