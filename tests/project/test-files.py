#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each file of the project says its licence; scripts parse; links in the documents lead somewhere."""

import os
import re
import shutil
import subprocess
import sys
import unittest

import tap

TOP = os.path.abspath(sys.argv.pop()) if len(sys.argv) > 1 else os.getcwd()
CODE = (".c", ".h", ".py", ".sh", ".build", ".ui", ".xml", ".in", ".css", ".supp")
SCRIPTS = ("run", "check", ".ci/run")


def project_files():
    for folder, folders, names in os.walk(TOP):
        folders[:] = [f for f in folders if f == ".ci" or not f.startswith((".", "build"))]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), TOP)


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8", errors="replace") as text:
        return text.read()


class Files(unittest.TestCase):
    def test_licences(self):
        missing = [f for f in project_files()
                   if (f.endswith(CODE) or f in SCRIPTS) and "SPDX-License-Identifier: " not in read(f)[:600]]
        self.assertEqual(missing, [])

    def test_shell_syntax(self):
        for path in project_files():
            if path in SCRIPTS or path.endswith(".sh") or read(path).startswith("#!/bin/sh"):
                subprocess.run(["sh", "-n", os.path.join(TOP, path)], check=True)

    def test_links(self):
        broken = []
        for path in project_files():
            if not path.endswith(".md"):
                continue
            for target in re.findall(r"\]\(([^)#\s]+)", read(path)):
                if not re.match(r"^[a-z]+:", target) and not os.path.exists(
                        os.path.join(TOP, os.path.dirname(path), target)):
                    broken.append("%s: %s" % (path, target))
        self.assertEqual(broken, [])

    def test_no_sleep(self):
        """Nobody waits on a guess. Tests may look again each few milliseconds, where they have a deadline."""
        found = []
        for path in project_files():
            if not path.endswith((".c", ".h")):
                continue
            for number, line in enumerate(read(path).splitlines(), 1):
                code = re.sub(r'"(\\.|[^"\\])*"', '""', line)
                if path.startswith("tests/"):
                    code = re.sub(r"\bg?_?usleep \((?:[0-9]{1,5}|[0-9]{1,2} \* 1000)\)", "", code)
                if re.search(r"\b(sleep|usleep|nanosleep|g_usleep)\s*\(", code):
                    found.append("%s:%d" % (path, number))
        self.assertEqual(found, [])

    def test_desktop_file(self):
        if not shutil.which("desktop-file-validate"):
            self.skipTest("desktop-file-validate is not installed")
        for path in project_files():
            if path.endswith(".desktop"):
                subprocess.run(["desktop-file-validate", os.path.join(TOP, path)], check=True)

    def test_metainfo(self):
        if not shutil.which("appstreamcli"):
            self.skipTest("appstreamcli is not installed")
        for path in project_files():
            if path.endswith(".metainfo.xml"):
                # Its versions differ in what they only advise.
                done = subprocess.run(["appstreamcli", "validate", "--no-net", os.path.join(TOP, path)], check=False,
                                      stdout=subprocess.PIPE, text=True)
                self.assertEqual([line for line in done.stdout.splitlines() if line.startswith("E:")], [])


if __name__ == "__main__":
    tap.main("/project/files")
