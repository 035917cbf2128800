#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The eleven published forms, from a ZeroMQ frame to Redis and to an event."""
import json
import subprocess

import msgpack

from harness import (COUNTERS, EVALCTL, FORMS, EndToEnd, Shard, checksum,
                     evalctl, main)

TOPIC = "310113000.2024"

# Added up by hand from the table of the forms: 万元 in 分, points in millionths.
BY_HAND = {
    "forms": 11, "indicators": 39, "opening_fen": 665080000,
    "budget_fen": 722330000, "executed_fen": 707540000,
    "total_e6": 995710000, "execution_score_e6": 95710000,
    "grade_excellent": 10, "grade_good": 0, "grade_fair": 0, "grade_poor": 1,
    "score_0": 1, "score_80": 0, "score_90": 10,
    "grade_differs": 0, "total_differs": 0,
}


class ElevenForms(EndToEnd):
    def setUp(self):
        super().setUp()
        self.evald = self.daemon()
        self.seen = self.reader(self.evald)
        self.push = self.producer(self.evald)
        self.jobs = [json.loads(p.read_text("utf-8")) for p in FORMS]

    def send(self, *jobs):
        before = len(self.seen.of("receipt"))
        for job in jobs:
            self.push.send(job)
        return self.seen.until("receipt", before + len(jobs))[before:]

    def test_all_the_way(self):
        receipts = self.send(*self.jobs)
        events = self.seen.until("event", 11)
        self.check_receipts(receipts)
        self.check_events(events)
        self.check_aggregate()
        self.check_log(events)
        self.assert_sound()

    def check_receipts(self, receipts):
        for job, receipt in zip(self.jobs, receipts):
            self.assertEqual(receipt["outcome"], "committed")
            self.assertEqual(receipt["job_id"], job["job_id"])
            self.assertEqual(receipt["grade"], job["grade"])
            self.assertEqual(float(receipt["total"]), float(job["total"]))
            self.assertEqual(receipt["ruleset"], "cn-sh-2024")
        topics = {t for t, _ in self.seen.messages}
        self.assertIn("receipt.published-forms", topics)
        self.assertIn(f"event.{TOPIC}", topics)
        self.assertIn(f"aggregate.{TOPIC}", topics)

    def check_events(self, events):
        self.assertEqual([e["seq"] for e in events], list(range(1, 12)))
        self.assertEqual([e["prev"] for e in events], list(range(0, 11)))
        for job, event in zip(self.jobs, events):
            self.assertEqual(event["pro_code"], job["pro_code"])
            self.assertEqual(event["outcome"], "committed")
            self.assertEqual(event["grade"], job["grade"])
            self.assertEqual(float(event["total"]), float(job["total"]))
            self.assertEqual(event["errors"], 0, job["pro_name"])

    def check_aggregate(self):
        """Redis by redis-cli, the message, and the sums by hand: one truth."""
        lines = self.redis.cli("hgetall", f"evald:1:{{310113000:2024}}:aggregate")
        words = lines.split()
        stored = dict(zip(words[::2], words[1::2]))
        for name, value in BY_HAND.items():
            self.assertEqual(int(stored[name]), value, name)
        wanted = stored["seq"]
        message = [m for m in self.seen.of("aggregate")
                   if m["seq"] == int(wanted)][-1]
        counters = [int(stored[name]) for name in COUNTERS]
        self.assertEqual([message[name] for name in COUNTERS], counters)
        self.assertEqual(message["checksum"], f"{checksum(counters):016x}")
        self.assertEqual(message["epoch"], int(stored["epoch"]))

    def check_log(self, events):
        """Each event's checksum is that of the sums after it."""
        shard, sums = Shard(self.redis), [0] * len(COUNTERS)
        for event in events:
            logged = shard.events[event["seq"]]
            self.assertEqual(logged[1], event["pro_code"])
            result = shard.results[event["pro_code"]]
            sums = [a + b for a, b in zip(sums, result[10])]
            self.assertEqual(f"{checksum(sums):016x}", event["checksum"])
            self.assertEqual(logged[14], checksum(sums))

    def test_what_is_sent_again(self):
        job = dict(self.jobs[1])
        self.send(job)
        newer, other = dict(job, revision=2), dict(job, revision=2)
        newer["funds"] = json.loads(json.dumps(job["funds"]))
        newer["funds"]["total"]["executed"] = "200.00"
        steps = [(job, "unchanged"), (newer, "superseded"), (job, "stale"),
                 (newer, "unchanged"), (other, "conflict")]
        for again, outcome in steps:
            self.assertEqual(self.send(again)[0]["outcome"], outcome)
        events = self.seen.until("event", 2)
        self.assertEqual([e["seq"] for e in events], [1, 2])
        shard = self.assert_sound()
        self.assertEqual(shard.seq, 2)
        named = dict(zip(COUNTERS, shard.counters))
        self.assertEqual((named["forms"], named["executed_fen"]),
                         (1, 200000000))

    def test_a_withdrawn_form_leaves_the_sums(self):
        self.send(*self.jobs[:2])
        job = self.jobs[0]
        keys = ("v", "job_id", "source", "mof_div_code", "fiscal_year",
                "pro_code", "pro_name")
        withdrawal = {k: job[k] for k in keys} | {"kind": "withdraw",
                                                  "revision": 2}
        self.assertEqual(self.send(withdrawal)[0]["outcome"], "withdrawn")
        self.assertEqual(self.send(job)[0]["outcome"], "stale")
        named = dict(zip(COUNTERS, self.assert_sound().counters))
        self.assertEqual((named["forms"], named["budget_fen"]),
                         (1, 300000000))

    def test_a_message_of_many_frames_is_many_jobs(self):
        self.push.socket.send_multipart([msgpack.packb(j) for j in self.jobs])
        self.seen.until("event", 11)
        self.assert_sound()

    def test_a_new_reader_is_told_the_present_state(self):
        self.send(*self.jobs)
        late = self.reader(self.evald, f"aggregate.{TOPIC}")
        (state,) = late.until("aggregate", 1)[:1]
        self.assertEqual(state["seq"], 11)

    def test_evalctl_tells_the_same(self):
        self.send(*self.jobs)
        redis = ("--redis", f"unix:{self.redis.socket}")
        job = self.jobs[2]
        shown = json.loads(evalctl("show", "310113000", "2024",
                                   job["pro_code"], "--json", *redis).stdout)
        self.assertEqual(float(shown["total"]), float(job["total"]))
        scored = json.loads(evalctl("score", FORMS[2], "--json").stdout)
        self.assertEqual(shown["findings"], scored["findings"])
        self.assertEqual(shown["form_digest"], scored["form_digest"])
        worst = evalctl("list", "310113000", "2024", "--worst", "1", "--json",
                        *redis).stdout.splitlines()
        self.assertIn(self.jobs[4]["pro_code"], worst[0])
        sums = json.loads(evalctl("aggregate", "310113000", "2024", "--json",
                                  *redis).stdout.splitlines()[0])
        self.assertIn("722330000", json.dumps(sums))

    def test_evalctl_watches_and_submits(self):
        redis = ("--redis", f"unix:{self.redis.socket}")
        with subprocess.Popen(
                [EVALCTL, "watch", "310113000", "2024", "--json", "--count",
                 "11", "--from", "1", "--events", self.evald.events, *redis],
                stdout=subprocess.PIPE, text=True) as watch:
            evalctl("submit", "--fire-and-forget", "--jobs", self.evald.jobs,
                    *FORMS)
            out, _ = watch.communicate(timeout=60)
        self.seen.until("event", 11)
        lines = [json.loads(line) for line in out.splitlines()]
        seqs = [line["seq"] for line in lines if line.get("kind") == "event"]
        self.assertEqual(seqs, list(range(1, 12)))


if __name__ == "__main__":
    main()
