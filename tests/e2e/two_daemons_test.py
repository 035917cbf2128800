#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two daemons on one Redis and one shard, at full load, with resubmissions."""
import os
import threading
import time

import frames
from books import Values
from harness import SLOWNESS, EndToEnd, main

COUNT = int(os.environ.get("EVALD_FORMS", "100000"))


def feed(producer, batch):
    for frame in batch:
        producer.raw(frame)


class TwoDaemons(EndToEnd):
    def setUp(self):
        super().setUp()
        self.daemons = [self.daemon(name="one"), self.daemon(name="two")]
        self.mixture = frames.Mixture(COUNT, seed=20241123)

    def done(self, daemon):
        return sum(value for key, value in daemon.metrics().items()
                   if key.startswith("evald_jobs_total"))

    def outcomes(self):
        sums = {}
        for daemon in self.daemons:
            for key, value in daemon.metrics().items():
                if key.startswith("evald_jobs_total"):
                    name = key.split('"')[1]
                    sums[name] = sums.get(name, 0) + int(value)
        return sums

    def run_them(self):
        """Feeds each its half; answers what each did while both were
        saturated: from when both had begun until the first was through."""
        half = COUNT // 2
        feeders = [threading.Thread(
            target=feed, args=(self.producer(daemon), part), daemon=True)
                   for daemon, part in zip(self.daemons, (
                       self.mixture.frames[:half], self.mixture.frames[half:]))]
        for feeder in feeders:
            feeder.start()
        begun = shares = None
        end = time.monotonic() + 120 * SLOWNESS
        while time.monotonic() < end:
            done = [self.done(daemon) for daemon in self.daemons]
            if begun is None and min(done) >= half * 0.02:
                begun = done
            if shares is None and max(done) >= half * 0.98:
                shares = [now - then for now, then in zip(done, begun or done)]
            if sum(done) >= COUNT:
                break
            time.sleep(0.02)
        for feeder in feeders:
            feeder.join()
        self.assertEqual(sum(done), COUNT, "every job was brought to an end")
        return shares

    def test_nothing_is_lost_doubled_or_starved(self):
        begin = time.monotonic()
        shares = self.run_them()
        seconds = time.monotonic() - begin
        print(f"\n{COUNT} jobs in {seconds:.1f} s, shares {shares}, "
              f"{self.outcomes()}")
        self.assertGreaterEqual(min(shares), sum(shares) / 3)
        self.check_end()
        self.check_outcomes()

    def check_end(self):
        shard = self.assert_sound()
        self.assertEqual(set(shard.results), set(self.mixture.best))
        self.assertEqual(sorted(shard.events), list(range(1, shard.seq + 1)))
        forms = self.redis.hash(shard.prefix + "forms")
        values = Values(self.redis, "forms")
        for code, (revision, executed) in self.mixture.best.items():
            self.assertEqual(shard.results[code][2], revision)
            stored = values.read(forms[code.encode()])[10][0][2] // 10000
            self.assertIn(stored, executed)

    def check_outcomes(self):
        """The kinds that do not depend on who was first."""
        found = self.outcomes()
        self.assertEqual(found["committed"], len(self.mixture.best))
        self.assertEqual(found.get("rejected", 0), 0)
        self.assertEqual(found["unchanged"] + found["conflict"] +
                         found["stale"] + found["superseded"],
                         COUNT - len(self.mixture.best))
        for outcome in ("unchanged", "conflict", "stale", "superseded"):
            self.assertGreater(found[outcome], 0, outcome)


if __name__ == "__main__":
    main()
