#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Values that were compressed behind the commits read as before: for evalctl,
for the daemon that replaces, withdraws and recalculates them, and for a
stranger with docs/PROTOCOL.md, whatever is killed meanwhile."""
import json
import signal

import frames
from books import Shard, Values
from harness import EndToEnd, evalctl, main, wait_for

COUNT = 2000
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
