# SPDX-License-Identifier: Apache-2.0
"""A scripted acknowledged door, and a driver of a client run against it."""
import struct
import subprocess
import threading
import time

import msgpack
import zmq

PATIENCE = 20.0


class Door:
    """A ROUTER that says what it is told to. `welcome` answers hellos by
    itself, and pings are answered, unless `mute`."""

    def __init__(self, window=1024, max_bytes=1 << 20, port=None):
        self.context = zmq.Context.instance()
        self.window, self.max_bytes, self.mute = window, max_bytes, False
        self.hellos, self.peers = [], []
        self.losses = []  # of which a welcome speaks
        self.versions = None  # that are spoken instead
        self._bind(port)

    def _bind(self, port):
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.maxmsgsize = self.max_bytes
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket.bind(f"tcp://127.0.0.1:{port or '*'}")
                break
            except zmq.ZMQError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.endpoint = self.socket.last_endpoint.decode().rstrip("\0")
        self.port = int(self.endpoint.rsplit(":", 1)[1])

    def close(self):
        self.socket.close()

    def restart(self):
        """As a daemon that was killed and comes back: every connection ends."""
        self.close()
        self._bind(self.port)

    def _receive(self, wait):
        if not self.socket.poll(wait * 1000):
            return None
        peer, *frames = self.socket.recv_multipart()
        if self.mute:
            return None
        if frames[0] == b"hello":
            self.hellos.append(msgpack.unpackb(frames[1]))
            self.peers.append(peer)
            if self.versions:
                self.socket.send_multipart([peer, b"unwelcome", msgpack.packb(
                    {"v": 2, "reason": "bad_version",
                     "versions": self.versions})])
                return None
            self.socket.send_multipart([peer, b"welcome", msgpack.packb(
                {"v": 1, "window": self.window, "durability": "always",
                 "instance": "0" * 16, "max_message_bytes": self.max_bytes,
                 "resend": self.losses, "x_more": [1]})])
        elif frames[0] == b"ping":
            self.socket.send_multipart([peer, b"pong"])
        else:
            first, = struct.unpack(">Q", frames[1])
            return [(peer, frames[0].decode(), first + i, frame)
                    for i, frame in enumerate(frames[2:])]
        return None

    def jobs(self, count, wait=PATIENCE):
        """At least so many jobs, as (peer, word, correlation, frame)."""
        got, end = [], time.monotonic() + wait
        while len(got) < count:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{len(got)} of {count} jobs came")
            got += self._receive(left) or []
        return got

    def quiet(self, seconds):
        """What comes meanwhile; hellos and pings are answered."""
        got, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            got += self._receive(left) or []
        return got

    def until_end(self, driver, wait=PATIENCE):
        """The same until a driver has ended, however slowly it began."""
        got, end = [], time.monotonic() + wait
        while driver.process.poll() is None and time.monotonic() < end:
            got += self.quiet(0.05)
        return got

    def ask(self, peer, loss):
        self.socket.send_multipart([peer, b"resend", msgpack.packb(loss)])

    def answer(self, peer, *answers):
        self.socket.send_multipart([peer, b"answers", msgpack.packb(answers)])


def name(frame):
    """The job_id of a driver's frame: {"job_id": str8}."""
    return frame[10:10 + frame[9]].decode()


def ack(correlation, frame, outcome="committed"):
    return [correlation, 0, {
        "job_id": name(frame), "outcome": outcome, "total": "99.9",
        "mof_div_code": "310113000", "fiscal_year": 2024, "pro_code": "P",
        "revision": 1, "epoch": 1, "seq": correlation, "grade": "优",
        "form_digest": "0" * 32, "ruleset": "cn-sh-2024", "x_new": {"a": [1]}}]


def nack(correlation, frame):
    return [correlation, 1, {
        "job_id": name(frame), "source": None, "outcome": "rejected",
        "rejects_id": "1-0", "problems": [
            {"code": "missing_key", "key": "v", "offset": 0, "text": "缺"},
            {"code": "bad_kind", "key": "kind", "offset": 9, "text": "错"}]}]


def retry(correlation, after_ms, reason="store_away"):
    return [correlation, 2, {"reason": reason, "after_ms": after_ms}]


class Driver:
    """A driver that runs; what it prints is read as it comes."""

    def __init__(self, command, *arguments):
        self.process = subprocess.Popen([*command, *map(str, arguments)],
                                        stdout=subprocess.PIPE, text=True)
        self.said, self.news = [], threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.said.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def lines(self):
        with self.news:
            return list(self.said)

    def until(self, begin, wait=PATIENCE):
        """Waits until a line begins so; the lines so far."""
        def there():
            return any(line.startswith(begin) for line in self.said)
        with self.news:
            self.news.wait_for(
                lambda: there() or not self.reader.is_alive(), wait)
            if not there():
                raise AssertionError(f"no {begin!r} in {self.said[-20:]}")
        return self.lines()

    def kill(self):
        self.process.kill()
        self.end()

    def end(self):
        """Waits for it; its exit status."""
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"does not end: {self.lines()[-20:]}")
        self.reader.join()
        self.process.stdout.close()
        return status
