#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine's broker as systemd and the system bus start it, answered by a person with polkit's leave, and its ends.

Runs as root inside the machine of run-in-vm, with Glovebox installed. Prints TAP.
"""

import os
import signal
import subprocess

import cases
from cases import glovebox, group_of, policy, processes, start, wait_for

UNIT = "glovebox-broker.service"
RULES = "/etc/polkit-1/rules.d/10-test.rules"
CLIPBOARD = {"isolation": {"tier": "session"}, "resources": {"memoryMb": 512},
             "desktop": {"clipboard": {"hostToSession": "prompt"}}}


def as_person(*arguments, check=None):
    done = subprocess.run(["runuser", "-u", "person", "--", "glovebox", "--system", *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=2 * cases.DEADLINE, check=False)
    if check is not None and done.returncode != check:
        raise AssertionError("glovebox --system %s: %s" % (" ".join(arguments), done))
    return done


def systemctl(*arguments, check=True):
    return subprocess.run(["systemctl", *arguments], capture_output=True, text=True, timeout=2 * cases.DEADLINE, check=check).stdout.strip()


# --- the cases, in this order ---

def started_by_the_bus():
    systemctl("daemon-reload")
    subprocess.run(["busctl", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig"], check=True)
    done = as_person("prompts", check=126)
    print("# " + done.stderr.strip())
    assert "polkit: org.glovebox.broker.view: needs a password" in done.stderr, done
    assert systemctl("is-active", UNIT) == "active"
    assert ("/" + UNIT) in cases.own_group(cases.broker()), cases.own_group(cases.broker())


def a_person_answers():
    with open(RULES, "w", encoding="utf-8") as file:
        file.write("polkit.addRule (function (action, subject) {"
                   " return subject.user == 'person' && action.id.indexOf ('org.glovebox.') == 0 ? polkit.Result.YES"
                   " : polkit.Result.NOT_HANDLED; });")
    wait_for("polkit's rule", lambda: as_person("ps").returncode == 0)
    session = start("--policy", policy(**CLIPBOARD), "--", "tail", "-f", "/dev/null")
    assert ("/" + UNIT + "/") in group_of(session), group_of(session)
    assert session in as_person("ps", check=0).stdout
    as_person("run", "--", "true", check=126)
    with subprocess.Popen(["glovebox", "clipboard", "put", session], stdin=subprocess.PIPE) as put:
        put.stdin.write(b"the person's")
        put.stdin.close()
        wait_for("the question", lambda: "| the person's" in as_person("prompts", check=0).stdout)
        assert put.poll() is None
        as_person("allow", "1", check=0)
        assert put.wait(cases.DEADLINE) == 0
    with open(os.path.join(cases.AUDIT, session + ".jsonl"), encoding="utf-8") as file:
        answered = [line for line in file if '"prompt-answered"' in line]
    print("# " + answered[0].strip())
    uid = subprocess.run(["id", "-u", "person"], capture_output=True, text=True, check=True).stdout.strip()
    assert '"uid":%s,' % uid in answered[0] and '"polkitAction":"org.glovebox.broker.answer-prompt"' in answered[0]
    glovebox("stop", session, check=0)


def the_sandbox_holds():
    done = glovebox("prove", check=0)
    print("# " + [line for line in done.stdout.splitlines() if "attempts" in line][0])


def is_killed():
    """systemd starts the next one, and nothing is left of the sessions of the first."""
    session = start("--policy", policy(**CLIPBOARD), "--", "sh", "-c", "setsid tail -f /dev/null & tail -f /dev/null")
    folder = group_of(session)
    first = cases.broker()
    os.kill(first, signal.SIGKILL)
    wait_for("the session's group to go", lambda: not os.path.exists(folder))
    wait_for("the next broker", lambda: systemctl("is-active", UNIT, check=False) == "active" and cases.broker() != first)
    assert as_person("ps", check=0).stdout.count("\n") == 1


def is_stopped():
    start("--policy", policy(**CLIPBOARD), "--", "tail", "-f", "/dev/null")
    systemctl("stop", UNIT)
    cases.assert_nothing_left()
    assert not processes()


if __name__ == "__main__":
    cases.run([started_by_the_bus, a_person_answers, the_sandbox_holds, is_killed, is_stopped])
