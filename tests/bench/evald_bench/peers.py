# SPDX-License-Identifier: Apache-2.0
"""Job queues that do the same work: the same job frames, scored by the same C
functions, results, forms, aggregates and events committed to the same Redis."""

import contextlib
import os
import shutil
import subprocess
from statistics import median

from . import rig, throughput

HERE = os.path.join(rig.ROOT, "tests", "bench", "peers")
PYTHON = "/usr/bin/python3"
# The best of what was tried; docs/PERFORMANCE.md says what.
STREAMS_WORKERS = 1
BEANSTALK_WORKERS = 1
CELERY = {"PEER_POOL": "solo", "PEER_WORKERS": "2"}
BULLMQ_WORKERS = 1
BULLMQ_CONCURRENCY = 100


class Beanstalkd(rig.Process):
    def __init__(self, folder):
        self.socket = os.path.join(folder, "beanstalkd.sock")
        super().__init__(
            ["beanstalkd", "-l", "unix:" + self.socket, "-z", "1048576"],
            lambda: os.path.exists(self.socket), "beanstalkd")


def in_c(name, queue, redis, count, workers):
    return rig.run(rig.program(name), queue, redis, rig.RULESET, count,
                   rig.DIVISIONS, workers)["per_second"]


def streams(count):
    with rig.folder() as path, rig.Redis(path) as redis:
        return in_c("peer_streams", redis.socket, redis.socket, count,
                    STREAMS_WORKERS)


def beanstalkd(count):
    if not shutil.which("beanstalkd"):
        raise rig.Skip("no beanstalkd here (Debian package beanstalkd)")
    with rig.folder() as path, rig.Redis(path) as redis, \
            Beanstalkd(path) as queue:
        return in_c("peer_beanstalk", queue.socket, redis.socket, count,
                    BEANSTALK_WORKERS)


def settings(path, redis, count, **more):
    """The environment of a peer that is not in C."""
    frames = os.path.join(path, "frames")
    with open(frames, "wb") as file:
        subprocess.run([rig.program("bench_frames"), str(count),
                        str(rig.DIVISIONS)], stdout=file, check=True)
    return dict(os.environ, PEER_REDIS=redis.socket, PEER_FRAMES=frames,
                PEER_LIBRARY=rig.program("libbench_peer.so"),
                PEER_RULESET=rig.RULESET,
                PEER_LUA=os.path.join(HERE, "commit.lua"), **more)


def has_celery():
    return subprocess.run([PYTHON, "-c", "import celery, msgpack, redis"],
                          stderr=subprocess.DEVNULL).returncode == 0


def celery(count):
    if not has_celery():
        raise rig.Skip("no Celery here (Debian packages python3-celery, "
                       "python3-redis, python3-msgpack)")
    with rig.folder() as path, rig.Redis(path) as redis:
        return rig.run(PYTHON, "-B", os.path.join(HERE, "celery_peer.py"),
                       "run", env=settings(path, redis, count, **CELERY)
                       )["per_second"]


def node_folder():
    """Where bullmq.mjs runs: beside what npm installs for it."""
    folder = os.path.join(rig.ROOT, "build", "bench-node")
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "package-lock.json", "bullmq.mjs"):
        shutil.copy(os.path.join(HERE, name), folder)
    return folder


def bullmq_folder():
    if not shutil.which("node") or not shutil.which("npm"):
        raise rig.Skip("no Node here (node and npm)")
    folder = node_folder()
    if not os.path.isdir(os.path.join(folder, "node_modules", "bullmq")):
        try:
            rig.call("npm", "ci", "--ignore-scripts", "--no-audit",
                     "--no-fund", cwd=folder, timeout=300)
        except rig.Failure as failure:
            raise rig.Skip(f"BullMQ cannot be installed: {failure}") \
                from failure
    return folder


@contextlib.contextmanager
def node_worker(folder, environment):
    """A worker that has said that it is ready."""
    with subprocess.Popen(["node", "bullmq.mjs", "work"], cwd=folder,
                          env=environment, stdout=subprocess.PIPE) as worker:
        try:
            if worker.stdout.readline().strip() != b"ready":
                raise rig.Failure("a worker of BullMQ did not start")
            yield
        finally:
            worker.terminate()


def bullmq(count):
    folder = bullmq_folder()
    with rig.folder() as path, rig.Redis(path) as redis:
        environment = settings(path, redis, count,
                               PEER_CONCURRENCY=str(BULLMQ_CONCURRENCY))
        with contextlib.ExitStack() as workers:
            for _ in range(BULLMQ_WORKERS):
                workers.enter_context(node_worker(folder, environment))
            return rig.run("node", "bullmq.mjs", "run", cwd=folder,
                           env=environment, timeout=600)["per_second"]


def against(name, peer):
    """evald goes through its acknowledged door: the peers keep a job until it
    is committed, and so must it. Nobody listens to events, here or there."""
    prefix = f"peers.{name}."

    def measure(bench):
        ours, theirs = [], []
        for _ in bench.rounds():
            theirs.append(peer(bench.sizes.peers[name]))
            ours.append(throughput.door_round(
                "off", bench.sizes.peers["evald"], listen=False))
        return {prefix + "ratio": throughput.median_ratio(ours, theirs),
                prefix + "per_second": round(median(theirs)),
                prefix + "evald_per_second": round(median(ours))}
    return measure


PEERS = {"streams_c": streams, "beanstalkd": beanstalkd, "bullmq": bullmq,
         "celery": celery}
