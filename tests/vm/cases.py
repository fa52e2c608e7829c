#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Glovebox does with systemd's control groups, as whoever calls: limits, pausing, ends, and that nothing is left.

Runs inside the machine of run-in-vm, with Glovebox installed. Prints TAP.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback

DEADLINE = 60
ROOT = "/sys/fs/cgroup"
MANAGER = ["systemctl"] + ([] if os.getuid() == 0 else ["--user"])
AUDIT = "/var/lib/glovebox/audit" if os.getuid() == 0 else os.path.expanduser("~/.local/state/glovebox/audit")


def glovebox(*arguments, check=None):
    done = subprocess.run(["glovebox", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=2 * DEADLINE,
                          check=False)
    if check is not None and done.returncode != check:
        raise AssertionError("glovebox %s: %d, not %d: %s%s" % (" ".join(arguments), done.returncode, check, done.stdout, done.stderr))
    return done


def wait_for(what, condition):
    end = time.monotonic() + DEADLINE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.02)


def policy(**parts):
    document = {"schemaVersion": "1.0", "agent": {"name": "vm"}, "isolation": {"tier": "process"},
                "process": {"allowSpawn": True, "syscalls": "desktop", **parts.pop("process", {})}, **parts}
    with tempfile.NamedTemporaryFile("w", suffix=".json", dir=FOLDER.name, delete=False) as file:
        json.dump(document, file)
    return file.name


def start(*arguments):
    return glovebox("run", "--detach", *arguments, check=0).stdout.strip()


