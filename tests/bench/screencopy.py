# SPDX-License-Identifier: LGPL-2.1-or-later
"""An outside reader of a wlroots compositor's screen: the few Wayland requests that it takes, on the plain socket.

It asks for copies "with damage", so that the compositor says when something changed: no polling, nothing lost.
"""

import array
import mmap
import os
import select
import socket
import struct
import time


class Screencopy:
    def __init__(self, path, deadline):
        self.deadline = deadline
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self.sock.connect(path)
        self.data, self.next_id, self.globals, self.events = b"", 2, {}, []
        self.memory = None
        self.registry = self.new_id()
        self.send(1, 1, struct.pack("=I", self.registry))  # wl_display.get_registry
        self.sync()
        self.shm = self.bind("wl_shm", 1)
        self.output = self.bind("wl_output", 1)
        self.manager = self.bind("zwlr_screencopy_manager_v1", 2)

    def new_id(self):
        self.next_id += 1
        return self.next_id - 1

    def send(self, target, opcode, body=b"", fds=()):
        message = struct.pack("=II", target, (len(body) + 8) << 16 | opcode) + body
        self.sock.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])

    def receive(self):
        left = self.deadline - time.monotonic()
        if left <= 0 or not select.select([self.sock], [], [], left)[0]:
            raise TimeoutError("the compositor does not answer")
        more = self.sock.recv(65536)
        if not more:
            raise ConnectionError("the compositor hung up")
        self.data += more
        while len(self.data) >= 8:
            target, word = struct.unpack_from("=II", self.data)
            size = word >> 16
            if len(self.data) < size:
                break
            self.events.append((target, word & 0xffff, self.data[8:size]))
            self.data = self.data[size:]

    def next_event(self):
        while not self.events:
            self.receive()
        target, opcode, body = self.events.pop(0)
        if target == 1 and opcode == 0:
            raise RuntimeError("protocol error: %r" % body)
        if target == self.registry and opcode == 0:
            name, length = struct.unpack_from("=II", body)
            self.globals[body[8:8 + length - 1].decode()] = name
        return target, opcode, body

    def sync(self):
        callback = self.new_id()
        self.send(1, 0, struct.pack("=I", callback))
        while self.next_event()[0] != callback:
            pass

    def bind(self, interface, version):
        new, text = self.new_id(), interface.encode() + b"\0"
        body = struct.pack("=II", self.globals[interface], len(text)) + text.ljust((len(text) + 3) & ~3, b"\0")
        self.send(self.registry, 0, body + struct.pack("=II", version, new))
        return new

    def make_buffer(self, layout, width, height, stride):
        fd = os.memfd_create("bench", os.MFD_CLOEXEC)
        os.ftruncate(fd, stride * height)
        self.memory, self.stride, self.height = mmap.mmap(fd, stride * height), stride, height
        pool, self.buffer = self.new_id(), self.new_id()
        self.send(self.shm, 0, struct.pack("=Ii", pool, stride * height), [fd])
        self.send(pool, 0, struct.pack("=IiiiiI", self.buffer, 0, width, height, stride, layout))
        os.close(fd)

    def copy(self, with_damage):
        """One frame into self.memory; False where the compositor failed to."""
        frame = self.new_id()
        self.send(self.manager, 0, struct.pack("=IiI", frame, 0, self.output))
        while True:
            target, opcode, body = self.next_event()
            if target != frame:
                continue
            if opcode == 0:  # buffer; in version 2 there is one
                if self.memory is None:
                    self.make_buffer(*struct.unpack("=IIII", body))
                self.send(frame, 2 if with_damage else 0, struct.pack("=I", self.buffer))
            elif opcode in (2, 3):  # ready, failed
                self.send(frame, 1)
                return opcode == 2

    def shows(self, colour):
        wanted = struct.pack("<I", colour)[:3]
        for y in range(4, self.height, 8):
            row = self.memory[y * self.stride:(y + 1) * self.stride]
            if any(row[x:x + 3] == wanted for x in range(16, self.stride, 32)):
                return True
        return False

    def wait_for_colour(self, colour):
        """When the colour was on the screen that we hold, CLOCK_MONOTONIC seconds."""
        with_damage = False
        while True:
            if self.copy(with_damage):
                now = time.monotonic()
                if self.shows(colour):
                    return now
                with_damage = True
