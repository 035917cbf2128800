#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: reader_test.py DRIVER [ARGUMENT…]

What include/evald/client.h promises of a reader, held against a feed that
loses what the test wants lost and a private Redis; the same for every
language, each through its driver."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import msgpack
import redis
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "clients/python"))
from door import Driver
from evald import checksum

DRIVER = []
DIV, YEAR = "310113000", 2024
SHARD = f"evald:1:{{{DIV}:{YEAR}}}:"
TOPIC = f"{DIV}.{YEAR}"
COUNTERS = ("forms indicators opening_fen budget_fen executed_fen total_e6 "
            "execution_score_e6 grade_excellent grade_good grade_fair "
            "grade_poor errors warnings infos forms_with_errors "
            "forms_with_warnings grade_differs total_differs").split() + \
    [f"score_{ten}" for ten in range(0, 100, 10)]


class Feed:
    """What the daemon would store and publish, told apart."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "redis.sock")
        self.server = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket,
             "--dir", folder, "--save", ""], stdout=subprocess.DEVNULL)
        self.store = redis.Redis(unix_socket_path=self.socket)
        end = time.monotonic() + 20
        while True:
            try:
                self.store.ping()
                break
            except redis.exceptions.ConnectionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        self.context = zmq.Context.instance()
        self.pub = self.context.socket(zmq.XPUB)
        self.pub.linger = 0
        self.pub.bind("tcp://127.0.0.1:*")
        self.endpoint = self.pub.last_endpoint.decode().rstrip("\0")
        self.epoch, self.seq, self.sum = 1, 0, dict.fromkeys(COUNTERS, 0)
        self.log_begins = 0

    def ranges(self):
        """How often the stream was read."""
        told = self.store.info("commandstats").get("cmdstat_xrange")
        return told["calls"] if told else 0

    def close(self):
        self.pub.close()
        self.store.close()
        self.server.send_signal(signal.SIGCONT)
        self.server.kill()
        self.server.wait()

    def commit(self, count=1, publish=True, stream=True):
        """`count` changes in one transaction; the messages, published or not."""
        first, self.seq = self.seq + 1, self.seq + count
        events = []
        for seq in range(first, self.seq + 1):
            self.sum["forms"] += 1
            withdrawn = seq % 5 == 0
            events.append([
                5 if withdrawn else 0, f"P{seq}", 1, f"j{seq}", "test",
                None if withdrawn else 99900000, None if withdrawn else 0,
                None if withdrawn else "优", 0, 0, 0, "-",
                None if withdrawn else bytes(range(16)), "cn-sh-2024",
                int(checksum(self.sum.values()), 16)])
        batch = msgpack.packb([1, self.epoch, first, self.seq, 1700000000000,
                               events[-1][-1], list(self.sum.values()), events])
        with self.store.pipeline() as pipe:
            pipe.hset(SHARD + "aggregate", mapping={
                "epoch": self.epoch, "seq": self.seq, "commit": "n",
                "updated_ms": 1700000000000, **self.sum,
                **({"log_begins": self.log_begins} if self.log_begins else {})
            })
            if stream:
                pipe.xadd(SHARD + "events", {"b": batch, "n": "n"},
                          id=f"{self.seq}-0")
            pipe.execute()
        messages = [(f"event.{TOPIC}", self._event(first + i, event))
                    for i, event in enumerate(events)]
        messages.append((f"aggregate.{TOPIC}", self._aggregate(first - 1)))
        if publish:
            self.publish(messages)
        return messages

    def _head(self, kind, seq, prev):
        return {"v": 1, "kind": kind, "epoch": self.epoch, "seq": seq,
                "prev": prev, "mof_div_code": DIV, "fiscal_year": YEAR}

    def _event(self, seq, event):
        withdrawn = event[0] == 5
        return {**self._head("event", seq, seq - 1), "pro_code": event[1],
                "revision": 1, "job_id": event[3], "source": "test",
                "outcome": "withdrawn" if withdrawn else "committed",
                "total": None if withdrawn else "99.9",
                "grade": event[7], "errors": 0, "warnings": 0, "infos": 0,
                "dept_code": "-", "form_digest": event[12] and event[12].hex(),
                "ruleset": "cn-sh-2024", "checksum": f"{event[14]:016x}",
                "at_ms": 1700000000000}

    def _aggregate(self, prev):
        return {**self._head("aggregate", self.seq, prev),
                "checksum": checksum(self.sum.values()), **self.sum,
                "at_ms": 1700000000000}

    def behind(self, of="event", seq=None):
        """What the daemon says when a message did not fit."""
        head = self._head("behind", seq or self.seq + 1, 0)
        del head["prev"]
        return f"{of}.{TOPIC}", {**head, "of": of}

    def publish(self, messages):
        for topic, body in messages:
            self.pub.send_multipart([topic.encode(), msgpack.packb(body)])

    def await_subscriptions(self):
        for _ in range(2):
            if not self.pub.poll(20000):
                raise AssertionError("nobody subscribes")
            self.pub.recv()
        time.sleep(0.05)


class Reader(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.feed = Feed(self.folder.name)

    def tearDown(self):
        if hasattr(self, "driver") and self.driver.process.poll() is None:
            self.driver.kill()
        self.feed.close()
        self.folder.cleanup()

    def drive(self, epoch=0, seq=0):
        self.driver = Driver(DRIVER, self.feed.endpoint, self.feed.socket, DIV,
                             YEAR, epoch, seq)
        self.feed.await_subscriptions()

    def until(self, line):
        return self.driver.until(line)

    def seqs(self, live=None):
        return [int(line.split()[4]) for line in self.driver.lines()
                if line.startswith("event") and live in (None, line[6] == "1")]

    def test_events_come_as_published(self):
        self.feed.commit(3, publish=False)
        self.drive()
        self.until("snapshot 1 3 forms 3")
        self.feed.commit(2)
        lines = self.until("aggregate 1 5 forms 5")
        self.assertEqual(self.seqs(live=True), [4, 5])
        digest = bytes(range(16)).hex()
        self.assertRegex(lines[1], rf"event 1 {DIV} 1 4 P4 committed 9990 "
                                   rf"{digest} [0-9a-f]{{16}}")
        self.assertRegex(lines[2], rf"event 1 {DIV} 1 5 P5 withdrawn -1 - "
                                   r"[0-9a-f]{16}")
        self.assertEqual(len(lines), 4, lines)

    def test_a_lost_message_is_fetched_and_told(self):
        self.drive()
        self.until("snapshot 1 0" if self.feed.seq else "snapshot 0 0")
        self.feed.commit(2)
        self.until("aggregate 1 2")
        messages = self.feed.commit(40, publish=False)
        self.feed.publish(messages[:3] + messages[6:])
        self.until("aggregate 1 42")
        self.assertEqual(self.seqs(), list(range(1, 43)))
        self.assertIn("healed 6 42", self.driver.lines())

    def test_the_same_events_from_stream_and_feed(self):
        self.drive()
        self.until("snapshot")
        self.feed.commit(6)
        live = self.until("aggregate 1 6")
        self.driver.kill()
        self.driver = Driver(DRIVER, self.feed.endpoint, self.feed.socket, DIV,
                             YEAR, 1, 1)
        stored = self.until("healed 2 6")
        self.assertEqual([line[8:] for line in live if "event 1" in line][1:],
                         [line[8:] for line in stored if "event 0" in line])

    def test_a_gap_at_the_very_end_is_found_by_itself(self):
        self.drive()
        self.until("snapshot")
        self.feed.commit(3)
        self.until("aggregate 1 3")
        self.feed.commit(100, publish=False)
        self.feed.commit(2, publish=False)
        self.until("healed 4 105")
        self.assertEqual(self.seqs(), list(range(1, 106)))

    def test_many_pages_are_fetched(self):
        for _ in range(70):
            self.feed.commit(1, publish=False)
        self.drive(1, 3)
        self.until("healed 4 70")
        self.assertEqual(self.seqs(live=False), list(range(4, 71)))
        self.assertFalse(any("snapshot" in line
                             for line in self.driver.lines()))

    def test_reordered_and_repeated_messages_are_told_once(self):
        self.drive()
        self.until("snapshot")
        messages = self.feed.commit(10, publish=False)
        self.feed.publish(messages[3:] + messages[:5] + messages)
        self.feed.commit(1)
        self.until("aggregate 1 11")
        self.assertEqual(self.seqs(), list(range(1, 12)))

    def test_a_trimmed_stream_is_said_to_be(self):
        self.drive()
        self.until("snapshot")
        self.feed.commit(2)
        self.until("aggregate 1 2")
        self.feed.commit(3, publish=False, stream=False)
        self.feed.commit(2)
        self.until("lost 3 7 begins 0")
        self.until("snapshot 1 7 forms 7")
        self.feed.commit(1)
        self.until("aggregate 1 8")
        self.assertEqual(self.seqs(), [1, 2, 8])

    def test_what_the_aggregate_says_is_cut_off_is_not_looked_for(self):
        self.drive()
        self.until("snapshot")
        self.feed.commit(2)
        self.until("aggregate 1 2")
        self.feed.log_begins = 6
        before = self.feed.ranges()
        self.feed.commit(3, publish=False)
        self.feed.commit(2)
        self.until("lost 3 7 begins 6")
        self.until("snapshot 1 7 forms 7")
        self.feed.commit(1)
        self.until("aggregate 1 8")
        self.assertEqual(self.seqs(), [1, 2, 8])
        self.assertEqual(self.feed.ranges(), before)

    def test_what_is_just_left_is_replayed(self):
        for _ in range(5):
            self.feed.commit(1, publish=False)
        self.feed.log_begins = 4
        self.feed.commit(1, publish=False)
        self.drive(1, 3)
        self.until("healed 4 6")
        self.assertEqual(self.seqs(live=False), [4, 5, 6])

    def test_told_that_it_fell_behind_it_looks_at_once(self):
        self.drive()
        self.until("snapshot")
        self.feed.commit(2)
        self.until("aggregate 1 2")
        notice = self.feed.behind()
        self.feed.commit(3, publish=False)
        self.feed.publish([notice])
        self.until("behind")
        lines = self.until("healed 3 5")
        self.assertLess(lines.index("behind"), lines.index("healed 3 5"))
        self.assertEqual(self.seqs(), list(range(1, 6)))

    def test_what_comes_after_a_hole_does_not_hide_it(self):
        """It is not the message that did not fit, though without a gap."""
        self.drive()
        self.until("snapshot")
        messages = self.feed.commit(2, publish=False)
        notice = self.feed.behind("aggregate", 2)
        self.feed.publish([*messages[:2], notice])
        self.feed.commit(1)
        self.until("behind")
        self.until("aggregate 1 3")
        self.assertEqual(self.seqs(), [1, 2, 3])

    def test_who_kept_up_was_not_meant(self):
        self.drive()
        self.until("snapshot")
        notice = self.feed.behind()
        one = self.feed.commit(1, publish=False)
        self.feed.publish([notice, *one])
        self.until("aggregate 1 1")
        event, aggregate = self.feed.commit(1, publish=False)
        self.feed.publish([event, self.feed.behind("aggregate", 2), aggregate])
        self.until("aggregate 1 2")
        time.sleep(0.6)  # longer than it would be in doubt
        self.feed.commit(1)
        lines = self.until("aggregate 1 3")
        self.assertNotIn("behind", lines)
        self.assertEqual(self.seqs(), [1, 2, 3])

    def test_a_store_that_went_back_is_told(self):
        self.drive()
        self.until("snapshot")
        self.feed.commit(9)
        self.until("aggregate 1 9")
        self.feed.epoch, self.feed.seq = 2, 4
        self.feed.store.delete(SHARD + "events")
        self.feed.commit(1)
        self.until("epoch")
        self.until("snapshot 2 5")
        self.feed.commit(2)
        self.until("aggregate 2 7")
        self.assertEqual(self.seqs(), list(range(1, 10)) + [6, 7])

    def test_messages_of_a_store_that_is_gone_are_passed(self):
        self.drive()
        self.until("snapshot")
        self.feed.commit(5)
        self.until("aggregate 1 5")
        late = self.feed.commit(4, publish=False)
        self.feed.store.flushall()
        self.until("epoch")
        self.feed.publish(late)
        self.feed.epoch, self.feed.seq = 2, 0
        self.feed.sum = dict.fromkeys(COUNTERS, 0)
        self.feed.commit(1)
        self.until("aggregate 2 1 forms 1")
        self.assertEqual(self.driver.lines().count("epoch"), 1)
        self.assertEqual(self.seqs()[-1:], [1])

    def test_a_log_of_two_epochs_is_no_loss(self):
        self.drive()
        self.until("snapshot")
        self.feed.commit(4, publish=False)
        self.feed.epoch = 2
        self.feed.commit(2)
        self.until("snapshot 2 6 forms 6")
        self.assertEqual(self.seqs(), [1, 2, 3, 4])
        self.assertIn("epoch", self.driver.lines())
        self.assertFalse(any(line.startswith("lost")
                             for line in self.driver.lines()))

    def test_a_position_of_another_epoch_is_not_believed(self):
        self.feed.epoch = 3
        self.feed.commit(4, publish=False)
        self.drive(2, 2)
        self.until("snapshot 3 4")
        self.assertEqual(self.driver.lines()[0], "epoch")

    def test_redis_away_is_said_once_and_healed_after(self):
        self.drive()
        self.until("snapshot")
        self.feed.server.send_signal(signal.SIGSTOP)
        self.until("away")
        time.sleep(3)
        self.feed.server.send_signal(signal.SIGCONT)
        self.feed.commit(3, publish=False)
        self.until("healed 1 3")
        self.assertEqual(self.driver.lines().count("away"), 1)
        self.assertEqual(self.seqs(), [1, 2, 3])

    def test_an_aggregate_that_does_not_add_up_is_told(self):
        self.drive()
        self.until("snapshot")
        messages = self.feed.commit(1, publish=False)
        messages[-1][1]["forms"] += 1
        self.feed.publish(messages)
        self.until("differs")

    def test_what_is_not_understood_is_passed(self):
        self.drive()
        self.until("snapshot")
        self.feed.publish([(f"event.{TOPIC}", {"kind": "event", "v": 1,
                                               "x": [1, {"y": 2}]})])
        self.feed.pub.send_multipart([f"event.{TOPIC}".encode(), b"\xc1"])
        self.feed.commit(1)
        self.until("aggregate 1 1")
        self.assertEqual(self.seqs(), [1])


if __name__ == "__main__":
    DRIVER = sys.argv[1:]
    unittest.main(argv=sys.argv[:1], warnings="ignore")
