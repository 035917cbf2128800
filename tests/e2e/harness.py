# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: a case with a folder, a Redis and daemons
(servers.py), their doors (doors.py) and their books (books.py).

Everything here talks to evald as a stranger would: ZeroMQ and msgpack by
Debian's Python packages, Redis by its protocol and by redis-cli.
"""
import shutil
import subprocess
import sys
import tempfile
import unittest

from books import COUNTERS, Shard, checksum
from doors import Producer, Reader, Submitter
from servers import (BUILD, EVALCTL, EVALD, FORMS, SLOWNESS, SOURCE, Daemon,
                     Process, Redis, free_port, wait_for)

__all__ = ["BUILD", "COUNTERS", "EVALCTL", "EVALD", "FORMS", "SLOWNESS",
           "SOURCE", "Daemon", "EndToEnd", "Process", "Producer", "Reader",
           "Redis", "Shard", "Submitter", "checksum", "evalctl", "free_port",
           "main", "wait_for"]


def evalctl(*arguments, check=True, **more):
    run = subprocess.run([str(a) for a in (EVALCTL, *arguments)], timeout=300,
                         stdin=subprocess.DEVNULL, capture_output=True,
                         text=True, check=False, **more)
    if check and run.returncode != 0:
        raise AssertionError(f"evalctl {arguments}: {run.returncode}\n"
                             f"{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return run


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
