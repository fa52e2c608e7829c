#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An agent inside a session: it writes into the window that has the keyboard, looks at the screen, and saves.

  glovebox run --name notes --workspace . -- gnome-text-editor notes.txt
  glovebox exec notes -- python3 agent.py
"""

import json
import sys

import gi

gi.require_version("Glovebox", "1.0")
from gi.repository import Gio, GLib, Glovebox

NOTE = "Written by an agent in Python: żółw, 漢字."


def find_window(desktop, title):
    """The number of the topmost window with this in its title."""
    windows = json.loads(desktop.list_windows(None).dup_member("windows"))
    return next((w["window"] for w in reversed(windows) if title in w["title"]), None)


def look(desktop):
    """Asynchronously, as a program with a main loop would."""
    loop = GLib.MainLoop()
    results = []

    def done(source, result):
        results.append(source.act_finish(result))
        loop.quit()

    desktop.screenshot_async(Gio.Cancellable(), done)
    loop.run()
    image, width, height = results[0].get_image()
    return image.get_data(), width, height


def main():
    desktop = Glovebox.Desktop.new()
    desktop.set_timeout(30000)

    window = find_window(desktop, sys.argv[1] if len(sys.argv) > 1 else "notes")
    if window is None:
        sys.exit("agent.py: there is no such window")
    desktop.activate_window(window, None)

    result = desktop.type_text(NOTE, None)
    changed, x, y, width, height = result.get_changed()
    print(f"frame {result.get_frame_id()}: changed={changed} {width}x{height} at {x},{y}, settled={result.get_settled()}")
    png, width, height = look(desktop)
    print(f"the screen is {width}x{height}, {len(png)} bytes as PNG")

    try:
        desktop.close_window(4000000000, None)
    except GLib.Error as error:
        print("refused, as it should be:", error.message, error.matches(Glovebox.error_quark(), Glovebox.Error.NOT_FOUND))

    desktop.key("ctrl+s", None)
    print("saved")


main()
