#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each file of the project says its licence; scripts parse; links in the documents lead somewhere."""

import os
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import tap

TOP = os.path.abspath(sys.argv.pop()) if len(sys.argv) > 1 else os.getcwd()
CODE = (".c", ".h", ".mjs", ".py", ".sh", ".build", ".ui", ".xml", ".in", ".css", ".supp")
SCRIPTS = ("run", "check", ".ci/run")


def project_files():
    for folder, folders, names in os.walk(TOP):
        folders[:] = [f for f in folders if f == ".ci" or not f.startswith((".", "build", "node_modules"))]
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

    def test_settings(self):
        if not shutil.which("glib-compile-schemas"):
            self.skipTest("glib-compile-schemas is not installed")
        subprocess.run(["glib-compile-schemas", "--strict", "--dry-run", os.path.join(TOP, "data")], check=True)

    def test_polkit_actions(self):
        """Each action that the broker asks about is there, and none is given without an administrator's password."""
        path = os.path.join(TOP, "data/org.glovebox.policy")
        policy = xml.etree.ElementTree.parse(path).getroot()
        asked = re.findall(r'return "(org\.glovebox\.broker\.[a-z-]+)"', read("session-broker/broker/glb-approval.c"))
        self.assertEqual(sorted(action.get("id") for action in policy.iter("action")), sorted(asked))
        for action in policy.iter("action"):
            self.assertEqual([child.tag for child in action], ["description", "message", "defaults"])
            self.assertEqual([child.tag for child in action.find("defaults")], ["allow_any", "allow_inactive", "allow_active"])
            for default in action.find("defaults"):
                self.assertIn(default.text, ("auth_admin", "auth_admin_keep"))
        dtd = "/usr/share/polkit-1/policyconfig-1.dtd"
        if shutil.which("xmllint") and os.path.exists(dtd):
            subprocess.run(["xmllint", "--noout", "--dtdvalid", dtd, path], check=True)

    def test_bus_policy(self):
        """Root alone has the name, and nothing but the interfaces of the contract can be called."""
        root = xml.etree.ElementTree.parse(os.path.join(TOP, "data/org.glovebox.Broker1.conf")).getroot()
        owners = [(policy.attrib, rule.attrib) for policy in root for rule in policy if "own" in rule.attrib]
        self.assertEqual(owners, [({"user": "root"}, {"own": "org.glovebox.Broker1"})])
        rules = [rule.attrib for policy in root for rule in policy if policy.attrib == {"context": "default"}]
        self.assertEqual({rule.get("send_destination") for rule in rules}, {"org.glovebox.Broker1"})
        contract = re.findall(r'<interface name="([^"]+)"', read("data/org.glovebox.Broker1.xml"))
        self.assertEqual({rule["send_interface"] for rule in rules if rule["send_interface"].startswith("org.glovebox.")}, set(contract))

    def test_service(self):
        """What starts the machine's broker: the bus, by its own file or systemd's."""
        unit, activation = read("data/glovebox-broker.service.in"), read("data/org.glovebox.Broker1.service.in")
        for line in ("Type=dbus", "BusName=org.glovebox.Broker1", "Delegate=yes", "NoNewPrivileges=yes"):
            self.assertIn("\n%s\n" % line, unit)
        # each of these would keep the sandboxes from being made, or hide what they are made of
        for key in ("ProtectKernelTunables", "ProtectKernelLogs", "ProtectControlGroups", "ProtectProc", "ProcSubset", "RestrictNamespaces",
                    "PrivateUsers", "PrivateDevices", "PrivateTmp", "ProtectHome", "ProtectSystem", "SystemCallFilter", "MemoryDenyWriteExecute",
                    "ProtectKernelModules", "RestrictSUIDSGID", "LockPersonality"):
            self.assertNotIn("\n%s=" % key, unit)
        for text in (unit, activation):
            self.assertRegex(text, r"\nExec(Start)?=@libexecdir@/glovebox-broker --system\b")
        for line in ("Name=org.glovebox.Broker1", "User=root", "SystemdService=glovebox-broker.service"):
            self.assertIn("\n%s\n" % line, activation)


if __name__ == "__main__":
    tap.main("/project/files")
