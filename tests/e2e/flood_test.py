#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Floods: whatever producers and readers do, the daemon stays within what its
configuration bounds, serves the others, and names who does it."""
import pathlib
import re
import threading
import time

import frames
import msgpack
import zmq
from harness import SLOWNESS, EndToEnd, Shard, Submitter, main, wait_for

MIB = 1 << 20
SETTINGS = f"""intake:
  queue: 200
  batch_jobs: 512
  batch_bytes: {2 * MIB}
  batches: 4
  max_message_bytes: 65536
submit:
  window: 512
  producers: 8
  answer_bytes: {MIB}
events:
  queue: 1000
worker:
  memory_bytes: {16 * MIB}
  cache_projects: 1024
  cache_bytes: {2 * MIB}
store:
  rejects: 1000
  pack: false
"""


def bound(connections, readers=0, message=2000):
    """Bytes that docs/OPERATIONS.md allows beyond the idle process, for so many
    connections that send messages of that size."""
    work = 4 * (MIB + message) + 16 * MIB  # parcels; arenas of the batches
    buffers = 6 * 512 * 4 * message            # units and encoded values
    caches = 1024 * 1024 + 2 * MIB + 6 * 512 * 1024  # projects; shards
    pull = connections * 200 * (message + 200)
    submit = connections * (MIB + 512 * message + 100 * 512 * 200)
    feed = readers * 1000 * 1024
    return work + buffers + caches + pull + submit + feed


class Flood(EndToEnd):
    def setUp(self):
        super().setUp()
        self.evald = self.daemon(settings=SETTINGS)
        self.good = self.submitter(self.evald, source="good")
        self.good.submit({n: frames.frame(n, 60000) for n in range(300)})
        self.idle, self.top, self.number = self.rss(), 0, 1000

    def rss(self):
        text = pathlib.Path(
            f"/proc/{self.evald.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024

    def served(self):
        """Good producers are, meanwhile."""
        self.number += 1
        self.good.submit({self.number: frames.frame(self.number % 500, 60001,
                                                    self.number)}, chunk=1)
        self.assertEqual(self.good.answers[self.number][0], Submitter.ACK)
        self.top = max(self.top, self.rss() - self.idle)

    def assert_within(self, most):
        print(f"\n{self.top / MIB:.1f} of {most / MIB:.1f} MiB beyond "
              f"{self.idle / MIB:.1f}")
        if SLOWNESS == 1:  # sanitizers keep what was freed
            self.assertLess(self.top, most)
        self.assertIsNone(self.evald.process.child.poll())

    def log_says(self, words):
        wait_for(f"{words} in the log", lambda: words in
                 self.evald.process.log.read_text("utf-8"))

    def test_bad_jobs(self):
        """Through both doors; the list of rejects is capped."""
        push = self.producer(self.evald)
        worse = self.submitter(self.evald, source="worse")
        worse.wait_welcome()
        for turn in range(40):
            for n in range(500):
                push.raw(b"\xc1" * 1000 if n % 2 else msgpack.packb(
                    {**frames.form(n, 0), "source": "worst", "revision": 0}))
            first = turn * 500
            worse.submit({n: b"\x81" * 1000 for n in range(first, first + 500)})
            self.served()
        wait_for("all of them", lambda: self.evald.metric(
            'evald_jobs_total{outcome="rejected"}') == 40000)
        self.assert_within(bound(3, message=2000))
        self.assertLessEqual(self.redis.call("XLEN", "evald:1:rejects"), 1000)
        self.assertEqual(
            int(self.redis.call("GET", "evald:1:rejects:evicted")), 39000)
        self.log_says('source "worst"')

    def test_bad_jobs_without_pause(self):
        """They take every parcel that comes home, for longer than it takes
        until a store counts as away; others have their turn all the same."""
        flood = self.flood([b"\xc1" * 500] * 20)
        end = time.monotonic() + 4 * SLOWNESS
        while time.monotonic() < end:
            self.served()
        self.producer(self.evald).send({**frames.form(1, 0), "revision": 0,
                                        "source": "another"})
        self.log_says('source "another"')
        flood.set()
        self.assertGreater(self.evald.metric("evald_intake_pauses_total"), 0)
        self.assertEqual(self.evald.metric(
            'evald_retries_total{reason="store_away"}'), 0)
        self.assert_within(bound(3, message=20 * 600))

    def flood(self, frames_at_once):
        """Sends them through doors.jobs again and again until it is set."""
        ended = threading.Event()
        socket = zmq.Context.instance().socket(zmq.PUSH)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.SNDTIMEO, 100)
        socket.connect(self.evald.jobs)

        def send():
            while not ended.is_set():
                try:
                    socket.send_multipart(frames_at_once)
                except zmq.Again:
                    pass
            socket.close()

        thread = threading.Thread(target=send)
        self.addCleanup(thread.join)
        self.addCleanup(ended.set)
        thread.start()
        return ended

    def test_one_that_never_reads_its_answers(self):
        deaf = zmq.Context.instance().socket(zmq.DEALER)
        self.addCleanup(deaf.close)
        for option, value in ((zmq.RCVHWM, 1), (zmq.RCVBUF, 4096),
                              (zmq.LINGER, 0)):
            deaf.setsockopt(option, value)
        deaf.connect(self.evald.submit)
        deaf.send_multipart([b"hello", msgpack.packb({"v": 1,
                                                      "source": "deaf"})])
        bad, number = [b"\xc1" * 10] * 256, 0
        end = time.monotonic() + 60 * SLOWNESS
        while self.named() == 0 and time.monotonic() < end:
            for _ in range(50):
                number += 256
                try:
                    deaf.send_multipart(
                        [b"jobs", number.to_bytes(8, "big"), *bad],
                        zmq.NOBLOCK)
                except zmq.Again:
                    break
            self.served()
        self.assertGreater(self.named(), 0)
        self.log_says('"deaf" does not read')
        self.assert_within(bound(2))

    def named(self):
        """How often one was said not to read; within a second it may have cost
        so much that it is cut off at once."""
        return (self.evald.metric("evald_producers_unread_total")
                + self.evald.metric("evald_producers_cut_total"))

    def test_a_hundred_thousand_in_one_burst(self):
        """Beyond its window they are to be sent again, and it is named."""
        rude = self.submitter(self.evald, source="rude")
        rude.socket.setsockopt(zmq.SNDHWM, 0)
        rude.wait_welcome()
        frame = frames.frame(1, 60000)
        burst = threading.Thread(target=lambda: [
            rude.say(b"jobs", n.to_bytes(8, "big"), *[frame] * 500)
            for n in range(0, 100000, 500)])
        burst.start()
        told = 0
        while burst.is_alive() or told < 100000:
            if not burst.is_alive():
                rude.poll(0.05)
                told = len(rude.answers) + len(rude.retries)
            self.served()
        burst.join()
        self.assertEqual(told, 100000, "each is answered, one way or other")
        self.assertGreater(len(rude.retries), 0)
        self.log_says('"rude" sends more than its window')
        self.assertGreater(self.evald.metric("evald_retries_total"), 0)
        self.assert_within(bound(2, message=len(frame)))

    def test_a_subscriber_that_never_reads(self):
        self.slow_reader("")
        push = self.producer(self.evald)
        for turn in range(40):
            for n in range(500):
                push.raw(frames.frame(n, 60000 + turn, turn + 1))
            self.served()
        wait_for("it to be noticed", lambda: self.evald.metric(
            "evald_readers_fell_behind_total") > 0)
        self.log_says("fell behind")
        self.assert_within(bound(2, readers=1))

    def slow_reader(self, *topics):
        slow = zmq.Context.instance().socket(zmq.SUB)
        self.addCleanup(slow.close)
        slow.setsockopt(zmq.RCVHWM, 10)
        slow.setsockopt(zmq.RCVBUF, 4096)
        slow.setsockopt(zmq.LINGER, 0)
        slow.connect(self.evald.events)
        for topic in topics:
            slow.subscribe(topic)
        wait_for("its subscriptions", lambda: self.evald.metric(
            "evald_subscriptions") >= len(topics))
        return slow

    def read(self, slow):
        """All that waits for it."""
        messages = []
        while slow.poll(500 * SLOWNESS):
            topic, body = slow.recv_multipart()
            messages.append((topic.decode(), msgpack.unpackb(body)))
        return messages

    def commit_until_behind(self):
        push, number = self.producer(self.evald), 10000
        while self.evald.metric("evald_readers_fell_behind_total") == 0:
            for number in range(number, number + 500):
                push.raw(frames.frame(number, 60000))
            self.served()
        wait_for("the rest", lambda: self.evald.metric(
            "evald_frames_total") == sum(self.evald.metric(
                f'evald_jobs_total{{outcome="{outcome}"}}')
                for outcome in ("committed", "superseded", "unchanged")))

    def test_the_last_word_before_the_hole(self):
        """Who is left out reads it behind all that it has not lost."""
        topic = "event.310113000.2024"
        slow = self.slow_reader("event.")
        self.commit_until_behind()
        told = self.read(slow)
        self.assertEqual({topic}, {where for where, _ in told})
        told = [message for _, message in told]
        last = told.pop()
        self.assertEqual(last, {
            "v": 1, "kind": "behind", "of": "event", "epoch": told[-1]["epoch"],
            "seq": told[-1]["seq"] + 1, "mof_div_code": "310113000",
            "fiscal_year": 2024})
        seqs = [message["seq"] for message in told]
        self.assertEqual(seqs, list(range(seqs[0], last["seq"])))
        now = Shard(self.redis).seq
        self.assertGreaterEqual(now, last["seq"], "there is a hole")
        self.served()
        self.assertEqual([message["seq"] for _, message in self.read(slow)],
                         [now + 1], "from then on it is served again")
        self.assertEqual(self.evald.metric("evald_readers_fell_behind_total"),
                         1)

    def test_a_reader_of_receipts_is_told_too(self):
        slow = self.slow_reader("receipt.")
        self.commit_until_behind()
        topic, last = self.read(slow)[-1]
        self.assertEqual(last, {"v": 1, "kind": "behind", "of": "receipt",
                                "source": topic.removeprefix("receipt.")})

    def test_who_keeps_up_misses_nothing_beside_one_that_does_not(self):
        good = self.reader(self.evald, "event.310113000.")
        slow = self.slow_reader("event.")
        push, number = self.producer(self.evald), 10000
        while self.evald.metric("evald_readers_fell_behind_total") < 3:
            for number in range(number, number + 200):
                push.raw(frames.frame(number, 60000))
            self.served()
            good.poll(0.1)
            if self.evald.metric("evald_readers_fell_behind_total") > 0:
                for _ in range(600):
                    if slow.poll(0):
                        slow.recv_multipart()
        now = Shard(self.redis).seq
        end = time.monotonic() + 20 * SLOWNESS
        while good.messages[-1][1]["seq"] < now and time.monotonic() < end:
            good.poll(0.2)
        told = [(m["kind"], m["seq"]) for _, m in good.messages]
        seqs = [seq for kind, seq in told if kind == "event"]
        self.assertEqual(seqs, list(range(seqs[0], seqs[-1] + 1)))
        self.assertGreaterEqual(seqs[-1], now)
        for at, (kind, seq) in enumerate(told):
            if kind == "behind":
                self.assertEqual(told[at + 1], ("event", seq))

    def test_ten_thousand_divisions(self):
        """Those not used for longest are forgotten, and read again when met;
        what they count is right."""
        push = self.producer(self.evald)
        for n in range(10000):
            push.raw(frames.frame(n, 60000, division=f"{100000000 + n}"))
            if n % 1000 == 0:
                self.served()
        wait_for("all", lambda: self.evald.metric(
            'evald_jobs_total{outcome="committed"}') >= 10300)
        self.served()
        self.assertGreater(self.evald.metric("evald_shards_evicted_total"),
                           1000)
        self.assertLess(self.evald.metric("evald_shards"), 5000)
        self.assertLess(self.evald.metric("evald_cache_bytes"), 3 * MIB)
        self.assert_within(bound(2) + 10000 * 512)  # and last values
        again = {10 ** 6 + n: frames.frame(n, 60001, 2,
                                           division=f"{100000000 + n}")
                 for n in range(0, 10000, 97)}
        self.good.submit(again)
        for number in again:
            said = self.good.answers[number][1]
            self.assertEqual((said["outcome"], said["seq"]), ("superseded", 2))
        self.assert_sound(division="100000097")

    def test_departments_without_number(self):
        """They are data; in memory they are not kept all."""
        push = self.producer(self.evald)
        for n in range(20000):
            job = frames.form(n, 60000)
            job["dept_code"] = f"D{n}" + "x" * 200
            push.send(job)
            if n % 2000 == 0:
                self.served()
        wait_for("all", lambda: self.evald.metric(
            'evald_jobs_total{outcome="committed"}') >= 20000)
        self.served()
        self.assertLess(self.evald.metric("evald_cache_bytes"), 3 * MIB)
        self.assert_within(bound(2, message=2500))
        self.assert_sound()


if __name__ == "__main__":
    main()
