#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A Redis that cannot keep the promise is refused until it is mended; one
that can is believed, and an answer is worth what the welcome says."""
import pathlib
import signal
import subprocess
import tempfile

import frames
from harness import EVALD, Daemon, EndToEnd, Redis, main, wait_for


class Durability(EndToEnd):
    def setUp(self):
        super().setUp()
        self.set("appendfsync", "everysec")

    def serve(self, durability):
        """A daemon that wants it, not waited for."""
        evald = Daemon.__new__(Daemon)
        evald.start = lambda ready=True: None
        evald.__init__(self.folder, redis=self.redis,
                       settings=f"  retry_ms: 50\nstore:\n"
                                f"  durability: {durability}\n")
        del evald.start
        evald.start(ready=False)
        self.addCleanup(evald.stop)
        self.addCleanup(self.no_complaint, evald)
        return evald

    def refused(self, evald, setting):
        wait_for(f"{setting} to be named",
                 lambda: f"{setting}: " in evald.process.tail())
        self.assertIn("is refused", evald.process.tail())
        self.assertNotEqual(evald.page("readyz")[0], 200)

    def promised(self, evald):
        wait_for("readiness", evald.ready)
        door = self.submitter(evald)
        door.submit({1: frames.frame(1, 60000)})
        self.assertEqual(door.answers[1][0], door.ACK)
        return door.welcome["durability"]

    def set(self, *pair):
        self.redis.call("CONFIG", "SET", *pair)
        if pair == ("appendonly", "yes"):
            wait_for("the file", lambda: b"aof_rewrite_in_progress:0" in
                     self.redis.call("INFO", "persistence"))

    def test_everysec_wants_the_file(self):
        evald = self.serve("everysec")
        self.refused(evald, "appendonly")
        self.set("appendonly", "yes")
        self.assertEqual(self.promised(evald), "everysec")

    def test_always_wants_it_synced(self):
        self.set("appendonly", "yes")
        evald = self.serve("always")
        self.refused(evald, "appendfsync")
        self.set("no-appendfsync-on-rewrite", "yes")
        self.set("appendfsync", "always")
        self.refused(evald, "no-appendfsync-on-rewrite")
        self.set("no-appendfsync-on-rewrite", "no")
        self.assertEqual(self.promised(evald), "always")

    def test_one_that_evicts_is_refused_by_every_mode(self):
        self.set("maxmemory-policy", "allkeys-lru")
        evald = self.serve("memory")
        self.refused(evald, "maxmemory-policy")
        self.set("maxmemory-policy", "noeviction")
        self.assertEqual(self.promised(evald), "memory")

    def test_auto_says_what_redis_is_set_to(self):
        evald = self.serve("auto")
        self.assertEqual(self.promised(evald), "memory")
        self.assertIn("appendonly is off", evald.process.tail())
        evald.stop()
        self.set("appendonly", "yes")
        evald.start()
        self.assertEqual(self.promised(evald), "everysec")

    def replica(self):
        replica = Redis(tempfile.mkdtemp(dir=self.folder))
        self.addCleanup(replica.stop)
        # A replica reaches its master over TCP alone.
        port = 0
        for port in range(21000, 21100):
            try:
                self.set("port", port)
                break
            except OSError:
                continue
        replica.call("REPLICAOF", "127.0.0.1", port)
        return replica

    def test_a_replica_must_have_it_first(self):
        evald = self.serve("replica:1")
        self.refused(evald, "replicaof")
        replica = self.replica()
        self.assertEqual(self.promised(evald), "replica:1")
        self.assertEqual(replica.call("HLEN", "evald:1:{310113000:2024}:results"),
                         1)
        door = self.submitter(evald)
        door.wait_welcome()
        replica.process.send_signal(signal.SIGSTOP)
        door.send(5, [frames.frame(2, 60000)])
        wait_for("the wait", lambda: "have confirmed" in evald.process.tail())
        self.assertEqual(door.poll(0.5), 0, "no answer before the replica's")
        replica.process.send_signal(signal.SIGCONT)
        door.until("the answer", lambda: 5 in door.answers)
        self.assertEqual(door.answers[5][1]["outcome"], "committed")

    def test_what_is_unchanged_must_be_on_the_replica_too(self):
        """A commit whose connection breaks before the replica has it, and the
        same job again: it is there, and not yet as safe as is promised."""
        evald, replica = self.serve("replica:1"), self.replica()
        self.promised(evald)
        door, job = self.submitter(evald), [frames.frame(2, 60000)]
        door.wait_welcome()
        replica.process.send_signal(signal.SIGSTOP)
        door.send(5, job)
        wait_for("the wait", lambda: "have confirmed" in evald.process.tail())
        self.redis.call("CLIENT", "KILL", "TYPE", "normal")
        door.until("its end", lambda: door.retries)
        wait_for("a connection", evald.ready)
        door.send(6, job)
        self.assertEqual(door.poll(2), 0, "no answer before the replica's")
        replica.process.send_signal(signal.SIGCONT)
        door.until("the answer", lambda: 6 in door.answers)
        self.assertEqual(door.answers[6][1]["outcome"], "unchanged")

    def test_a_word_that_is_none(self):
        config = pathlib.Path(self.folder) / "bad.yaml"
        config.write_text("store:\n  durability: replica:99\n")
        run = subprocess.run([EVALD, "--check-config", "--config", config],
                             capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("store.durability", run.stderr)


if __name__ == "__main__":
    main()
