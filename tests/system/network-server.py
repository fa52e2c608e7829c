#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server of HTTP and HTTPS on the loopback for the network's tests.

usage: network-server.py FOLDER CERTIFICATE KEY

Serves FOLDER, any host name. Says its two ports in one line on standard output; ends with its standard input.
"""

import functools
import http.server
import ssl
import sys
import threading


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass


def serve(folder, context):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def main():
    folder, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    print(serve(folder, None), serve(folder, context), flush=True)
    sys.stdin.read()


main()
