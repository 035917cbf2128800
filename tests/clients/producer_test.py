#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: producer_test.py DRIVER [ARGUMENT…] [-- OTHER-DRIVER…]

What include/evald/client.h promises of a producer, held against a scripted
door; the same for every language, each through its driver."""
import os
import pathlib
import struct
import sys
import tempfile
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from door import Door, Driver, ack, nack, name, retry

DRIVER, OTHER = [], []


class Producer(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.outbox = os.path.join(self.folder.name, "outbox")
        self.door = Door()
        self.drivers = []

    def tearDown(self):
        for driver in self.drivers:
            if driver.process.poll() is None:
                driver.kill()
        self.door.close()
        self.folder.cleanup()

    def drive(self, prefix="a", count=0, window=1024, outbox=None,
              wait_ms=15000, driver=None):
        one = Driver(driver or DRIVER, self.door.endpoint,
                     outbox or self.outbox, prefix, count, window, wait_ms)
        self.drivers.append(one)
        return one

    def acknowledge(self, jobs, outcome="committed"):
        for peer, _, correlation, frame in jobs:
            self.door.answer(peer, ack(correlation, frame, outcome))

    def names(self, jobs):
        return [name(frame) for _, _, _, frame in jobs]

    def finish(self, driver):
        self.assertEqual(driver.end(), 0, driver.lines())
        return driver.lines()

    def tail(self, lines):
        words = lines[-1].split()
        return dict(zip(words[::2], map(int, words[1::2])))

    def test_answers_are_told(self):
        driver = self.drive(count=3)
        jobs = self.door.jobs(3)
        (peer, word, first, _), *_ = jobs
        self.assertEqual((word, self.names(jobs)), ("jobs", ["a0", "a1", "a2"]))
        self.assertEqual(self.door.hellos[0],
                         {"v": 1, "source": "drive", "window": 1024})
        self.door.answer(peer, nack(first + 1, jobs[1][3]),
                         ack(first + 2, jobs[2][3], "stale"))
        self.door.answer(peer, ack(first, jobs[0][3]))
        lines = self.finish(driver)
        self.assertEqual(lines[1:4], [
            f"nack {first + 1} rejected a1 missing_key bad_kind",
            f"ack {first + 2} stale a2", f"ack {first} committed a0"])
        self.assertEqual(self.tail(lines), {
            "taken": 0, "torn": 0, "connections": 1, "unanswered": 0})

    def test_without_an_outbox(self):
        driver = self.drive(count=2, outbox="-")
        self.acknowledge(self.door.jobs(2))
        self.finish(driver)

    def test_the_smaller_window_holds(self):
        for granted, wanted in ((4, 1024), (1024, 4)):
            self.door.window = granted
            driver = self.drive(count=10, window=wanted)
            jobs = self.door.jobs(4)
            self.assertEqual(len(jobs + self.door.quiet(0.3)), 4)
            self.acknowledge(jobs[:1])
            jobs = jobs[1:] + self.door.jobs(1)
            self.assertEqual(len(jobs + self.door.quiet(0.3)), 4)
            while len(jobs) > 0:
                self.acknowledge(jobs)
                jobs = self.door.quiet(0.2)
            self.assertEqual(sum(line.startswith("ack")
                                 for line in self.finish(driver)), 10)

    def test_later_jobs_say_so(self):
        driver = self.drive("later", 2)
        jobs = self.door.jobs(2)
        self.assertEqual({word for _, word, _, _ in jobs}, {"recalc-jobs"})
        self.acknowledge(jobs)
        self.finish(driver)

    def test_a_retry_comes_after_its_time(self):
        driver = self.drive(count=3)
        jobs = self.door.jobs(3)
        peer, _, first, _ = jobs[0]
        self.door.answer(peer, retry(first, 400),
                         retry(first + 2, 400, "over_credit"))
        self.acknowledge(jobs[1:2])
        self.assertEqual(self.door.quiet(0.2), [])
        again = self.door.jobs(2)
        self.assertEqual(self.names(again), ["a0", "a2"])
        self.acknowledge(again)
        self.finish(driver)

    def test_a_restarted_door_gets_everything_unanswered(self):
        driver = self.drive(count=5)
        jobs = self.door.jobs(5)
        self.acknowledge(jobs[:2])
        driver.until("ack 2 ")
        self.door.restart()
        again = self.door.jobs(3)
        self.assertEqual(self.names(again), ["a2", "a3", "a4"])
        self.acknowledge(again, "unchanged")
        self.assertEqual(self.tail(self.finish(driver))["connections"], 2)

    def test_a_silent_door_is_left(self):
        driver = self.drive(count=3)
        self.door.jobs(3)
        self.door.mute = True
        self.door.quiet(1.5)
        self.door.mute = False
        again = self.door.jobs(3)
        self.assertNotEqual(again[0][0], self.door.peers[0])
        self.acknowledge(again)
        self.finish(driver)

    def test_a_door_that_is_only_slow_is_not_left(self):
        driver = self.drive(count=2)
        jobs = self.door.jobs(2)
        self.assertEqual(self.door.quiet(2.0), [])
        self.acknowledge(jobs)
        self.assertEqual(self.tail(self.finish(driver))["connections"], 1)

    def test_a_door_that_comes_late_is_found(self):
        endpoint_port = self.door.port
        self.door.close()
        driver = self.drive(count=2)
        driver.until("submitted")
        self.door = Door(port=endpoint_port)
        self.acknowledge(self.door.jobs(2))
        self.finish(driver)

    def test_nobody_there_ends_with_time_and_keeps_the_jobs(self):
        self.door.close()
        driver = self.drive(count=2, wait_ms=300)
        self.assertEqual(driver.end(), 1)
        self.assertEqual(self.tail([one for one in driver.lines()
                                    if one.startswith("taken")])["unanswered"],
                         2)
        self.door = Door(port=self.door.port)
        again = self.drive()
        self.acknowledge(self.door.jobs(2))
        self.assertEqual(self.tail(self.finish(again))["taken"], 2)

    def test_a_killed_producers_jobs_are_taken_over(self):
        driver = self.drive(count=6)
        jobs = self.door.jobs(6)
        self.acknowledge(jobs[:2])
        driver.until("ack 2 ")
        driver.kill()
        again = self.drive("b", 1)
        jobs = self.door.jobs(5)
        self.assertEqual(self.names(jobs)[-5:],
                         ["a2", "a3", "a4", "a5", "b0"])
        self.acknowledge(jobs, "unchanged")
        lines = self.finish(again)
        self.assertIn(self.tail(lines)["taken"], (4, 5, 6))
        self.assertEqual(os.path.getsize(self.outbox), 8)

    def test_an_outbox_of_another_language_is_taken_over(self):
        driver = self.drive("x", 3, driver=OTHER or DRIVER)
        jobs = self.door.jobs(3)
        self.acknowledge(jobs[1:2])
        driver.until("ack 2 ")
        driver.kill()
        again = self.drive()
        jobs = self.door.jobs(2)
        self.assertLessEqual({"x0", "x2"}, set(self.names(jobs)))
        self.acknowledge(jobs + self.door.quiet(0.2))
        self.finish(again)

    def record(self, number, payload, kind=1):
        rest = struct.pack("<IQI", len(payload), number, kind) + payload
        return struct.pack("<I", zlib.crc32(rest)) + rest

    def job(self, text):
        return b"\x81\xa6job_id\xd9" + bytes([len(text)]) + text.encode()

    def test_a_torn_record_is_cut_and_kept_aside(self):
        whole = b"evald-o1" + self.record(7, self.job("t7")) \
            + self.record(8, self.job("t8")) + self.record(7, b"", 3)
        last = self.record(9, self.job("t9"))
        torn = [last[:size] for size in (1, 19, 20, len(last) - 1)]
        torn += [last[:-1] + b"?", bytes(40), b"\xff" * 64]
        for tail in torn:
            with self.subTest(tail=tail):
                pathlib.Path(self.outbox).write_bytes(whole + tail)
                aside = pathlib.Path(self.outbox + ".torn")
                aside.unlink(missing_ok=True)
                driver = self.drive("n", 1)
                jobs = self.door.jobs(2)
                self.assertEqual([(c, name(f)) for _, _, c, f in jobs],
                                 [(8, "t8"), (9, "n0")])
                self.acknowledge(jobs)
                self.assertEqual(self.tail(self.finish(driver))["torn"],
                                 len(tail))
                self.assertEqual(aside.read_bytes(), tail)

    def test_a_foreign_file_is_left_as_it_is(self):
        for content in (b"keep me!" * 9, b"keep"):
            pathlib.Path(self.outbox).write_bytes(content)
            driver = self.drive()
            self.assertEqual(driver.end(), 1)
            self.assertIn("open INVALID", driver.lines()[0])
            self.assertEqual(pathlib.Path(self.outbox).read_bytes(), content)

    def test_two_producers_do_not_share_an_outbox(self):
        driver = self.drive(count=1)
        jobs = self.door.jobs(1)
        second = self.drive(count=1)
        jobs += self.door.until_end(second)  # sent again, where that took long
        self.assertEqual(second.end(), 1)
        self.assertIn("open INTERFERED", second.lines()[0])
        self.acknowledge(jobs[-1:])
        self.finish(driver)

    def test_a_store_that_went_back_is_told(self):
        early = {"v": 1, "mof_div_code": "310113000", "fiscal_year": 2024,
                 "epoch": 1 << 40, "seq": 17, "x_more": []}
        later = dict(early, fiscal_year=2023, seq=0)
        self.door.losses = [early]
        driver = self.drive(count=2)
        jobs = self.door.jobs(2)
        self.door.ask(jobs[0][0], later)
        self.acknowledge(jobs)
        lines = [line for line in self.finish(driver)
                 if line.startswith("lost")]
        self.assertEqual(lines, [f"lost 310113000 2024 {1 << 40} 17",
                                 f"lost 310113000 2023 {1 << 40} 0"])

    def test_another_version_of_the_protocol_ends_it(self):
        self.door.versions = [2, 3]
        driver = self.drive(count=1)
        self.door.until_end(driver)
        self.assertEqual(driver.end(), 1)
        self.assertIn("does not speak version 1", driver.lines()[-1])
        self.assertEqual(len(self.door.hellos), 1, "it does not try again")
        self.door.versions = None
        again = self.drive()  # the outbox has the job still
        jobs = self.door.jobs(1)
        self.acknowledge(jobs)
        self.assertEqual(self.names(jobs), ["a0"])
        self.finish(again)

    def test_a_job_that_is_too_large_is_answered_here(self):
        driver = self.drive("big", 1)
        lines = self.finish_with_hello(driver)
        self.assertIn("nack 1 rejected oversized", lines)
        self.assertEqual(len(self.door.hellos), 1)

    def finish_with_hello(self, driver):
        self.door.until_end(driver)
        return self.finish(driver)

    def test_the_outbox_is_rewritten_when_it_is_mostly_answered(self):
        driver = self.drive("y", 60000, window=1024)
        left, sizes = 60000, []
        held = []  # the first is answered last
        while left > 1:
            jobs = self.door.jobs(1)
            if not held:
                held, jobs = jobs[:1], jobs[1:]
            left -= len(jobs)
            by_peer = [ack(c, f) for _, _, c, f in jobs]
            self.door.answer(held[0][0], *by_peer)
            sizes.append(os.path.getsize(self.outbox))
        driver.until("ack 60000 ")
        self.assertLess(os.path.getsize(self.outbox), 1 << 21)
        self.assertGreater(max(sizes), 1 << 21)
        driver.kill()
        again = self.drive()
        jobs = self.door.jobs(1)
        self.assertIn("y0", self.names(jobs))
        self.acknowledge(jobs + self.door.quiet(0.3))
        self.finish(again)

    def test_what_is_not_understood_is_passed(self):
        driver = self.drive(count=1)
        (peer, _, first, frame), = self.door.jobs(1)
        self.door.socket.send_multipart([peer, b"news", b"1", b"2", b"3"])
        self.door.socket.send_multipart([peer, b"ping"])
        self.door.answer(peer, ack(first + 100, frame))
        self.door.answer(peer, ack(first, frame), ack(first, frame))
        self.assertEqual(sum(line.startswith("ack")
                             for line in self.finish(driver)), 1)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    DRIVER, OTHER = arguments[:split], arguments[split + 1:]
    unittest.main(argv=sys.argv[:1])
