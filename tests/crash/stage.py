# SPDX-License-Identifier: Apache-2.0
"""The servers and clients of a round, and the hands that keep them going."""
import os
import pathlib
import resource
import struct
import subprocess
import sys
import time

import zmq

import plan as plans
from cutter import Cutter
from doors import Reader
from history import Outage
from servers import (BUILD, SLOWNESS, Daemon, Process, Redis, free_port,
                     wait_for)

HERE = pathlib.Path(__file__).parent
FSYNC = {"everysec": "everysec", "always": "always"}
SETTINGS = """\
  timeout_ms: 400
  retry_ms: 50
events:
  queue: 200
store:
  durability: "{mode}"
shutdown:
  drain_ms: 2000
"""


def now_ms():
    return time.monotonic_ns() // 1000000


NODE = BUILD / "tests" / "crash" / "node"


def set_up_node():
    """Once, before any round; None, or why there is no Node client here."""
    run = subprocess.run(
        [HERE.parent / "clients" / "node_set_up", NODE, *HERE.glob("*.mjs")],
        capture_output=True, text=True, check=False)
    return None if run.returncode == 0 else run.stdout + run.stderr


def spoken(language):
    """Where Node is not there, the C client stands in for it."""
    there = (NODE / "installed.json").exists()
    return "c" if language == "node" and not there else language


def driver(name, language):
    if spoken(language) == "python":
        return [sys.executable, HERE / f"{name}.py"]
    if spoken(language) == "node":
        return ["node", NODE / f"node_{name}.mjs"]
    return [BUILD / "tests" / "crash" / f"crash_{name}"]


class Store:
    """Redis as a mode wants it, behind one name: where it is replicated, the
    death of the primary makes the replica the primary and gives it a new one."""

    def __init__(self, folder, mode):
        self.folder, self.mode = pathlib.Path(folder), mode
        self.socket = self.folder / "store.sock"
        self.outages, self.full_ms, self.stopped = [], None, False
        self.replica, self.count, self.dead_ms = None, 0, None
        self.primary = self.server()
        self.name_it()
        if self.replicated:
            self.add_replica()

    @property
    def replicated(self):
        return self.mode.startswith("replica")

    @property
    def alive(self):
        return self.primary.process.child.poll() is None

    def server(self):
        folder = self.folder / f"redis{self.count}"
        folder.mkdir()
        self.count += 1
        return Redis(folder, FSYNC.get(self.mode),
                     free_port() if self.replicated else 0)

    def name_it(self):
        other = self.folder / "store.sock.new"
        other.symlink_to(self.primary.socket)
        os.replace(other, self.socket)

    def add_replica(self):
        self.replica = self.server()
        self.replica.call("REPLICAOF", "127.0.0.1", self.primary.port)
        wait_for("the replica", lambda: b"master_link_status:up" in
                 self.replica.call("INFO", "replication"))

    def kill(self):
        self.primary.kill()
        self.stopped = False
        self.ended()

    def ended(self):
        """Dead by a signal or, on a full disk, by itself."""
        if self.dead_ms is None:
            self.dead_ms = now_ms()

    def start(self):
        if self.alive:
            return
        self.ended()
        if self.replicated:
            self.primary, self.replica = self.replica, None
            self.primary.call("REPLICAOF", "NO", "ONE")
            self.name_it()
            self.add_replica()
        else:
            self.primary.start()
        self.outages.append(Outage(self.full_ms or self.dead_ms, self.dead_ms,
                                   now_ms()))
        self.dead_ms = self.full_ms = None

    def fill(self, room):
        """No byte more than `room` on its disk, or none in its memory."""
        if self.mode not in FSYNC:
            self.primary.call("CONFIG", "SET", "maxmemory", 1)
            return
        files = self.primary.folder.glob("appendonlydir/*.incr.aof")
        size = max((path.stat().st_size for path in files), default=0)
        self.full_ms = now_ms()
        self.limit(size + room)

    def limit(self, size):
        resource.prlimit(self.primary.process.pid, resource.RLIMIT_FSIZE,
                         (size, resource.RLIM_INFINITY))

    def empty(self):
        """Room again; what died of it starts anew."""
        if not self.alive:
            return self.start()
        if self.mode in FSYNC:
            self.limit(resource.RLIM_INFINITY)
            self.full_ms = None
        else:
            self.primary.call("CONFIG", "SET", "maxmemory", 0)

    def close(self):
        for one in (self.primary, self.replica):
            if one is not None:
                one.kill()


