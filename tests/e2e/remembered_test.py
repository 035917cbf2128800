#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""More projects than a worker remembers: what became of each is known or asked
for, never guessed."""
import re

import frames
import msgpack
from harness import EndToEnd, main

COUNT = 3000
SETTINGS = "intake:\n  batch_jobs: 64\nworker:\n  cache_projects: 1024\n"


class Remembered(EndToEnd):
    def setUp(self):
        super().setUp()
        self.evald = self.daemon(settings=SETTINGS)
        self.door = self.submitter(self.evald)

    def outcomes(self, jobs, door=None):
        """What became of {number: frame}: the outcomes that there were."""
        door = door or self.door
        door.answers.clear()
        door.submit(jobs)
        return {answer["outcome"] for _, answer in door.answers.values()}

    def asked(self):
        """Commands that read fields, beyond one a shard and commit."""
        stats = self.redis.call("INFO", "commandstats").decode()
        calls = {name: int(count) for name, count in
                 re.findall(r"cmdstat_(\w+):calls=(\d+)", stats)}
        return calls["hmget"] - calls["exec"]

    def test_what_left_memory_is_told_apart_from_what_never_was(self):
        first = {n: frames.frame(n, 60000) for n in range(COUNT)}
        self.assertEqual(self.outcomes(first), {"committed"})
        self.assertLess(self.asked(), 10, "the division was empty")
        self.assertEqual(self.outcomes(first), {"unchanged"})
        newer = {n: frames.frame(n, 60001, 2) for n in range(COUNT)}
        self.assertEqual(self.outcomes(newer), {"superseded"})
        self.assertEqual(self.outcomes(first), {"stale"})
        self.assert_sound()

    def test_what_another_wrote_is_asked_for(self):
        self.outcomes({0: frames.frame(0, 60000)})
        other = self.submitter(self.daemon(name="other"))
        theirs = {n: frames.frame(n, 60000) for n in range(1, 200)}
        self.assertEqual(self.outcomes(theirs, other), {"committed"})
        self.assertEqual(self.outcomes(theirs), {"unchanged"})
        self.assert_sound()

    def test_nothing_to_do_is_so_now_and_not_as_remembered(self):
        other = self.submitter(self.daemon(name="other"))
        job = {0: frames.frame(0, 60000)}
        self.assertEqual(self.outcomes(job), {"committed"})
        self.assertEqual(self.outcomes(job), {"unchanged"})
        keys = ("v", "job_id", "source", "mof_div_code", "fiscal_year",
                "pro_code", "revision")
        form = frames.form(0, 60000)
        gone = {0: msgpack.packb(
            {"kind": "withdraw", **{key: form[key] for key in keys}})}
        self.assertEqual(self.outcomes(gone, other), {"withdrawn"})
        self.assertEqual(self.outcomes(job), {"stale"})
        self.assertEqual(self.outcomes(job, other), {"stale"})
        self.assert_sound()

    def test_a_division_that_was_not_empty_is_asked(self):
        jobs = {n: frames.frame(n, 60000) for n in range(200)}
        self.assertEqual(self.outcomes(jobs), {"committed"})
        self.door.close()
        self.evald.stop()
        self.door = self.submitter(self.daemon(name="next"))
        self.assertEqual(self.outcomes(jobs), {"unchanged"})
        self.assert_sound()


if __name__ == "__main__":
    main()
