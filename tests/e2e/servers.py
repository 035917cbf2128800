# SPDX-License-Identifier: Apache-2.0
"""Private servers: a redis-server and an evald of a test's own, in a temporary
folder, on Unix sockets, that die with the test."""
import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

SOURCE = pathlib.Path(__file__).parents[2]
BUILD = pathlib.Path(os.environ.get("EVALD_BUILD", SOURCE / "build" / "dev"))
EVALD = BUILD / "src" / "daemon" / "evald"
EVALCTL = BUILD / "src" / "ctl" / "evalctl"
FORMS = sorted((SOURCE / "examples" / "forms").glob("*.json"))
SLOWNESS = 4 if "asan" in BUILD.name or "tsan" in BUILD.name else 1


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
    """A private redis-server on a Unix socket; `port` 0: on nothing else."""

    def __init__(self, folder, append_fsync=None, port=0):
        self.folder = pathlib.Path(folder)
        self.socket = self.folder / "redis.sock"
        self.append_fsync = append_fsync  # None: no append-only file
        self.port, self.process = port, None
        self.start()

    def start(self):
        # A file that may not grow is then an error to it, as on a full disk.
        self.process = Process(
            ["env", "--ignore-signal=XFSZ", "redis-server", "--port", self.port, "--unixsocket", self.socket,
             "--save", "", "--dir", self.folder,
             "--appendonly", "yes" if self.append_fsync else "no",
             "--appendfsync", self.append_fsync or "no",
             "--repl-diskless-sync-delay", 0],
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

    def save_files(self):
        """What its append-only file holds now; with restore_files it is that
        again."""
        shutil.copytree(self.folder / "appendonlydir", self.folder / "older")

    def restore_files(self):
        self.kill()
        shutil.rmtree(self.folder / "appendonlydir")
        (self.folder / "older").rename(self.folder / "appendonlydir")
        self.start()

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
