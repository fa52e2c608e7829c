# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs unittest cases and speaks TAP on standard output."""

import sys
import unittest


class TapResult(unittest.TestResult):
    def __init__(self, prefix):
        super().__init__()
        self.prefix, self.number, self.failed = prefix, 0, None

    def line(self, test, ok, directive=""):
        self.number += 1
        name = test.id().split(".")[-1].removeprefix("test_")
        print("%sok %d %s/%s%s" % ("" if ok else "not ", self.number, self.prefix, name, directive), flush=True)

    def addSuccess(self, test):
        self.line(test, True)

    def addSkip(self, test, reason):
        self.line(test, True, " # SKIP " + reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line(test, False)
        print(self.failures[-1][1], file=sys.stderr)

    def addError(self, test, err):
        super().addError(test, err)
        self.line(test, False)
        print(self.errors[-1][1], file=sys.stderr)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is None:
            return
        if self.failed != test:
            self.line(test, False)
        self.failed = test
        print((self.failures + self.errors)[-1][1], file=sys.stderr)


def main(prefix, argv=None):
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = TapResult(prefix)
    print("TAP version 13\n1..%d" % suite.countTestCases(), flush=True)
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)
