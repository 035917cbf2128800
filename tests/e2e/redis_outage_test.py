#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Redis stops for ten seconds under load, goes on, is killed and comes back.

With `appendfsync always` nothing that was published is missing afterwards. With
`everysec` Redis itself may answer before it has written (it puts a write off
while an fsync runs), so a kill can take it back in time: then the epoch must
have grown, and readers been told.
"""
import signal
import threading
import time

import frames
from harness import EndToEnd, Producer, Shard, main, wait_for

RATE = 1500  # jobs a second


class Load(threading.Thread):
    """Sends distinct forms until told to stop; a full door makes it wait. The
    socket stays open: a PUSH that closes while the door is shut loses what the
    kernel still holds of it (libzmq 4.3.4)."""

    def __init__(self, endpoint):
        super().__init__(daemon=True)
        self.producer, self.sent, self.going = Producer(endpoint), 0, True

    def run(self):
        while self.going:
            self.producer.raw(frames.frame(self.sent, 50000 + self.sent % 50000))
            self.sent += 1
            if self.sent % 30 == 0:
                time.sleep(30 / RATE)


class RedisOutage(EndToEnd):
    append_fsync = "always"

    def setUp(self):
        super().setUp()
        self.evald = self.daemon(settings="  timeout_ms: 2000\n")
        self.seen = self.reader(self.evald)
        self.load = Load(self.evald.jobs)
        self.addCleanup(self.load.producer.close)
        self.load.start()

    def read_for(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.seen.poll(0.1)

    def commits_go_on(self):
        before = len(self.seen.of("event"))
        self.seen.until("event", before + 500, 30)

    def test_stopped_continued_killed_and_restarted(self):
        self.commits_go_on()
        self.redis.process.send_signal(signal.SIGSTOP)
        self.read_for(10)
        self.assertEqual(self.evald.page("healthz")[0], 200)
        self.redis.process.send_signal(signal.SIGCONT)
        self.commits_go_on()
        self.redis.kill()
        self.read_for(2)
        self.assertNotEqual(self.evald.page("readyz")[0], 200)
        self.redis.start()
        self.commits_go_on()
        self.nothing_is_missing(self.finish())

    def finish(self):
        """All that was sent is committed and told; answers the shard."""
        self.load.going = False
        self.load.join(60)
        self.seen.until("receipt", self.load.sent, 60)
        shard = self.assert_sound()
        print(f"\n{self.load.sent} jobs, {len(shard.results)} results, "
              f"epoch {shard.epoch}")
        return shard

    def nothing_is_missing(self, shard):
        self.assertEqual(len(shard.results), self.load.sent)
        self.assertEqual(self.epochs(), {shard.epoch},
                         "the store did not go back in time")
        self.published_is_stored(shard)

    def epochs(self):
        return {event["epoch"] for event in self.seen.of("event")}

    def published_is_stored(self, shard):
        for event in self.seen.of("event"):
            logged = shard.events[event["seq"]]
            self.assertEqual((logged[1], logged[2]),
                             (event["pro_code"], event["revision"]))
        seqs = [event["seq"] for event in self.seen.of("event")]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))
        for receipt in self.seen.of("receipt"):
            self.assertIn(receipt["pro_code"], shard.results)

    def kill_it_five_times(self):
        for _ in range(5):
            self.commits_go_on()
            self.redis.kill()
            self.redis.start()
        self.commits_go_on()

    def test_killed_in_the_middle_of_commits(self):
        self.kill_it_five_times()
        self.nothing_is_missing(self.finish())

    def test_a_daemon_that_starts_before_its_redis_waits_for_it(self):
        self.load.going = False
        self.load.join(60)
        self.evald.stop()
        self.redis.kill()
        self.evald.start(ready=False)
        time.sleep(1)
        self.assertIsNone(self.evald.process.child.poll())
        self.assertNotEqual(self.evald.page("readyz")[0], 200)
        self.redis.start()
        wait_for("readiness", self.evald.ready)
        self.assertEqual(list(Shard(self.redis).differences()), [])


class EverySecond(RedisOutage):
    """A loss that Redis does not promise against is told, never hidden."""

    append_fsync = "everysec"
    test_a_daemon_that_starts_before_its_redis_waits_for_it = None

    def nothing_is_missing(self, shard):
        if len(self.epochs()) == 1:
            super().nothing_is_missing(shard)
        else:
            self.assertEqual(max(self.epochs()), shard.epoch)


if __name__ == "__main__":
    main()
