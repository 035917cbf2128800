# SPDX-License-Identifier: Apache-2.0
"""Private servers for the end-to-end tests, and eyes that owe evald nothing.

Everything here talks to evald as a stranger would: ZeroMQ and msgpack by
Debian's Python packages, Redis by its protocol and by redis-cli. Servers live
in a temporary folder, on Unix sockets, and die with the test.
"""
import contextlib
import ctypes
import functools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import msgpack
import zmq

SOURCE = pathlib.Path(__file__).parents[2]
BUILD = pathlib.Path(os.environ.get("EVALD_BUILD", SOURCE / "build" / "dev"))
EVALD = BUILD / "src" / "daemon" / "evald"
EVALCTL = BUILD / "src" / "ctl" / "evalctl"
FORMS = sorted((SOURCE / "examples" / "forms").glob("*.json"))
SLOWNESS = 4 if "asan" in BUILD.name or "tsan" in BUILD.name else 1

COUNTERS = ("forms indicators opening_fen budget_fen executed_fen total_e6 "
            "execution_score_e6 grade_excellent grade_good grade_fair "
            "grade_poor errors warnings infos forms_with_errors "
            "forms_with_warnings grade_differs total_differs score_0 score_10 "
            "score_20 score_30 score_40 score_50 score_60 score_70 score_80 "
            "score_90").split()


def die_with_parent():
    """In the child: a test that is killed leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def wait_for(what, condition, seconds=20):
    """The first true answer of `condition`, or an AssertionError."""
    end = time.monotonic() + seconds * SLOWNESS
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """A child with its output in a file."""

    def __init__(self, arguments, log, **more):
        self.log = pathlib.Path(log)
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(
                [str(a) for a in arguments], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, preexec_fn=die_with_parent,
                env={**os.environ, "LC_ALL": "C.UTF-8"}, **more)

    @property
    def pid(self):
        return self.child.pid

    def send_signal(self, number):
        self.child.send_signal(number)

    def wait(self, seconds=30):
        return self.child.wait(seconds * SLOWNESS)

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Ends it and answers its status; kills it where it does not obey."""
        if self.child.poll() is None:
            # First the one to go on: later it would take away the SIGSTOP by
            # which the leak sanitizer holds an ending process, for ever.
            self.send_signal(signal.SIGCONT)
            self.send_signal(number)
            try:
                return self.wait(seconds)
            except subprocess.TimeoutExpired:
                stacks = self.stacks()
                self.child.kill()
                self.child.wait()
                raise AssertionError(f"{self.child.args[0]} did not stop: "
                                     f"{self.tail()}{stacks}") from None
        return self.child.returncode

    def stacks(self):
        """Where its threads hang: name, state and what they wait for."""
        lines = []
        for task in sorted(pathlib.Path(f"/proc/{self.pid}/task").iterdir()):
            fields = [(task / name).read_text().strip()
                      for name in ("comm", "wchan", "syscall")]
            state = re.search(r"State:\s+(.*)", (task / "status").read_text())
            lines.append(f"{task.name} {state[1]} {' '.join(fields)}")
        return "\n" + "\n".join(lines)

    def tail(self, size=3000):
        return self.log.read_text("utf-8", "replace")[-size:]


