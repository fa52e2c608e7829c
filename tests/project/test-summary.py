#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The counter of ./check must not be fooled: a run that died, ran nothing or ran less than planned is a failure."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import tap

SUMMARY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools", "summary.py")
ALLOWED = "# Testing\n\n## Skips\n\n| test | who | why |\n|---|---|---|\n| `/dev/*` | any | no device |\n\n## Other\n\n| `/x/*` | any | - |\n"


def entry(stdout, result="OK", returncode=0, name="thing", stderr=""):
    return {"name": name, "stdout": stdout, "stderr": stderr, "result": result, "returncode": returncode}


class Summary(unittest.TestCase):
    def run_summary(self, entries, *options, again=None):
        with tempfile.TemporaryDirectory() as folder:
            log, allowed = os.path.join(folder, "self.json"), os.path.join(folder, "testing.md")
            with open(log, "w", encoding="utf-8") as out:
                out.write("".join(json.dumps(e) + "\n" for e in entries))
            if again is not None:
                with open(os.path.join(folder, "self-again.json"), "w", encoding="utf-8") as out:
                    out.write("".join(json.dumps(e) + "\n" for e in again))
            with open(allowed, "w", encoding="utf-8") as out:
                out.write(ALLOWED)
            done = subprocess.run([sys.executable, SUMMARY, "--allowed", allowed, *options, log],
                                  stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout.splitlines()[-1], done.stdout

    def test_nothing_ran(self):
        self.assertEqual(self.run_summary([])[:2], (1, "0 passed, 0 failed, 0 skipped"))

    def test_no_log(self):
        done = subprocess.run([sys.executable, SUMMARY, "/nonexistent.json"], stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.endswith("0 passed, 1 failed, 0 skipped\n"))

    def test_failed_subtest(self):
        out = self.run_summary([entry("1..2\nok 1 /a/b\nnot ok 2 /a/c\n", "FAIL", 1)])
        self.assertEqual(out[:2], (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("/a/c", out[2])

    def test_died_after_subtests(self):
        self.assertEqual(self.run_summary([entry("1..1\nok 1 /a/b\n", "ERROR", -11)])[:2], (1, "1 passed, 1 failed, 0 skipped"))

    def test_plan_not_fulfilled(self):
        self.assertEqual(self.run_summary([entry("1..3\nok 1 /a/b\n")])[:2], (1, "1 passed, 1 failed, 0 skipped"))

    def test_timeout_without_output(self):
        self.assertEqual(self.run_summary([entry("", "TIMEOUT", -15)])[:2], (1, "0 passed, 1 failed, 0 skipped"))

    def test_only_skips(self):
        self.assertEqual(self.run_summary([entry("1..1\nok 1 /dev/kvm # SKIP no kvm\n")])[:2], (1, "0 passed, 0 failed, 1 skipped"))

    def test_allowed_skip(self):
        out = self.run_summary([entry("1..2\nok 1 /a\nok 2 /dev/kvm # SKIP no kvm\n")], "--must-work")
        self.assertEqual(out[:2], (0, "1 passed, 0 failed, 1 skipped"))
        self.assertIn("no kvm", out[2])

    def test_unexpected_skip(self):
        log = [entry("1..2\nok 1 /a\nok 2 /x/y # SKIP lazy\n")]
        self.assertEqual(self.run_summary(log)[:2], (0, "1 passed, 0 failed, 1 skipped"))
        self.assertEqual(self.run_summary(log, "--must-work")[:2], (1, "1 passed, 1 failed, 0 skipped"))

    def test_passed(self):
        self.assertEqual(self.run_summary([entry("# random seed\n1..2\n# Start of a tests\nok 1 /a/b\n# slow\nok 2 /a/c\n"),
                                           entry(None, name="plain")])[:2], (0, "3 passed, 0 failed, 0 skipped"))

    def test_last_words(self):
        died = entry("1..3\nok 1 /a/b\nBail out! ERROR:test.c:7:assert_a: no a\n", "ERROR", -6, stderr="the broker: no room\n")
        out = self.run_summary([died])[2]
        self.assertIn("Bail out! ERROR:test.c:7:assert_a: no a", out)
        self.assertIn("the broker: no room", out)

    def test_second_try_passed(self):
        died = entry("1..2\nok 1 /a/b\nBail out! waited in vain\n", "ERROR", -6)
        passed = entry("1..2\nok 1 /a/b\nok 2 /a/c\n")
        out = self.run_summary([died], again=[passed])
        self.assertEqual(out[:2], (0, "2 passed, 0 failed, 0 skipped"))
        self.assertIn("unsteady", out[2])
        self.assertIn("waited in vain", out[2])

    def test_second_try_failed(self):
        died = entry("1..2\nok 1 /a/b\nBail out! waited in vain\n", "ERROR", -6)
        self.assertEqual(self.run_summary([died], again=[died])[:2], (1, "1 passed, 1 failed, 0 skipped"))

    def test_who_gets_a_second_try(self):
        bad = [entry("1..1\n", "ERROR", -6, name="glovebox:broker / t-%d" % n) for n in range(4)]
        self.assertEqual(self.run_summary(bad[:3], "--second-try")[2].split(), ["t-0", "t-1", "t-2"])
        self.assertEqual(self.run_summary(bad, "--second-try")[2].split(), [])
        bad[0]["stderr"] = "==7==ERROR: AddressSanitizer: heap-use-after-free"
        self.assertEqual(self.run_summary(bad[:1], "--second-try")[2].split(), [])


if __name__ == "__main__":
    tap.main("/project/summary")
