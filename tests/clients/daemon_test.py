#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: daemon_test.py PRODUCER… -- READER…

A client of each language against the real daemon while the daemon, its Redis
and the client are killed or stopped: every job has an answer, is stored, and is
counted once; the reader tells every event once, in order."""
import pathlib
import shutil
import signal
import struct
import sys
import time
import unittest
import zlib

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
import frames
from door import Driver
from harness import EVALD, Daemon, EndToEnd, wait_for

PRODUCER, READER = [], []
JOBS = 6000
SETTINGS = "events:\n  queue: 2000\n"
SHARD = ("310113000", 2024)


class Door(Daemon):
    def kill(self):
        self.process.child.kill()
        self.process.child.wait()


def record(number, payload):
    rest = struct.pack("<IQI", len(payload), number, 1) + payload
    return struct.pack("<I", zlib.crc32(rest)) + rest


class Clients(EndToEnd):
    append_fsync = "everysec"

    def setUp(self):
        super().setUp()
        self.evald = Door(self.folder, redis=self.redis, settings=SETTINGS)
        self.addCleanup(self.evald.stop)
        self.outbox = pathlib.Path(self.folder) / "outbox"

    def fill(self, jobs):
        self.outbox.write_bytes(b"evald-o1" + b"".join(
            record(number, job) for number, job in enumerate(jobs, 1)))

    def forms(self, count=JOBS):
        self.fill(frames.frame(i, 50000 + i % 50000) for i in range(count))

    def drive(self):
        driver = Driver(PRODUCER, self.evald.submit, self.outbox, "none", 0,
                        256, 90000)
        self.addCleanup(self.stop, driver)
        return driver

    def follow(self):
        driver = Driver(READER, self.evald.events, self.redis.socket, *SHARD,
                        0, 0)
        self.addCleanup(self.stop, driver)
        return driver

    def stop(self, driver):
        if driver.process.poll() is None:
            driver.kill()

    def answers(self, driver):
        return [line.split() for line in driver.lines()
                if line.startswith(("ack", "nack"))]

    def after(self, driver, count):
        wait_for(f"{count} answers",
                 lambda: len(self.answers(driver)) >= count, 60)

    def finish(self, driver, allowed=("committed", "unchanged")):
        driver.process.wait(120)
        self.assertEqual(driver.end(), 0, driver.lines()[-5:])
        self.assertLessEqual({words[2] for words in self.answers(driver)},
                             set(allowed))

    def all_stored(self, count=JOBS):
        shard = self.assert_sound()
        self.assertEqual(len(shard.results), count)
        self.assertEqual(shard.counters[0], count)
        self.assertEqual(shard.seq, count, "nothing was counted twice")

    def test_everything_is_acknowledged_and_followed(self):
        reader = self.follow()
        reader.until("snapshot")
        self.forms()
        driver = self.drive()
        self.finish(driver, ["committed"])
        self.assertEqual(len(self.answers(driver)), JOBS)
        self.all_stored()
        wait_for("the last event", lambda: any(
            f" {JOBS} forms {JOBS}" in line for line in reader.lines()
            if line.startswith(("aggregate", "snapshot"))))
        self.assertEqual([int(line.split()[4]) for line in reader.lines()
                          if line.startswith("event")],
                         list(range(1, JOBS + 1)))
        self.assertNotIn("differs", reader.lines())
        self.assertNotIn("epoch", reader.lines())

    def test_a_reader_that_was_stopped_is_told(self):
        """While nothing comes that would show it a gap."""
        reader = self.follow()
        reader.until("snapshot")
        wait_for("its subscriptions",
                 lambda: self.evald.metric("evald_subscriptions") == 2)
        reader.process.send_signal(signal.SIGSTOP)
        self.forms()
        self.finish(self.drive(), ["committed"])
        wait_for("it to fall behind", lambda: self.evald.metric(
            "evald_readers_fell_behind_total") > 0)
        reader.process.send_signal(signal.SIGCONT)
        reader.until("behind")
        wait_for("the last event", lambda: any(
            line.startswith(f"event 0 {SHARD[0]}") and f" {JOBS} " in line
            for line in reader.lines()))
        self.assertEqual([int(line.split()[4]) for line in reader.lines()
                          if line.startswith("event")],
                         list(range(1, JOBS + 1)))
        self.assertTrue(any(line.startswith("healed")
                            for line in reader.lines()))

    def test_a_resend_is_unchanged(self):
        self.forms(300)
        self.finish(self.drive(), ["committed"])
        self.forms(300)
        self.finish(self.drive(), ["unchanged"])
        self.all_stored(300)

    def test_a_bad_job_is_refused_with_its_problems(self):
        bad = dict(frames.form(1, 50000), revision=0, frob=1)
        self.fill([frames.frame(0, 50000), frames.msgpack.packb(bad),
                   b"\xc1", b"\x81\xa6job_id"])
        driver = self.drive()
        self.finish(driver, ["committed", "rejected"])
        said = {int(words[1]): words for words in self.answers(driver)}
        self.assertEqual(said[1][0], "ack")
        self.assertEqual((said[2][0], set(said[2][-2:])),
                         ("nack", {"out_of_range", "unknown_key"}))
        self.assertEqual([said[3][0], said[4][0]], ["nack", "nack"])
        self.all_stored(1)

    def test_the_daemon_is_killed(self):
        self.forms()
        driver = self.drive()
        for part in (1, 2, 3):
            self.after(driver, part * JOBS // 5)
            self.evald.kill()
            self.evald.start()
        self.finish(driver)
        self.assertEqual(len(self.answers(driver)), JOBS)
        self.all_stored()

    def test_the_producer_is_killed(self):
        self.forms()
        for part in range(3):
            driver = self.drive()
            self.after(driver, JOBS // 5)
            driver.kill()
        self.finish(self.drive())
        self.all_stored()

    def test_redis_is_stopped_and_killed(self):
        self.forms()
        driver = self.drive()
        self.after(driver, JOBS // 5)
        self.redis.process.send_signal(signal.SIGSTOP)
        time.sleep(3)
        self.redis.process.send_signal(signal.SIGCONT)
        self.after(driver, 2 * JOBS // 5)
        self.redis.kill()
        time.sleep(1)
        self.redis.start()
        self.finish(driver)
        self.assertEqual(len(self.answers(driver)), JOBS)

    def divisions(self, first, count=300):
        return {n: frames.frame(n, 60000, division=f"{310200000 + n % count}")
                for n in range(first, first + count)}

    def test_a_store_that_went_back_is_told_of_more_than_a_welcome_holds(self):
        """Live, to a producer that is connected; 256 is a welcome's bound."""
        self.redis.call("CONFIG", "SET", "appendfsync", "always")
        door, files = self.submitter(self.evald), self.redis.folder
        files = files / "appendonlydir"
        door.submit(self.divisions(0))
        shutil.copytree(files, self.redis.folder / "older")
        door.submit(self.divisions(300))
        epochs = {said["mof_div_code"]: said["epoch"]
                  for _, said in door.answers.values()}
        self.redis.kill()
        self.forms(1)
        driver = self.drive()
        wait_for("its job to wait for Redis", lambda: self.evald.metric(
            "evald_submitted_total") > 600)
        shutil.rmtree(files)
        shutil.copytree(self.redis.folder / "older", files)
        self.redis.start()
        self.finish(driver)
        told = {}
        for line in driver.lines():
            if line.startswith("lost"):
                division, year, epoch, seq = line.split()[1:]
                self.assertEqual((year, seq), ("2024", "1"))
                self.assertGreater(int(epoch), epochs[division])
                told[division] = told.get(division, 0) + 1
        self.assertEqual(len(told), 300)
        self.assertEqual(self.evald.metric("evald_epochs_total"), 300)


if __name__ == "__main__":
    split = sys.argv.index("--")
    PRODUCER, READER = sys.argv[1:split], sys.argv[split + 1:]
    if not EVALD.exists():
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
