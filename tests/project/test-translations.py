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
# Two words are for a person, and so is one that a widget gets. A log is not read by who uses the app.
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|^[ \t]*#[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\])+\'|(\w+) *\(|[(){}\[\]]', re.S | re.M)
WORDS = re.compile(r"[A-Za-z]{2,}[,;:.]? [A-Za-z]{2,}")
MARKS = {"_", "N_", "C_", "ngettext", "dcngettext"}
LOGS = {"g_debug", "g_message", "g_warning", "g_critical", "g_error"}
KEY = re.compile(r" *, *N_ *\(")       # what follows a word of the broker's that a table translates
THE_NAME = '"Glovebox"'
SHOWS = re.compile(r"(gtk|adw)_\w*_(set|new_with|add)_(text|label|markup|title|titled|subtitle|tooltip_text|tooltip_markup|description|"
                   r"placeholder_text|heading|body|button_label|mnemonic)$|gtk_label_new$|adw_toast_new$|"
                   r"gtk_accessible_update_property$|glb_accessible_\w+$|glb_main_window_say$|show_message$")
NAMES = re.compile(r'<(?:property|attribute) name="(?:label|short-label|title|subtitle|tooltip-text|description|placeholder-text|heading|body|'
                   r'button-label)"[^>]*>[^<]*[A-Za-z]{2,}|<item(?:>| [^>]*>)[^<]*[A-Za-z]{2,}')
EXTRACT = ["xgettext", "--from-code=UTF-8", "--keyword=_", "--keyword=N_", "--keyword=ngettext:1,2"]


def read_list(name):
    with open(os.path.join(TOP, "po", name), encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as text:
        return text.read()


def find_unmarked_c(text):
    """The literals for a person that no translator sees, each as (line, literal): by the calls that they are in."""
    calls, found = [], []
    for token in TOKEN.finditer(text):
        word = token.group(0)
        if word[-1] in "([{":
            calls.append(token.group(1) or "")
        elif word in (")", "]", "}"):
            calls.pop()
        elif word[0] == '"' and not MARKS.intersection(calls[-1:]) and not LOGS.intersection(calls):
            shown = calls and SHOWS.match(calls[-1]) and re.search(r"[A-Za-z]{2}", re.sub(r"%l?[a-z]|%[A-Z]", "", word))
            if (WORDS.search(word) or shown) and word != THE_NAME and not KEY.match(text, token.end()):
                found.append((text.count("\n", 0, token.start()) + 1, word))
    return found


def find_unmarked_ui(text):
    return [(text.count("\n", 0, found.start()) + 1, found.group(0)) for found in NAMES.finditer(text)
            if "translatable=" not in found.group(0)]


@unittest.skipUnless(shutil.which("msgfmt"), "gettext is not installed")
class Translations(unittest.TestCase):

    def test_files(self):
        """Where a string is marked, it is looked for."""
        sources = [os.path.join(folder, name) for folder in ("policies", "ui") for name in os.listdir(os.path.join(TOP, folder))
                   if name.endswith((".c", ".ui"))]
        self.assertEqual(sorted(path for path in sources if MARKED.search(read(path)) and path not in read_list("POTFILES")), [])

    def test_marked(self):
        """What a person reads is marked."""
        for name in sorted(os.listdir(os.path.join(TOP, "ui"))):
            find = {".c": find_unmarked_c, ".ui": find_unmarked_ui}.get(os.path.splitext(name)[1])
            with self.subTest(name):
                self.assertEqual(find(read("ui/" + name)) if find else [], [])

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
