#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serves a page with a form on the loopback, and runs a browser on it.

usage: form-server.py PAGE ANSWERS COMMAND…

COMMAND gets the address as its last argument; when it ends, this ends. What a visitor sends is put into the file ANSWERS, one JSON
object a line, and thanked for.
"""

import html
import http.server
import json
import subprocess
import sys
import threading
import urllib.parse

THANKS = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Thanks</title>
<body style="font: 18px sans-serif; margin: 60px; background: #f6f5f4; color: #1e1e1e"><h1>Thank you, {name}</h1>
<p>Your order was received.</p></body></html>"""


class Form(http.server.BaseHTTPRequestHandler):
    page = answers = None

    def reply(self, text, kind="text/html; charset=utf-8"):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path != "/":
            self.send_error(404)
            return
        with open(self.page, encoding="utf-8") as page:
            self.reply(page.read())

    def do_POST(self):
        text = self.rfile.read(min(int(self.headers["Content-Length"]), 65536)).decode()
        fields = dict(urllib.parse.parse_qsl(text, keep_blank_values=True))
        with open(self.answers, "a", encoding="utf-8") as answers:
            print(json.dumps(fields, sort_keys=True, ensure_ascii=False), file=answers)
        self.reply(THANKS.format(name=html.escape(fields.get("name", ""))))

    def log_message(self, *arguments):
        pass


def main():
    Form.page, Form.answers, *command = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Form)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.exit(subprocess.call(command + ["http://127.0.0.1:8080/"]))


main()
