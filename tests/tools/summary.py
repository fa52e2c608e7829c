#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts what `meson test` ran: every TAP subtest, and each test that speaks no TAP or died as one.

usage: summary.py [--brief] [--must-work] [--allowed docs/testing.md] [--took TEXT] testlog.json...
       summary.py --second-try testlog.json

--second-try names the tests that failed and may run once more, one a line: at most three, none where a sanitizer spoke.
What such a run found is read from NAME-again.json beside NAME.json; a test that passed there is listed as unsteady, with
what it first failed of. Ends with "N passed, N failed, N skipped"; exits 1 when something failed, when nothing ran, and with --must-work when
a test was skipped that the table of the allowed file does not name (a row is `| pattern | who | reason |`, the pattern in
backticks as of fnmatch, who is root, user or any).
"""

import argparse
import fnmatch
import json
import os
import re
import sys

TAP = re.compile(r"^(?P<not>not )?ok\b(?:\s+(?P<number>\d+))?\s*-?\s*(?P<name>[^#]*?)\s*(?:#\s*(?P<directive>\w+)\s*(?P<reason>.*))?$")
PLAN = re.compile(r"^1\.\.(?P<count>\d+)(?:\s*#\s*skip\b\s*(?P<reason>.*))?", re.I)


# More than these failing at once is no accident of timing.
MOST_SECOND_TRIES = 3
SANITIZERS = re.compile(r"ERROR: (Address|Leak|UndefinedBehavior)Sanitizer|runtime error:")


class Result:
    def __init__(self, run, test, name, status, reason=""):
        self.run, self.test, self.name, self.status, self.reason = run, test, name, status, reason
        self.told = ""


def shorten(reason):
    """One line; all of it is in the log."""
    text = " ".join(reason.split())
    return text if len(text) <= 200 else text[:197] + "..."


def read_tap(run, entry):
    """The subtests of one TAP test. A plan that is not fulfilled, or a death, is one more failure."""
    results, plan, whole_skip, seen = [], None, None, 0
    for line in (entry.get("stdout") or "").splitlines():
        found = PLAN.match(line)
        if found:
            plan = int(found["count"])
            whole_skip = found["reason"] if plan == 0 else None
            continue
        found = TAP.match(line)
        if not found:
            continue
        seen += 1
        directive = (found["directive"] or "").upper()
        status = "failed" if found["not"] and directive != "TODO" else "skipped" if directive.startswith("SKIP") else "passed"
        results.append(Result(run, entry["name"], shorten(found["name"]), status, shorten(found["reason"] or "")))
    if plan == 0:
        return [Result(run, entry["name"], entry["name"], "skipped", whole_skip or "no reason given")]
    if plan is None and seen == 0:
        return None
    if plan is not None and seen < plan and not any(r.status == "failed" for r in results):
        results.append(Result(run, entry["name"], "%s: %d of %d subtests ran" % (entry["name"], seen, plan), "failed"))
    return results


def is_bad(entry):
    return entry.get("result", "ERROR") not in ("OK", "EXPECTEDFAIL", "SKIP", "UNEXPECTEDPASS")


def last_words(entry):
    """Why a test ended, in its own words: where it bailed out, and the end of what it said on standard error."""
    out, err = (entry.get("stdout") or "").splitlines(), (entry.get("stderr") or "").splitlines()
    words = [line for line in out if line.startswith("Bail out!")]
    words += [line for line in out if line.startswith("# ") and "-DEBUG:" not in line][-4:] if words else out[-4:]
    words += [line for line in err if line.strip() and "Note:" not in line][-12:]
    return "\n".join("        " + line[:300] for line in words)


def read_entry(run, entry):
    results = count_entry(run, entry)
    if is_bad(entry):
        for result in [r for r in results if r.status == "failed"][-1:]:
            result.told = last_words(entry)
    return results


def count_entry(run, entry):
    result = entry.get("result", "ERROR")
    tap = read_tap(run, entry)
    if tap is not None:
        if is_bad(entry) and not any(r.status == "failed" for r in tap):
            tap.append(Result(run, entry["name"], "%s: %s, exit %s" % (entry["name"], result, entry.get("returncode")), "failed"))
        return tap
    status = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}.get(result, "failed")
    return [Result(run, entry["name"], entry["name"], status, "exit status 77" if status == "skipped" else result)]


def read_entries(path):
    with open(path, encoding="utf-8", errors="replace") as log:
        return [json.loads(line) for line in log if line.strip()]


def second_tries(path):
    bad = [entry for entry in read_entries(path) if is_bad(entry)]
    if len(bad) > MOST_SECOND_TRIES or any(SANITIZERS.search((e.get("stdout") or "") + (e.get("stderr") or "")) for e in bad):
        return []
    return [entry["name"].split(" / ")[-1] for entry in bad]


def read_log(path):
    """The results of a run. A test that passed at its second try has those, and 'unsteady' with what it first failed of."""
    results = []
    base, end = os.path.splitext(path)
    run = os.path.basename(base).replace("-as-user", "")
    stem, wrapped = (base[:-len("-as-user")], "-as-user") if base.endswith("-as-user") else (base, "")
    again_path = stem + "-again" + wrapped + end
    again = {e["name"]: e for e in read_entries(again_path)} if os.path.exists(again_path) else {}
    for entry in read_entries(path):
        second = again.get(entry["name"])
        if is_bad(entry) and second and not is_bad(second):
            failed = [r for r in read_entry(run, entry) if r.status == "failed"]
            for result in failed:
                result.status = "unsteady"
            results += failed
            entry = second
        results += read_entry(run, entry)
    return results


def read_allowed(path):
    """(pattern, who) of each row of the table below the heading 'Skips'."""
    rows, below = [], False
    if not path:
        return rows
    with open(path, encoding="utf-8") as text:
        for line in text:
            if line.startswith("#"):
                below = "skips" in line.lower()
            found = re.match(r"^\|\s*`([^`]+)`\s*\|\s*(root|user|any)\s*\|", line)
            if below and found:
                rows.append((found[1], found[2]))
    return rows


def is_allowed(result, rows):
    ran_as = "user" if result.run.startswith("user") or os.getuid() != 0 else "root"
    return any(who in ("any", ran_as) and (fnmatch.fnmatch(result.name, pattern) or fnmatch.fnmatch(result.test, pattern))
               for pattern, who in rows)


def counts(results):
    return tuple(sum(r.status == s for r in results) for s in ("passed", "failed", "skipped"))


def show(title, results):
    if results:
        print(title)
    for result in results:
        print("  %s [%s]: %s %s" % (result.test, result.run, result.name, result.reason))
        if result.told:
            print(result.told)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--must-work", action="store_true")
    parser.add_argument("--allowed")
    parser.add_argument("--took")
    parser.add_argument("--second-try", action="store_true")
    parser.add_argument("logs", nargs="*")
    args = parser.parse_args()

    if args.second_try:
        print("\n".join(name for path in args.logs if os.path.exists(path) for name in second_tries(path)))
        return 0

    results = []
    for path in args.logs:
        if os.path.exists(path):
            results += read_log(path)
        else:
            results.append(Result("?", path, "no test ran: %s is missing" % path, "failed"))

    if args.brief:
        for result in results:
            if result.status in ("failed", "unsteady"):
                print("   %s %s: %s %s" % (result.status.upper(), result.test, result.name, result.reason))
                if result.told:
                    print(result.told)
        print("   %d passed, %d failed, %d skipped" % counts(results))
        return 0

    rows = read_allowed(args.allowed)
    skips = {}
    for result in results:
        if result.status == "skipped":
            skips.setdefault((result.name, result.reason), []).append(result)
    if skips:
        print("skipped:")
    for (name, reason), group in sorted(skips.items()):
        unexpected = [r for r in group if not is_allowed(r, rows)]
        print("  %s [%s]: %s%s" % (name, ", ".join(sorted({r.run for r in group})), reason or "no reason given",
                                   " (NOT EXPECTED: docs/testing.md does not allow it)" if unexpected else ""))
        if args.must_work:
            for result in unexpected:
                result.status = "failed"
    failures = [r for r in results if r.status == "failed"]
    show("unsteady, passed at the second try:", [r for r in results if r.status == "unsteady"])
    show("failed:", failures)
    if not results:
        print("no test ran")
    if args.took:
        print("all of it took %s" % args.took)
    print("%d passed, %d failed, %d skipped" % counts(results))
    return 1 if failures or not any(r.status == "passed" for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
