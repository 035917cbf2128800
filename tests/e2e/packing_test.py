#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Values that were compressed behind the commits read as before: for evalctl,
for the daemon that replaces, withdraws and recalculates them, and for a
stranger with docs/PROTOCOL.md, whatever is killed meanwhile."""
import json
import os
import pathlib
import re
import signal

import frames
from books import Shard, Values
from harness import EndToEnd, evalctl, main, wait_for

COUNT = 2000
PIECE = 32  # projects that are compressed in one transaction
SCHED_IDLE = 5
PREFIX = "evald:1:{310113000:2024}:"


class Packing(EndToEnd):
    def submit(self, daemon, numbers, revision=1):
        door = self.submitter(daemon)
        door.submit({n: frames.frame(n, 60000 + n, revision) for n in numbers})
        return [door.answers[n][1]["outcome"] for n in numbers]

    def packed(self, kind):
        """How many of a hash's values are packed, how many are not."""
        values = self.redis.hash(PREFIX + kind)
        reader = Values(self.redis, kind)
        for value in values.values():
            reader.read(value)
        return reader.packed, len(values) - reader.packed

    def await_packed(self, raw=0):
        wait_for("packing", lambda: self.packed("results")[1] <= raw and
                 self.packed("forms")[1] <= raw, 60)

    def evalctl(self, *arguments):
        return evalctl(*arguments, "--redis", f"unix:{self.redis.socket}")

    def verdict(self, number):
        return json.loads(self.evalctl("show", "310113000", "2024",
                                       f"31011324T{number:012d}",
                                       "--json").stdout)

    def test_nobody_sees_a_difference(self):
        daemon = self.daemon(settings="store:\n  pack: false\n")
        self.submit(daemon, range(COUNT))
        self.assertEqual(self.packed("results"), (0, COUNT))
        before = [self.verdict(n) for n in (0, 7, COUNT - 1)]
        size = int(self.redis.call("MEMORY", "USAGE", PREFIX + "forms"))
        daemon.stop()

        daemon = self.daemon(name="packing")
        self.await_packed()
        self.assertEqual([self.verdict(n) for n in (0, 7, COUNT - 1)], before)
        self.assertLess(int(self.redis.call("MEMORY", "USAGE",
                                            PREFIX + "forms")), size / 2)
        self.evalctl("explain", "310113000", "2024", "31011324T000000000007")
        self.evalctl("verify")
        listed = self.evalctl("list", "310113000", "2024", "--worst", "5")
        self.assertIn("31011324T", listed.stdout)
        self.assertGreater(daemon.metric("evald_packed_values_total"), COUNT)

    def longest_command(self):
        """Arguments of the longest on results and forms that Redis noted,
        which names the first 31 of many and says how many more there are."""
        longest = 0
        for _, _, _, words, *_ in self.redis.call("SLOWLOG", "GET", "-1"):
            if len(words) < 2 or not words[1].endswith((b"results", b"forms")):
                continue
            more = re.match(rb"\.\.\. \((\d+) more", words[-1])
            longest = max(longest, len(words) - 1 + int(more[1]) if more
                          else len(words))
        return longest

    def test_redis_is_asked_for_little_at_a_time(self):
        daemon = self.daemon(settings="store:\n  pack: false\n")
        self.submit(daemon, range(COUNT))
        daemon.stop()
        self.redis.call("CONFIG", "SET", "slowlog-max-len", "100000",
                        "slowlog-log-slower-than", "0")
        self.daemon(name="packing")
        self.await_packed()
        longest = self.longest_command()
        self.assertGreater(longest, PIECE)
        self.assertLessEqual(longest, 2 + 2 * PIECE)

    def test_whoever_is_ready_takes_the_core_from_the_packer(self):
        daemon = self.daemon()
        policies = {}
        for task in pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir():
            name = (task / "comm").read_text().strip()
            policies[name] = os.sched_getscheduler(int(task.name))
        self.assertEqual(policies["packer"], SCHED_IDLE)
        self.assertEqual(policies["worker-0"], os.SCHED_OTHER)

    def test_a_mark_of_another_epoch_counts_for_nothing(self):
        """A store that went back and on again has values that nobody packed,
        below a mark of its earlier life."""
        daemon = self.daemon()
        self.submit(daemon, range(COUNT))
        self.await_packed()
        daemon.stop()
        raw = Shard(self.redis).results["31011324T000000000007"]
        self.redis.call("HSET", PREFIX + "results", "31011324T000000000007",
                        frames.msgpack.packb(raw))
        self.redis.call("SET", PREFIX + "packed", f"1:{COUNT}")
        self.assertEqual(self.packed("results")[1], 1)
        self.daemon(name="again")
        self.await_packed()

    def test_what_is_packed_is_still_replaced(self):
        daemon = self.daemon()
        self.submit(daemon, range(COUNT))
        self.await_packed()
        daemon.stop()
        daemon = self.daemon(name="fresh")  # remembers no project
        self.assertEqual(self.submit(daemon, range(100)), ["unchanged"] * 100)
        self.assertEqual(self.submit(daemon, range(200, 260), 2),
                         ["superseded"] * 60)
        door = self.submitter(daemon)
        job = {"v": 1, "kind": "withdraw", "job_id": "w", "source": "e2e",
               "mof_div_code": "310113000", "fiscal_year": 2024,
               "pro_code": "31011324T000000000300", "pro_name": "项目300",
               "revision": 2}
        door.submit({1: frames.msgpack.packb(job)})
        self.assertEqual(door.answers[1][1]["outcome"], "withdrawn")
        self.await_packed(raw=1)  # what is left of it is too small to shrink
        self.assertEqual(list(Shard(self.redis).differences()), [])
        self.evalctl("verify")

    def test_kills_on_the_way(self):
        """Of the daemon: the mark and the values move together or not."""
        daemon = self.daemon()
        for round_ in range(4):
            first = round_ * COUNT // 2
            self.submit(daemon, range(first, first + COUNT // 2))
            wait_for("some packing", lambda: self.packed("forms")[0] > first / 4
                     or round_ == 0, 60)
            daemon.process.stop(signal.SIGKILL)
            daemon.start()
        self.await_packed()
        self.assertEqual(list(Shard(self.redis).differences()), [])

    def test_a_stream_that_was_trimmed(self):
        daemon = self.daemon(settings="store:\n  pack: false\n")
        self.submit(daemon, range(COUNT))
        daemon.stop()
        self.redis.call("XTRIM", PREFIX + "events", "MAXLEN", "1")
        self.daemon(name="packing")
        self.await_packed()


if __name__ == "__main__":
    main()