class Client:
    """A producer at the acknowledged door: it is killed and goes on from its
    outbox. Its history is the file that all its lives write."""

    def __init__(self, folder, name, door, plan):
        self.path, self.name, self.door = pathlib.Path(folder), name, door
        self.command = driver("produce", plan.languages[name])
        self.jobs, self.window = plan.jobs[name], plan.window
        self.log = self.path / f"producer-{name}.log"
        with (self.path / f"producer-{name}.jobs").open("wb") as out:
            for job in self.jobs:
                out.write(struct.pack("<IB", len(job.frame), job.later))
                out.write(job.frame)
        self.process, self.position, self.answers, self.rest = None, 0, 0, b""
        self.start()

    def start(self):
        subs = [line for line in self.lines() if line.split()[1] == "sub"]
        first = int(subs[-1].split()[2]) + 1 if subs else 0
        self.process = Process(
            [*self.command, self.door, self.path / f"producer-{self.name}.box",
             self.path / f"producer-{self.name}.jobs", first, self.window],
            self.log)

    def lines(self):
        if not self.log.exists():
            return []
        return [line for line in self.log.read_text("utf-8").splitlines()
                if len(line.split()) > 1]

    def look(self):
        """How many answers it has been told by now."""
        with self.log.open("rb") as file:
            file.seek(self.position)
            data = file.read()
        self.position += len(data)
        whole, _, self.rest = (self.rest + data).rpartition(b"\n")
        self.answers += whole.count(b" ack ") + whole.count(b" nack ")
        return self.answers

    @property
    def running(self):
        return self.process.child.poll() is None

    def kill(self):
        self.process.child.kill()
        self.process.child.wait()


class Ear:
    """A raw SUB at a daemon, and when each message came."""

    def __init__(self, daemon):
        self.reader, self.times = Reader(daemon), []

    def poll(self):
        self.reader.poll(0)
        missing = len(self.reader.messages) - len(self.times)
        self.times += [now_ms()] * missing

    def messages(self):
        return [(ms, *message) for ms, message in
                zip(self.times, self.reader.messages)]


class Pusher:
    """A PUSH at the unacknowledged door; what does not go at once is dropped."""

    def __init__(self, endpoint, jobs):
        self.jobs, self.sent, self.next = jobs, set(), 0
        self.socket = zmq.Context.instance().socket(zmq.PUSH)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(endpoint)

    def push(self, share):
        """As many as their share of the round."""
        while self.next < min(len(self.jobs), share * len(self.jobs)):
            job = self.jobs[self.next]
            self.next += 1
            try:
                self.socket.send(job.frame, zmq.NOBLOCK)
                self.sent.add(job.job_id)
            except zmq.Again:
                pass


class Stage:
    def __init__(self, plan, folder):
        self.plan, self.folder = plan, pathlib.Path(folder)
        self.begin_ms, self.notes, self.cutters = now_ms(), [], []
        self.closing = []
        self.store = Store(folder, plan.mode)
        self.closing.append(self.store.close)
        self.daemons = [self.add_daemon(n) for n in range(plan.daemons)]
        self.ears = [Ear(daemon) for daemon in self.daemons]
        self.reader = self.add_reader()
        self.pusher = Pusher(self.daemons[-1].jobs, plan.jobs[plan.PUSH])
        self.closing += [ear.reader.close for ear in self.ears]
        self.closing.append(self.pusher.socket.close)
        self.clients = [self.add_client(n, name)
                        for n, name in enumerate(plan.PRODUCERS)]
        self.every = sum(len(client.jobs) for client in self.clients)

    def note(self, text):
        self.notes.append(f"{now_ms()} {text}")

    def add_daemon(self, number):
        daemon = Daemon(self.folder, f"evald{number}", self.store,
                        SETTINGS.format(mode=self.plan.mode))
        self.closing.append(lambda: daemon.process.child.kill())
        return daemon

    def cutter(self, endpoint):
        """A door in front of a daemon's that can be cut."""
        back = endpoint.removeprefix("ipc://")
        front = f"{back}.{len(self.cutters)}"
        self.cutters.append(Cutter(front, back))
        self.closing.append(self.cutters[-1].close)
        return f"ipc://{front}"

    def add_reader(self):
        log = self.folder / "reader.log"
        shards = [word for shard in plans.SHARDS for word in shard]
        process = Process(
            [*driver("follow", self.plan.languages["reader"]),
             self.cutter(self.daemons[0].events), f"unix:{self.store.socket}",
             300, *shards], log)
        self.closing.append(lambda: process.child.kill())
        wait_for("the reader", lambda: log.read_text().count(" snapshot ") >=
                 len(plans.SHARDS))
        return process

    def add_client(self, number, name):
        daemon = self.daemons[number % len(self.daemons)]
        client = Client(self.folder, name, self.cutter(daemon.submit),
                        self.plan)
        self.closing.append(lambda: client.process.child.kill())
        return client

    def answers(self):
        return sum(client.look() for client in self.clients)

    def tick(self):
        """A moment: hears what came, pushes what is due."""
        for ear in self.ears:
            ear.poll()
        answers = self.answers()
        self.pusher.push(answers / max(1, self.every))
        time.sleep(0.002)
        return answers

    def hold(self, ms):
        end = now_ms() + ms
        while now_ms() < end:
            self.tick()

    def until(self, condition, seconds):
        """Whether it came true in time."""
        end = now_ms() + seconds * 1000 * SLOWNESS
        while not condition():
            if now_ms() > end:
                return False
            self.tick()
        return True

    def close(self):
        for close in reversed(self.closing):
            close()
        self.closing = []
