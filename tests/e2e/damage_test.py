#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A key that is not evald's stops its own division and year, and no other."""
import time

import frames
import msgpack
from harness import EndToEnd, Shard, evalctl, main, wait_for

PREFIX = "evald:1:{310113000:2024}:"
KEYS = ("aggregate", "results", "forms", "departments", "events", "turn")


class Damage(EndToEnd):
    def setUp(self):
        super().setUp()
        self.evald = self.daemon(settings="  retry_ms: 100\n")
        self.door = self.submitter(self.evald)
        self.number = 0

    def frame(self, number, year=2024):
        return frames.frame(number, 60000, year=year)

    def good(self):
        """Another year of the same division is served meanwhile."""
        self.number += 1
        self.door.submit({self.number: self.frame(self.number, 2023)})
        self.assertEqual(self.door.answers[self.number][1]["outcome"],
                         "committed")

    def put_off(self):
        """A job for the damaged one is asked to come again, in a batch with
        one for another."""
        before = len(self.door.retries)
        first = self.number + 1
        self.number += 2
        self.door.send(first, [self.frame(first), self.frame(first + 1, 2023)])
        self.door.until("to be told", lambda: len(self.door.retries) > before)
        number, said = self.door.retries[before]
        self.assertEqual((number, said["reason"]), (first, "store_damaged"))
        self.assertGreater(said["after_ms"], 0)
        self.door.until("the other", lambda: first + 1 in self.door.answers)
        self.assert_stored(first + 1)
        return first

    def assert_stored(self, number):
        """A key that changes its type within a connection may be noticed by
        the transaction itself, whose other commands then stand."""
        self.assertIn(self.door.answers[number][1]["outcome"],
                      ("committed", "unchanged"))

    def test_each_key(self):
        for name in KEYS:
            with self.subTest(name=name):
                self.one_key(PREFIX + name)

    def one_key(self, key):
        self.number += 1
        self.door.submit({self.number: self.frame(self.number)})
        self.redis.call("DEL", "kept")
        if self.redis.call("EXISTS", key):
            self.redis.call("RENAME", key, "kept")
        self.redis.call("SET", key, "another program's")
        try:
            number = self.see(key)
        finally:
            self.redis.call("DEL", key)
            if self.redis.call("EXISTS", "kept"):
                self.redis.call("RENAME", "kept", key)
            time.sleep(0.15)
        self.door.submit({number: self.frame(number)}, seconds=10)
        self.assert_stored(number)
        self.assertEqual(self.evald.metric("evald_shards_damaged"), 0)

    def see(self, key):
        self.good()
        number = self.put_off()
        self.good()
        self.assertEqual(self.evald.metric("evald_shards_damaged"), 1)
        self.assertIn(f"{key}", self.evald.process.tail(20000))
        self.assertIn("310113000 2024 is damaged", self.evald.process.tail())
        self.assertEqual(self.evald.page("readyz")[0], 200)
        self.assertEqual(self.redis.call("GET", key), b"another program's")
        return number

    def test_at_the_start_and_without_an_answer(self):
        """The PULL door has no answer to give: jobs lie with the rejects, and
        are submitted again when the key is gone."""
        self.evald.stop()
        self.redis.call("SADD", "evald:1:shards", "310113000:2024",
                        "310113000:2023")
        self.redis.call("SET", PREFIX + "aggregate", "another program's")
        self.evald.start()
        seen, push = self.reader(self.evald), self.producer(self.evald)
        push.raw(self.frame(1))
        push.raw(self.frame(2, 2023))
        (told,) = seen.until("reject", 1)
        self.assertEqual(told["problems"][0]["code"], "store_damaged")
        self.assertIn("evalctl verify --repair", told["problems"][0]["text"])
        seen.until("receipt", 1)
        address = ("--redis", f"unix:{self.redis.socket}")
        evalctl("verify", "--repair", *address)
        time.sleep(0.15)
        evalctl("rejects", "--requeue", "all", "--code", "store_damaged",
                "--config", self.evald.config)
        self.assertEqual(Shard(self.redis).counters[0], 1)
        evalctl("verify", *address)

    def test_a_field_that_is_no_number(self):
        self.door.submit({0: self.frame(0)})
        self.redis.call("HSET", PREFIX + "aggregate", "seq", "x")
        self.number = 10
        self.good()
        self.put_off()
        evalctl("verify", "--repair", "--redis", f"unix:{self.redis.socket}")
        time.sleep(0.15)
        self.door.submit({100: self.frame(100)})
        self.assertEqual(self.door.answers[100][1]["outcome"], "committed")
        self.assertEqual(Shard(self.redis).counters[0], 2)

    def test_a_recalculation_is_put_off_too(self):
        self.door.submit({0: self.frame(0)})
        self.redis.call("RENAME", PREFIX + "forms", "kept")
        self.redis.call("SET", PREFIX + "forms", "another program's")
        job = {"v": 1, "kind": "recalculate", "job_id": "again",
               "source": "e2e", "mof_div_code": "310113000",
               "fiscal_year": 2024,
               "projects": [frames.form(0, 0)["pro_code"], "none"]}
        self.door.send(10, [msgpack.packb(job)], b"recalc-jobs")
        self.door.until("to be told", lambda: self.door.retries)
        self.assertEqual(self.door.retries[0][1]["reason"], "store_damaged")
        self.number = 20
        self.good()
        wait_for("no trouble", lambda: self.evald.ready())


if __name__ == "__main__":
    main()