class Redis:
    """A private redis-server on a Unix socket."""

    def __init__(self, folder, append_fsync=None):
        self.folder = pathlib.Path(folder)
        self.socket = self.folder / "redis.sock"
        self.append_fsync = append_fsync  # None: no append-only file
        self.process = None
        self.start()

    def start(self):
        self.process = Process(
            ["redis-server", "--port", 0, "--unixsocket", self.socket,
             "--save", "", "--dir", self.folder,
             "--appendonly", "yes" if self.append_fsync else "no",
             "--appendfsync", self.append_fsync or "no"],
            self.folder / "redis.log")
        wait_for("redis-server", self.answers)

    def answers(self):
        with contextlib.suppress(OSError, EOFError):
            return self.call("PING") == b"PONG"

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.child.kill()
        self.process.child.wait()

    def call(self, *arguments):
        """One command over a fresh connection."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(str(self.socket))
            parts = [a if isinstance(a, bytes) else str(a).encode()
                     for a in arguments]
            s.sendall(b"*%d\r\n" % len(parts) + b"".join(
                b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
            with s.makefile("rb") as stream:
                return read_reply(stream)

    def alone(self):
        """Nobody else is connected: what was sent has been done."""
        return len(self.call("CLIENT", "LIST").splitlines()) == 1

    def hash(self, key):
        flat = self.call("HGETALL", key)
        return dict(zip(flat[::2], flat[1::2]))

    def cli(self, *arguments):
        """What redis-cli prints: the way an operator looks."""
        return subprocess.run(
            ["redis-cli", "-s", str(self.socket), *arguments], timeout=60,
            capture_output=True, text=True, check=True).stdout


def read_reply(stream):
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise EOFError("Redis closed the connection")
    kind, rest = line[:1], line[1:-2]
    if kind == b"+":
        return rest
    if kind == b"-":
        raise OSError(rest.decode())
    if kind == b":":
        return int(rest)
    size = int(rest)
    if size < 0:
        return None
    if kind == b"*":
        return [read_reply(stream) for _ in range(size)]
    return stream.read(size + 2)[:-2]


class Daemon:
    """evald on doors of its own."""

    def __init__(self, folder, name="evald", redis=None, settings="",
                 arguments=()):
        self.folder, self.name = pathlib.Path(folder), name
        self.jobs = f"ipc://{folder}/{name}.jobs"
        self.submit = f"ipc://{folder}/{name}.submit"
        self.events = f"ipc://{folder}/{name}.events"
        self.port = free_port()
        self.config = self.folder / f"{name}.yaml"
        self.config.write_text(self.configuration(redis) + settings)
        self.arguments = ["--config", self.config, *arguments]
        self.process = None
        self.start()

    def configuration(self, redis):
        text = (f"doors:\n  jobs: {self.jobs}\n  submit: {self.submit}\n"
                f"  events: {self.events}\n"
                f"  metrics: 127.0.0.1:{self.port}\n")
        if redis is not None:
            text += f"redis:\n  address: unix:{redis.socket}\n"
        return text

    def start(self, ready=True):
        self.process = Process([EVALD, *self.arguments],
                               self.folder / f"{self.name}.log")
        if ready:
            wait_for(f"evald to be ready; {self.process.tail()}", self.ready)

    def ready(self):
        if self.process.child.poll() is not None:
            raise AssertionError(f"evald ended: {self.process.tail()}")
        return self.page("readyz")[0] == 200

    def page(self, name):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{name}",
                                        timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def metrics(self):
        """{"evald_frames_total": 11.0, 'evald_jobs_total{outcome="…"}': …}"""
        lines = self.page("metrics")[1].splitlines()
        return {name: float(value) for line in lines if line[:1] not in ("", "#")
                for name, value in [line.rsplit(" ", 1)]}

    def metric(self, name):
        return sum(value for key, value in self.metrics().items()
                   if key == name or key.startswith(name + "{"))

    def stop(self):
        return self.process.stop()


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
        self.pongs = 0
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


def evalctl(*arguments, check=True, **more):
    run = subprocess.run([str(a) for a in (EVALCTL, *arguments)], timeout=300,
                         stdin=subprocess.DEVNULL, capture_output=True,
                         text=True, check=False, **more)
    if check and run.returncode != 0:
        raise AssertionError(f"evalctl {arguments}: {run.returncode}\n"
                             f"{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return run


def checksum(counters):
    """Of an aggregate, as docs/PROTOCOL.md defines it."""
    h = 14695981039346656037
    for value in counters:
        h = (h ^ (value & 0xFFFFFFFFFFFFFFFF)) * 1099511628211 % 2 ** 64
    return h


class Shard:
    """What Redis holds of a division and year, read and added up anew."""

    def __init__(self, redis, division="310113000", year=2024):
        prefix = f"evald:1:{{{division}:{year}}}:"
        self.redis, self.prefix = redis, prefix
        aggregate = redis.hash(prefix + "aggregate")
        self.epoch, self.seq = int(aggregate[b"epoch"]), int(aggregate[b"seq"])
        self.counters = [int(aggregate[name.encode()]) for name in COUNTERS]
        self.results = {code.decode(): msgpack.unpackb(value) for code, value
                        in redis.hash(prefix + "results").items()}
        self.departments = redis.hash(prefix + "departments")
        self.batches = [msgpack.unpackb(fields[fields.index(b"b") + 1])
                        for _, fields in
                        redis.call("XRANGE", prefix + "events", "-", "+")]

    @functools.cached_property
    def events(self):
        """{seq: event} of the whole log."""
        return {batch[2] + i: event for batch in self.batches
                for i, event in enumerate(batch[7])}

    def differences(self):
        """What does not add up, in words; the test's own `verify`."""
        sums = [sum(column) for column in zip(
            *(result[10] for result in self.results.values()
              if result[1] == 0))] or [0] * len(COUNTERS)
        if sums != self.counters:
            yield f"aggregate {self.counters}, results add to {sums}"
        parts = [sum(column) for column in zip(
            *(msgpack.unpackb(v)[1:] for v in self.departments.values()))]
        if parts and parts != self.counters:
            yield f"departments add to {parts}"
        after = 0
        for _, _, first, last, _, _, _, events in self.batches:
            if first != after + 1 or last - first + 1 != len(events):
                yield f"batch {first}..{last} of {len(events)} after {after}"
            after = last
        if after != self.seq:
            yield f"the log ends at {after}, the aggregate at {self.seq}"
        if self.batches:
            if self.batches[-1][6] != self.counters:
                yield "the last batch has other counters"
            if self.batches[-1][5] != checksum(self.counters):
                yield "the last batch has another checksum"


class EndToEnd(unittest.TestCase):
    """A folder, a Redis and what else a test starts; all gone afterwards."""

    append_fsync = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="evald-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.redis = Redis(self.folder, self.append_fsync)
        self.addCleanup(self.redis.stop)

    def daemon(self, **more):
        daemon = Daemon(self.folder, redis=self.redis, **more)
        self.addCleanup(daemon.stop)
        self.addCleanup(self.no_complaint, daemon)
        return daemon

    def no_complaint(self, daemon):
        for word in ("Sanitizer", "runtime error:", "Assertion"):
            self.assertNotIn(word, daemon.process.log.read_text("utf-8"))

    def producer(self, daemon):
        producer = Producer(daemon.jobs)
        self.addCleanup(producer.close)
        return producer

    def submitter(self, daemon, **more):
        submitter = Submitter(daemon.submit, **more)
        self.addCleanup(submitter.close)
        return submitter

    def reader(self, daemon, topic=""):
        reader = Reader(daemon, topic)
        self.addCleanup(reader.close)
        return reader

    def assert_sound(self, **shard):
        """Our own sums and evalctl's agree that nothing is wrong."""
        found = Shard(self.redis, **shard)
        self.assertEqual(list(found.differences()), [])
        evalctl("verify", "--redis", f"unix:{self.redis.socket}")
        return found


def main():
    """ctest gives the build folder by the environment."""
    if not EVALD.exists():
        sys.exit(f"{EVALD} is not built")
    unittest.main(verbosity=2)
