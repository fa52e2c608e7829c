#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers on the loopback for the tests of secrets.

usage: secrets-server.py FOLDER

Serves HTTP, HTTPS with FOLDER/site.pem, and HTTPS with FOLDER/liar.pem (each with its key), and says the three ports in one line on
standard output. Each answers with what it got, which it also appends to FOLDER/seen, to FOLDER/seen-liar the last. Ends with its
standard input.
"""

import os
import socket
import ssl
import sys
import threading

QUIET_S = 0.3


def read_all(connection):
    """What comes, until it is quiet for a moment: a smuggled request is no less seen than an honest one."""
    got = b""
    connection.settimeout(20)
    try:
        while True:
            part = connection.recv(65536)
            if not part:
                break
            got += part
            if b"\r\n\r\n" in got:
                connection.settimeout(QUIET_S)
    except OSError:
        pass
    return got


def answer(connection, context, path):
    try:
        if context is not None:
            connection.settimeout(20)
            connection = context.wrap_socket(connection, server_side=True)
        got = read_all(connection)
        with open(path, "ab") as seen:
            seen.write(got)
        connection.settimeout(20)
        # in two parts, so that what is looked for in it is not in one
        text = b"hello\n" + got
        half = text.find(b"ecret") if b"ecret" in text else len(text) // 2
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(text) + text[:half])
        connection.sendall(text[half:])
        if context is not None:
            connection = connection.unwrap()
        connection.close()
    except OSError:
        connection.close()


def accept(listener, context, path):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection, context, path), daemon=True).start()


def serve(certificate, path):
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.set_alpn_protocols(["h2", "http/1.1"])
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=accept, args=(listener, context, path), daemon=True).start()
    return listener.getsockname()[1]


def main():
    folder = sys.argv[1]
    seen = os.path.join(folder, "seen")
    ports = (serve(None, seen), serve(os.path.join(folder, "site.pem"), seen),
             serve(os.path.join(folder, "liar.pem"), os.path.join(folder, "seen-liar")))
    print(*ports, flush=True)
    sys.stdin.read()


main()
