#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in a session, as an agent that wants more than it may.

usage: secrets-attack.py PORT SERVER-NAME ALPN TEXT

Speaks TLS to site.example:PORT by the proxy, naming SERVER-NAME in the greeting and offering ALPN, sends TEXT with its escapes, and
prints what comes back, or why nothing does. {port} in TEXT is PORT.
"""

import socket
import ssl
import sys


def main():
    port, name, alpn, text = sys.argv[1:]
    text = text.replace("{port}", port)
    connection = socket.create_connection(("127.0.0.1", 3128), 30)
    connection.sendall(f"CONNECT site.example:{port} HTTP/1.1\r\nHost: site.example:{port}\r\n\r\n".encode())
    if b" 200 " not in connection.recv(4096):
        print("no tunnel")
        return
    context = ssl.create_default_context()
    context.check_hostname = False
    context.set_alpn_protocols([alpn])
    try:
        tls = context.wrap_socket(connection, server_hostname=name)
        print("protocol", tls.selected_alpn_protocol())
        tls.sendall(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))
        while True:
            part = tls.recv(65536)
            if not part:
                break
            sys.stdout.write(part.decode("latin-1"))
    except (OSError, ssl.SSLError) as error:
        print("failed", error)


main()
