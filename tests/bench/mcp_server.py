# SPDX-License-Identifier: LGPL-2.1-or-later
"""`glovebox mcp` as a client has it, and how long it takes to answer."""

import json
import subprocess
import time


class McpServer:
    """One server; ended, with its sessions, at the end of a with block."""

    def __init__(self, glovebox, policy, env, log):
        self.process = subprocess.Popen([glovebox, "mcp", "--policy", policy], env=env, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=log)
        self.last_id = 0
        self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}})

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def ask(self, method, params):
        """From the line that asks to the line that answers, in ms, and the result."""
        self.last_id += 1
        line = json.dumps({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}).encode() + b"\n"
        start = time.monotonic()
        self.process.stdin.write(line)
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        took = (time.monotonic() - start) * 1000
        return took, json.loads(answer)["result"]

    def call(self, tool, **arguments):
        """How long it took, in ms, and what is structured of the result."""
        took, result = self.ask("tools/call", {"name": tool, "arguments": arguments})
        if result["isError"]:
            raise RuntimeError("%s: %s" % (tool, result["structuredContent"]))
        return took, result["structuredContent"]

    def start(self, name, command, **quiet):
        """A session with a terminal that is there, and quiet where that is said. Its handle."""
        session = self.call("session_start", name=name, command=command)[1]["session"]
        self.call("wait_for", session=session, appId="foot", **quiet)
        return session
