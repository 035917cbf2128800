# SPDX-License-Identifier: Apache-2.0
"""The same work by Celery.

    celery_peer.py run     starts a worker, sends every job, waits for the last
                           commit, prints one line of JSON

The environment says where everything is: PEER_REDIS (a socket), PEER_LIBRARY,
PEER_RULESET, PEER_FRAMES (of bench_frames), PEER_LUA, PEER_POOL, PEER_WORKERS.

Best configuration found: broker on the same Redis over its Unix socket, msgpack
as serializer, results ignored, no rate limits, no events, no gossip, mingle or
heartbeat, 128 tasks prefetched a process, scoring in C through ctypes, one
script call a commit.
"""

import ctypes
import json
import os
import subprocess
import sys
import time

import celery
import msgpack
import redis

SOCKET = os.environ["PEER_REDIS"]
ROOM = 1 << 16
WARM = 16
START = 3.0  # seconds that two workers take to be there, with time to spare
WAIT = 60  # seconds without a commit

app = celery.Celery("celery_peer", broker="redis+socket://" + SOCKET)
app.conf.update(task_serializer="msgpack", accept_content=["msgpack"],
                task_ignore_result=True, worker_disable_rate_limits=True,
                worker_prefetch_multiplier=128, task_send_sent_event=False,
                worker_send_task_events=False, broker_pool_limit=None,
                task_store_errors_even_if_ignored=False,
                worker_hijack_root_logger=False)


class Committer:
    """Of one process, made when its first job comes."""

    def __init__(self):
        library = ctypes.CDLL(os.environ["PEER_LIBRARY"])
        library.peer_scorer_new.restype = ctypes.c_void_p
        library.peer_score_packed.restype = ctypes.c_size_t
        library.peer_score_packed.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p,
            ctypes.c_size_t]
        self.score = library.peer_score_packed
        self.scorer = library.peer_scorer_new(
            os.environ["PEER_RULESET"].encode())
        self.out = ctypes.create_string_buffer(ROOM)
        self.redis = redis.Redis(unix_socket_path=SOCKET)
        with open(os.environ["PEER_LUA"], encoding="utf-8") as file:
            self.script = self.redis.script_load(file.read())

    def __call__(self, frame):
        size = self.score(self.scorer, frame, len(frame), self.out, ROOM)
        if size == 0:
            raise ValueError("a job that cannot be scored")
        shard, project, result, form, event, deltas = msgpack.unpackb(
            ctypes.string_at(self.out, size))
        key = "peer:{" + shard + "}:"
        self.redis.evalsha(self.script, 4, key + "results", key + "forms",
                           key + "aggregate", key + "events", project, result,
                           form, event, *deltas)


COMMITTER = None


@app.task(name="score", ignore_result=True)
def score(frame):
    global COMMITTER
    if COMMITTER is None:
        COMMITTER = Committer()
    COMMITTER(frame)


def frames():
    with open(os.environ["PEER_FRAMES"], "rb") as file:
        data, at = file.read(), 0
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "little")
        yield data[at + 4:at + 4 + size]
        at += 4 + size


def done(store):
    return int(store.get("peer:done") or 0)


def wait_until(store, count, workers):
    last, moved = 0, time.monotonic()
    while (now := done(store)) < count:
        if now != last:
            last, moved = now, time.monotonic()
        if time.monotonic() - moved > WAIT or any(
                worker.poll() is not None for worker in workers):
            sys.exit(f"celery: {now} of {count} jobs, and then nothing")
        time.sleep(0.005)


def send(some):
    with app.producer_pool.acquire(block=True) as producer:
        for frame in some:
            score.apply_async((frame,), producer=producer)


def start_worker(number):
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "celery_peer", "worker",
         "-P", os.environ["PEER_POOL"], "-c", "1", "-n", f"peer{number}@%h",
         "-O", "fair", "--without-gossip", "--without-mingle",
         "--without-heartbeat", "-l", "error"],
        cwd=os.path.dirname(os.path.abspath(__file__)),
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def timed(store, jobs, workers):
    """Seconds, after the workers have shown that they are there."""
    for part in (jobs[:WARM], jobs[WARM:]):
        begin, before = time.monotonic(), done(store)
        send(part)
        wait_until(store, before + len(part), workers)
    return time.monotonic() - begin


def run():
    store, jobs = redis.Redis(unix_socket_path=SOCKET), list(frames())
    workers = [start_worker(number)
               for number in range(int(os.environ["PEER_WORKERS"]))]
    try:
        time.sleep(START)
        seconds = timed(store, jobs, workers)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()
    count = len(jobs) - WARM
    print(json.dumps({"jobs": count, "seconds": round(seconds, 4),
                      "per_second": round(count / seconds, 1)}))


if __name__ == "__main__" and sys.argv[1:] == ["run"]:
    run()
