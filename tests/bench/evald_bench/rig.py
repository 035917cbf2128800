# SPDX-License-Identifier: Apache-2.0
"""Redis, the daemon and the C programs of the bench, each in a folder of its
own that is removed after it."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__),
                                    "..", "..", ".."))
DIVISIONS = 17
RULESETS = os.path.join(ROOT, "config", "rulesets")
RULESET = os.path.join(RULESETS, "cn-sh-2024.yaml")
LONGEST = 1800  # seconds that any one program may take

AOF = {
    "off": ["--appendonly", "no"],
    "everysec": ["--appendonly", "yes", "--appendfsync", "everysec"],
    "always": ["--appendonly", "yes", "--appendfsync", "always"],
}

LAYOUT = """\
doors:
  jobs: ipc://{folder}/jobs
  submit: ipc://{folder}/submit
  events: ipc://{folder}/events
  metrics: 127.0.0.1:{port}
redis:
  address: unix:{folder}/redis.sock
rulesets:
  folder: {rulesets}
  serve:
    - {{ division: "*", years: "*", ruleset: {ruleset} }}
"""


def configuration(folder, port, ruleset, rulesets=RULESETS):
    """A daemon whose doors and Redis are sockets in the folder."""
    return LAYOUT.format(folder=folder, port=port, ruleset=ruleset,
                         rulesets=rulesets)


class Skip(Exception):
    """What a figure needs is not here; the text says what."""


class Failure(Exception):
    """A figure could not be measured; the text says why."""


class Build:
    """The build folder whose programs are measured."""
    folder = os.path.join(ROOT, "build", "release")


def build_release():
    """Builds the release preset; a Failure carries the compiler's words."""
    for command in (["cmake", "--preset", "release"],
                    ["cmake", "--build", "--preset", "release"]):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Failure(done.stdout)


def program(name):
    return os.path.join(Build.folder, "tests", "bench", name)


def evalctl():
    return os.path.join(Build.folder, "src", "ctl", "evalctl")


def forms():
    folder = os.path.join(ROOT, "examples", "forms")
    return sorted(os.path.join(folder, name) for name in os.listdir(folder)
                  if name.endswith(".json"))


def call(*command, timeout=LONGEST, **options):
    """What a program prints; a Failure with its last words if it fails."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True,
                              timeout=timeout, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failure(str(error)) from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip().split("\n")
        raise Failure(f"{os.path.basename(command[0])}: exit status "
                      f"{done.returncode}: {words[-1]}")
    return done.stdout


def run(*command, **options):
    """The last line of a program's output, read as JSON."""
    lines = call(*map(str, command), **options).strip().split("\n")
    return json.loads(lines[-1])


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"{what} did not start in {seconds} s")
        time.sleep(0.02)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """A server that is ended, whatever happens."""

    def __init__(self, command, ready, what):
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: self.alive(what) and ready(), what)
        except Failure:
            self.stop()
            raise

    def alive(self, what):
        if self.child.poll() is not None:
            raise Failure(f"{what} ended with {self.child.returncode}")
        return True

    @property
    def pid(self):
        return self.child.pid

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Redis(Process):
    def __init__(self, folder, mode="off"):
        self.socket = os.path.join(folder, "redis.sock")
        super().__init__(
            ["redis-server", "--port", "0", "--unixsocket", self.socket,
             "--dir", folder, "--save", "", "--loglevel", "warning",
             *AOF[mode]], lambda: self.command("PING") == "PONG",
            "redis-server")

    def command(self, *words, stdin=None):
        done = subprocess.run(["redis-cli", "-s", self.socket, *words],
                              input=stdin, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL)
        return done.stdout.strip()

    def keys(self):
        return self.command("--scan").split()

    def bytes_of(self, key):
        return int(self.command("MEMORY", "USAGE", key, "SAMPLES", "0"))


class Daemon(Process):
    def __init__(self, folder, under=(), more=""):
        """`under`: a command to run it under (valgrind …); `more`: lines for
        its configuration."""
        path = os.path.join(folder, "evald.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(configuration(folder, free_port(), "cn-sh-2024") + more)
        self.jobs, self.submit, self.events = (
            f"ipc://{folder}/{door}" for door in ("jobs", "submit", "events"))
        self.config = path
        super().__init__(
            [*under, os.path.join(Build.folder, "src", "daemon", "evald"),
             "--config", path, "--log-level", "error"],
            lambda: all(os.path.exists(os.path.join(folder, door))
                        for door in ("jobs", "submit", "events")), "evald")

    def load(self, count, first=0, stride=1, revision=1, group=()):
        """Sends jobs through the PULL door until all are committed."""
        return run(program("bench_load"), self.jobs, self.events, count,
                   DIVISIONS, first, stride, revision, *group)


class Echo(Process):
    """The bare ZeroMQ round trip."""

    def __init__(self, folder, event_bytes):
        self.jobs, self.events = (
            f"ipc://{folder}/echo-{door}" for door in ("jobs", "events"))
        super().__init__(
            [program("bench_echo"), self.jobs, self.events, str(event_bytes)],
            lambda: os.path.exists(os.path.join(folder, "echo-jobs")),
            "bench_echo")


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="evald-bench-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def stack(mode="off"):
    """A Redis and a daemon on it, both empty."""
    with folder() as path, Redis(path, mode) as redis, Daemon(path) as daemon:
        yield redis, daemon
