#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent inside a session that fills in a form by the names of its parts. It sees no pixel.

  glovebox exec shop -- python3 form.py
"""

import json

import gi

gi.require_version("Glovebox", "1.0")
from gi.repository import Glovebox

TEXTS = {"Your name": "ada lovelace", "Street": "12 byron road", "Wishes": "no milk please"}


def main():
    desktop = Glovebox.Desktop.new()
    desktop.set_screenshots(False)
    there = {"element": {"role": "push button", "name": "Send the order"}, "quietMs": 200, "timeoutMs": 30000}
    desktop.wait_for(json.dumps(there), None)
    for name, text in TEXTS.items():
        desktop.find_and_click("entry", name, None, None)
        desktop.type_text(text, None)
    desktop.find_and_click("radio button", "Green tea", None, None)
    desktop.find_and_click("check box", "It is a gift", None, None)
    desktop.find_and_click("push button", "Send the order", None, None)
    desktop.wait_for(json.dumps({"text": "Thank you, ada lovelace"}), None)


main()
