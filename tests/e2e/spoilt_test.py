#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each answer of a real Redis spoilt once, in each way: a daemon and a producer
at its acknowledged door go on, nothing that was acknowledged is missing, nothing
is there twice, and no answer says what is not so."""
import collections
import time
from types import SimpleNamespace

import frames
from harness import EndToEnd, Shard, Submitter, evalctl, main
from spoiler import WAYS, Spoiler

PROJECTS, CORRECTED, AGAIN = 12, 6, 3
CHANGES = ("committed", "superseded")
LEAST = 40  # answers a run has at the least: less is no test


class Spoilt(EndToEnd):
    append_fsync = "always"

    def setUp(self):
        super().setUp()
        self.spoiler = Spoiler(f"{self.folder}/spoilt.sock", self.redis.socket)
        self.addCleanup(self.spoiler.close)
        self.evald = self.spoilt_daemon()
        self.runs = 0

    def spoilt_daemon(self):
        """Its Redis is the socket before the real one."""
        real, self.redis = self.redis, SimpleNamespace(socket=self.spoiler.socket)
        evald = self.daemon(settings="  retry_ms: 100\nstore:\n  pack: false\n")
        self.redis = real
        return evald

    def jobs(self):
        """Two lots: projects, and behind them corrections and the same again."""
        base = PROJECTS * self.runs
        first = {n: frames.frame(base + n, 50000 + n) for n in range(PROJECTS)}
        second = {PROJECTS + n: frames.frame(base + n, 60000 + n, 2)
                  for n in range(CORRECTED)}
        for n in range(AGAIN):
            second[PROJECTS + CORRECTED + n] = first[CORRECTED + n]
        return first, second

    def run_once(self, number, how):
        """True: there was an n-th answer to spoil."""
        door = Submitter(self.evald.submit)
        self.addCleanup(door.close)
        door.wait_welcome()
        self.spoiler.spoil(number, how)
        for lot in self.jobs():
            door.submit(lot)
        reached = self.spoiler.reached()
        door.close()
        self.runs += 1
        self.check(door.answers)
        return reached

    def check(self, answers):
        shard = Shard(self.redis)
        self.assertEqual(list(shard.differences()), [])
        self.assertEqual(len(shard.results), PROJECTS * self.runs)
        jobs = collections.Counter(e[3] for e in shard.events.values())
        self.assertEqual(set(jobs.values()), {1}, jobs)
        self.assertEqual(len(jobs), (PROJECTS + CORRECTED) * self.runs)
        for number, (kind, said) in answers.items():
            self.assertEqual(kind, Submitter.ACK, said)
            self.check_answer(shard, number, said)

    def check_answer(self, shard, number, said):
        """What was told of a job is what the store has."""
        if said["outcome"] in CHANGES:
            self.assertEqual(shard.events[said["seq"]][3], said["job_id"])
            self.assertLess(number, PROJECTS + CORRECTED)
        else:  # told again, or sent again after all
            self.assertEqual(said["outcome"], "unchanged")
        result = shard.results[said["pro_code"]]
        if said["revision"] == result[2]:
            self.assertEqual(said["form_digest"], result[3].hex())

    def every_answer(self, how):
        began, number = time.monotonic(), 1
        while self.run_once(number, how):
            number += 1
        evalctl("verify", "--redis", f"unix:{self.redis.socket}")
        print(f"\n{how}: {number - 1} runs, "
              f"{time.monotonic() - began:.1f} s", flush=True)
        self.assertGreater(number, LEAST)


def test_of(how):
    return lambda self: self.every_answer(how)


for way in WAYS:
    setattr(Spoilt, f"test_{way}", test_of(way))

if __name__ == "__main__":
    main()
