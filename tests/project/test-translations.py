#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each language says everything that the app says, and its messages take the same arguments."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import tap

TOP = os.path.abspath(sys.argv.pop()) if len(sys.argv) > 1 else os.getcwd()
MARKED = re.compile(r'\b(_|N_|ngettext) ?\("|translatable="yes"')
EXTRACT = ["xgettext", "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "--keyword=ngettext:1,2"]


def read_list(name):
    with open(os.path.join(TOP, "po", name), encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as text:
        return text.read()


@unittest.skipUnless(shutil.which("msgfmt"), "gettext is not installed")
class Translations(unittest.TestCase):

    def test_files(self):
        """Where a string is marked, it is looked for."""
        sources = [os.path.join(folder, name) for folder in ("policies", "ui") for name in os.listdir(os.path.join(TOP, folder))
                   if name.endswith((".c", ".ui"))]
        self.assertEqual(sorted(path for path in sources if MARKED.search(read(path)) and path not in read_list("POTFILES")), [])

    def test_well_formed(self):
        for language in read_list("LINGUAS"):
            with self.subTest(language):
                subprocess.run(["msgfmt", "--check-format", "--check-domain", "--output-file=/dev/null", "po/%s.po" % language],
                               cwd=TOP, check=True)

    def test_complete(self):
        with tempfile.TemporaryDirectory() as folder:
            template = os.path.join(folder, "glovebox.pot")
            subprocess.run(EXTRACT + ["--output=" + template] + read_list("POTFILES"), cwd=TOP, check=True)
            for language in read_list("LINGUAS"):
                with self.subTest(language):
                    done = subprocess.run(["msgcmp", "po/%s.po" % language, template], cwd=TOP, check=False,
                                          stderr=subprocess.PIPE, text=True)
                    self.assertEqual(done.returncode, 0, done.stderr)

    def test_rows(self):
        """The start page finds the row that a message is about by how it begins."""
        for language in read_list("LINGUAS"):
            for row, begin in re.findall(r'msgid "(workspace|command): .*"\nmsgstr "([a-z]*): ', read("po/%s.po" % language)):
                self.assertEqual(begin, row)
            self.assertEqual(len(re.findall(r'\nmsgstr "(?:workspace|command): ', read("po/%s.po" % language))), 4)


if __name__ == "__main__":
    tap.main("/project/translations")