def processes():
    """Glovebox's own: pid to command line."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % pid, encoding="utf-8") as comm, open("/proc/%s/cmdline" % pid, encoding="utf-8") as line:
                if comm.read().startswith(("glovebox-", "bwrap", "weston")):
                    found[int(pid)] = line.read().replace("\0", " ").strip()
        except OSError:
            pass
    return found


def broker():
    pids = [pid for pid, line in processes().items() if "glovebox-broker" in line.split(" ")[0] and "--janitor" not in line]
    assert len(pids) == 1, processes()
    return pids[0]


def own_group(pid):
    with open("/proc/%d/cgroup" % pid, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert len(lines) == 1 and lines[0].startswith("0::"), lines
    return lines[0][3:]


def groups(part="glovebox-"):
    """Control groups whose path names one of ours, but for the unit that these tests are in."""
    return [folder for folder, _, _ in os.walk(ROOT) if part in folder.replace("glovebox-vm.service", "")]


def scopes():
    listed = subprocess.run(MANAGER + ["list-units", "--all", "--plain", "--no-legend", "glovebox-*.scope"], capture_output=True, text=True,
                            check=True)
    return listed.stdout.strip()


def group_of(session):
    found = [folder for folder in groups(session) if folder.endswith("/" + session)]
    assert len(found) == 1, found
    return found[0]


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read().strip()


def closing(session):
    """The closing record: the reason, and what was used."""
    with open(os.path.join(AUDIT, session + ".jsonl"), encoding="utf-8") as file:
        return file.read().splitlines()[-1]


def used(session, key):
    return int(closing(session).split('"%s":' % key)[1].split(",")[0].split("}")[0])


def newest():
    names = [name for name in os.listdir(AUDIT) if name.startswith("s") and name.endswith(".jsonl")]
    return max(names, key=lambda name: os.stat(os.path.join(AUDIT, name)).st_mtime_ns)[:-len(".jsonl")]


def assert_nothing_left():
    wait_for("the processes to go: %s" % processes(), lambda: not processes())
    wait_for("the control groups to go: %s" % groups(), lambda: not groups())
    wait_for("the scope to go: %s" % scopes(), lambda: not scopes())
    failed = subprocess.run(MANAGER + ["--failed", "--plain", "--no-legend"], capture_output=True, text=True, check=True).stdout
    assert "glovebox-" not in failed, failed


# --- the cases, in this order ---

def doctor():
    done = glovebox("doctor")
    print("".join("# %s\n" % line for line in (done.stdout + done.stderr).splitlines()), end="")
    assert done.returncode == 0, done.returncode
    assert "memory, cpu and pids through cgroup v2" in done.stdout


def memory():
    done = glovebox("run", "--policy", policy(resources={"memoryMb": 64}), "--", "python3", "-c", "x = bytearray(200 << 20)")
    session = newest()
    print("# exit code %d, %s; the record: %s" % (done.returncode, done.stderr.strip(), closing(session)))
    assert done.returncode == 137, done
    assert "out of memory" in done.stderr, done
    assert used(session, "oomKills") >= 1
    assert 32 << 20 < used(session, "memoryPeakBytes") <= 64 << 20


def memory_is_enough():
    glovebox("run", "--policy", policy(resources={"memoryMb": 64}), "--", "true", check=0)


def many_processes():
    done = glovebox("run", "--policy", policy(process={"maxProcesses": 20}), "--", "sh", "-c",
                    "n=0; while [ $n -lt 100 ]; do tail -f /dev/null & n=$((n + 1)); echo $n; done")
    started = done.stdout.split()
    print("# started %d, then: %s" % (len(started), done.stderr.strip().splitlines()[:1]))
    assert done.returncode != 0 and 10 <= len(started) <= 20, done


def processor():
    seconds = 5
    # Without the start of the interpreter, which the time of the loop does not count.
    script = ("import time\nused = time.process_time()\nend = time.monotonic() + %d\nwhile time.monotonic() < end: pass\n"
              "print(time.process_time() - used)" % seconds)
    limited = glovebox("run", "--policy", policy(resources={"cpuPercent": 20}), "--", "python3", "-c", script, check=0)
    free = glovebox("run", "--policy", policy(), "--", "python3", "-c", script, check=0)
    print("# of %d s: %s s with 20 %%, %s s without a limit" % (seconds, limited.stdout.strip(), free.stdout.strip()))
    assert 0.5 <= float(limited.stdout) <= 1.5
    assert float(free.stdout) > 2


def where():
    session = start("--policy", policy(process={"maxProcesses": 50}, resources={"memoryMb": 256, "cpuPercent": 150}), "--", "tail", "-f", "/dev/null")
    folder = group_of(session)
    pid = broker()
    print("# broker in %s; session in %s" % (own_group(pid), folder))
    assert own_group(pid).endswith("/glovebox-%d.scope/broker" % pid), own_group(pid)
    assert folder == ROOT + os.path.dirname(own_group(pid)) + "/glovebox/" + session
    limits = [read(folder, name) for name in ("memory.max", "memory.swap.max", "cpu.max", "pids.max")]
    assert limits == [str(256 << 20), "0", "150000 100000", "52"], limits
    assert read(folder, "cgroup.procs") != ""
    unit = subprocess.run(MANAGER + ["show", "-p", "Delegate,ActiveState,ControlGroup", "glovebox-%d.scope" % pid], capture_output=True, text=True,
                          check=True).stdout
    assert "Delegate=yes" in unit and "ActiveState=active" in unit, unit
    glovebox("stop", session, check=0)
    wait_for("the session's group to go", lambda: not os.path.exists(folder))
    assert broker() == pid


def pause():
    ticks = os.path.join(FOLDER.name, "workspace", "ticks")
    os.mkdir(os.path.dirname(ticks))
    session = start("--policy", policy(filesystem={"allowWrite": ["${WORKSPACE}/**"]}), "--workspace", os.path.dirname(ticks), "--",
                    "sh", "-c", "while :; do echo tick >>ticks; done")
    size = lambda: os.path.exists(ticks) and os.stat(ticks).st_size  # noqa: E731
    wait_for("ticks", size)
    began = time.monotonic()
    glovebox("pause", session, check=0)
    print("# pausing took %.2f s with the command's start" % (time.monotonic() - began))
    folder = group_of(session)
    before = size()
    assert read(folder, "cgroup.freeze") == "1" and "frozen 1" in read(folder, "cgroup.events")
    used_before = read(folder, "cpu.stat").split()[1]
    end = time.monotonic() + 2
    wait_for("two seconds", lambda: time.monotonic() > end)
    assert size() == before and read(folder, "cpu.stat").split()[1] == used_before
    glovebox("resume", session, check=0)
    wait_for("more ticks", lambda: size() > before)
    assert "frozen 0" in read(folder, "cgroup.events")
    glovebox("stop", session, check=0)
    wait_for("its group to go", lambda: not os.path.exists(folder))


def end_paused(verb):
    session = start("--policy", policy(), "--", "sh", "-c", "tail -f /dev/null & setsid tail -f /dev/null & wait")
    folder = group_of(session)
    glovebox("pause", session, check=0)
    began = time.monotonic()
    glovebox(verb, session, check=0)
    wait_for("its group to go", lambda: not os.path.exists(folder))
    print("# gone after %.2f s" % (time.monotonic() - began))


def kill_paused():
    end_paused("kill")


def stop_paused():
    end_paused("stop")


def desktop():
    began = time.monotonic()
    glovebox("run", "--tier", "session", "--", "true", check=0)
    print("# a whole session with a desktop took %.1f s" % (time.monotonic() - began))
    session = start("--tier", "session", "--", "tail", "-f", "/dev/null")
    png = os.path.join(FOLDER.name, "screen.png")
    glovebox("screenshot", session, "-o", png, check=0)
    assert os.stat(png).st_size > 100
    glovebox("stop", session, check=0)


def broker_ends():
    session = start("--policy", policy(), "--", "tail", "-f", "/dev/null")
    group_of(session)
    os.kill(broker(), signal.SIGTERM)
    assert_nothing_left()


def broker_is_killed():
    for how in ("running", "paused"):
        session = start("--tier", "session", "--", "sh", "-c", "setsid tail -f /dev/null & tail -f /dev/null")
        group_of(session)
        if how == "paused":
            glovebox("pause", session, check=0)
        began = time.monotonic()
        os.kill(broker(), signal.SIGKILL)
        assert_nothing_left()
        print("# %s: nothing left after %.2f s" % (how, time.monotonic() - began))


def all_killed():
    """What `systemctl kill` does: broker and janitor at once. The next broker removes what they left."""
    session = start("--policy", policy(), "--", "tail", "-f", "/dev/null")
    folder = group_of(session)
    subprocess.run(MANAGER + ["kill", "-s", "KILL", "glovebox-%d.scope" % broker()], check=True)
    wait_for("its group to go", lambda: not os.path.exists(folder))
    glovebox("run", "--policy", policy(), "--", "true", check=0)
    os.kill(broker(), signal.SIGTERM)
    assert_nothing_left()


CASES = [doctor, memory, memory_is_enough, many_processes, processor, where, pause, kill_paused, stop_paused, desktop, broker_ends,
         broker_is_killed, all_killed]


def run(listed):
    """Each of them, in a folder of its own."""
    global FOLDER
    os.environ.pop("G_DEBUG", None)
    sys.stdout.reconfigure(line_buffering=True)
    with tempfile.TemporaryDirectory(prefix="glovebox-vm-") as name:
        FOLDER = tempfile.TemporaryDirectory(dir=name)
        os.chdir(FOLDER.name)
        for number, case in enumerate(listed, 1):
            since = time.monotonic()
            try:
                case()
                print("ok %d - %s (%.1f s)" % (number, case.__name__, time.monotonic() - since))
            except Exception:  # noqa: BLE001: whatever it was, the next case runs
                print("".join("# %s\n" % line for line in traceback.format_exc().splitlines()), end="")
                print("not ok %d - %s" % (number, case.__name__))
    print("1..%d" % len(listed))


if __name__ == "__main__":
    run(CASES)
