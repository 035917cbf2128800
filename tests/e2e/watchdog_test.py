#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What systemd hears while one thread of the daemon stands still: a worker that
is stuck keeps the word of life back, a packer over a long step does not."""
import ctypes
import os
import pathlib
import socket
import unittest

from harness import EndToEnd, main, wait_for

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000
PACE_MS = 100  # half of what systemd would wait
TICKS = 8


def trace(request, thread):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long] * 4
    if libc.ptrace(request, thread, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


class Watchdog(EndToEnd):
    def setUp(self):
        super().setUp()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        name = str(pathlib.Path(self.folder) / "notify")
        self.socket.bind(name)
        self.set("NOTIFY_SOCKET", name)
        self.set("WATCHDOG_USEC", str(2000 * PACE_MS))
        self.evald = self.daemon()

    def set(self, name, value):
        os.environ[name] = value
        self.addCleanup(os.environ.pop, name)

    def stand_still(self, name):
        """The thread of an actor alone; the others go on."""
        tasks = pathlib.Path(f"/proc/{self.evald.process.pid}/task").iterdir()
        thread, = (int(task.name) for task in tasks
                   if (task / "comm").read_text().strip() == name)
        try:
            trace(SEIZE, thread)
        except OSError as error:
            raise unittest.SkipTest(f"no thread can be held here: {error}")
        trace(INTERRUPT, thread)
        os.waitpid(thread, WALL)
        return thread

    def hear(self, ticks):
        """How often the word of life came within so many ticks; each tells the
        state, whether or not it tells of life."""
        alive = seen = 0
        while seen < ticks:
            message = self.socket.recv(4096)
            alive += message == b"WATCHDOG=1"
            seen += message.startswith(b"STATUS=")
        return alive

    def drain(self):
        """What was told until now, and what was on its way."""
        self.socket.setblocking(False)
        try:
            while True:
                self.socket.recv(4096)
        except BlockingIOError:
            self.socket.settimeout(60)
        self.hear(2)

    def test_each_tick_tells_of_life(self):
        self.drain()
        self.assertGreaterEqual(self.hear(TICKS), TICKS // 2)

    def test_a_packer_over_a_long_step_is_not_waited_for(self):
        thread = self.stand_still("packer")
        self.drain()
        self.assertGreaterEqual(self.hear(TICKS), TICKS // 2)
        trace(DETACH, thread)

    def test_a_worker_that_is_stuck_is_told_by_silence(self):
        thread = self.stand_still("worker-0")
        self.drain()
        self.assertEqual(self.hear(TICKS), 0)
        trace(DETACH, thread)
        wait_for("life", lambda: self.hear(1))


if __name__ == "__main__":
    main()
