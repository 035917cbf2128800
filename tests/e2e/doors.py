# SPDX-License-Identifier: Apache-2.0
"""The doors of evald as a stranger finds them: ZeroMQ and msgpack by Debian's
Python packages, by what docs/PROTOCOL.md says and nothing of evald."""
import time

import msgpack
import zmq

from servers import SLOWNESS, wait_for


class Producer:
    """A PUSH socket that waits rather than drops."""

    def __init__(self, endpoint):
        self.socket = zmq.Context.instance().socket(zmq.PUSH)
        self.socket.setsockopt(zmq.SNDTIMEO, 60000 * SLOWNESS)
        self.socket.setsockopt(zmq.LINGER, 60000)
        self.socket.connect(endpoint)

    def send(self, job):
        self.raw(msgpack.packb(job))

    def raw(self, frame):
        self.socket.send(frame)

    def close(self):
        self.socket.close()


class Submitter:
    """A DEALER at the acknowledged door, as docs/PROTOCOL.md describes it: a
    window, and what came back. `answers` is {number: (type, map)}."""

    ACK, NACK, RETRY = range(3)

    def __init__(self, endpoint, source="e2e", window=None):
        self.endpoint, self.source, self.ask = endpoint, source, window
        self.socket, self.welcome, self.window = None, None, 0
        self.answers, self.unanswered, self.retries = {}, set(), []
        self.pongs, self.resends = 0, []
        self.connect()

    def connect(self, hello=True):
        """A new connection; what was unanswered is to be sent again."""
        self.close()
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 100)
        self.socket.setsockopt(zmq.SNDTIMEO, 60000 * SLOWNESS)
        self.socket.connect(self.endpoint)
        self.unanswered, self.welcome = set(), None
        if hello:
            asked = {"window": self.ask} if self.ask else {}
            self.say(b"hello", msgpack.packb(
                {"v": 1, "source": self.source, **asked}))

    def say(self, *frames):
        self.socket.send_multipart(frames)

    def wait_welcome(self, seconds=20):
        end = time.monotonic() + seconds * SLOWNESS
        while self.welcome is None and time.monotonic() < end:
            self.poll(0.1)
        if self.welcome is None:
            raise AssertionError("no welcome")
        return self.welcome

    def send(self, first, frames, verb=b"jobs"):
        self.unanswered.update(range(first, first + len(frames)))
        self.say(verb, first.to_bytes(8, "big"), *frames)

    def poll(self, seconds):
        """Reads what is there, waiting for the first; how many messages."""
        count = 0
        while self.socket.poll(0 if count else seconds * 1000):
            self.take(*self.socket.recv_multipart())
            count += 1
        return count

    def take(self, verb, body=b""):
        if verb == b"welcome":
            self.welcome = msgpack.unpackb(body)
            self.window = self.welcome["window"]
        elif verb == b"resend":
            self.resends.append(msgpack.unpackb(body))
        elif verb == b"pong":
            self.pongs += 1
        elif verb == b"answers":
            for number, kind, said in msgpack.unpackb(body):
                self.unanswered.discard(number)
                if kind == self.RETRY:
                    self.retries.append((number, said))
                else:
                    self.answers[number] = (kind, said)
        else:
            raise AssertionError(f"what is {verb}?")

    def until(self, what, condition, seconds=30):
        end = time.monotonic() + seconds * SLOWNESS
        while not condition():
            self.poll(0.05)
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what}")

    def submit(self, frames, seconds=60, chunk=64):
        """Sends all of {number: frame} within the window, again what is to be
        sent again, until each is answered."""
        self.wait_welcome()
        end = time.monotonic() + seconds * SLOWNESS
        while any(n not in self.answers for n in frames):
            if time.monotonic() > end:
                raise AssertionError(f"{len(self.answers)} of {len(frames)} "
                                     f"answered in {seconds} s")
            self.top_up(frames, chunk)
            self.poll(0.05)

    def top_up(self, frames, chunk=64):
        """Runs of consecutive numbers, as many as the window lets."""
        run = []
        for number in (n for n in frames if n not in self.answers
                       and n not in self.unanswered):
            if len(self.unanswered) + len(run) >= self.window:
                break
            if run and (number != run[-1] + 1 or len(run) == chunk):
                self.send(run[0], [frames[n] for n in run])
                run = []
            run.append(number)
        if run:
            self.send(run[0], [frames[n] for n in run])

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


class Reader:
    """A SUB socket that has everything, from when its daemon knows it."""

    def __init__(self, daemon, topic=""):
        self.messages = []
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.setsockopt(zmq.LINGER, 0)
        before = daemon.metric("evald_subscriptions")
        self.socket.connect(daemon.events)
        self.socket.subscribe(topic)
        wait_for("the subscription",
                 lambda: daemon.metric("evald_subscriptions") > before)

    def poll(self, seconds):
        while self.socket.poll(seconds * 1000):
            seconds = 0
            topic, body = self.socket.recv_multipart()
            self.messages.append((topic.decode(), msgpack.unpackb(body)))

    def of(self, kind):
        return [message for topic, message in self.messages
                if topic.split(".")[0] == kind]

    def until(self, kind, count, seconds=20):
        """Reads until `count` messages of a kind are there; answers them."""
        end = time.monotonic() + seconds * SLOWNESS
        while len(self.of(kind)) < count and time.monotonic() < end:
            self.poll(0.2)
        found = self.of(kind)
        if len(found) < count:
            raise AssertionError(f"{len(found)} of {count} {kind} messages "
                                 f"in {seconds} s")
        return found

    def close(self):
        self.socket.close()
