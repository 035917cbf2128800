#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The acknowledged door, from outside: nothing acknowledged is ever lost,
nothing is counted twice, and nobody can make the daemon grow."""
import signal
import time

import frames
import msgpack
from harness import (FORMS, EndToEnd, Shard, Submitter, evalctl, main,
                     wait_for)

ACK, NACK = Submitter.ACK, Submitter.NACK


class Door(EndToEnd):
    append_fsync = "everysec"

    def setUp(self):
        super().setUp()
        self.evald = self.daemon()
        self.door = self.submitter(self.evald)

    def jobs(self, count, first=0, **more):
        return {n: frames.frame(n, 50000 + n % 50000, **more)
                for n in range(first, first + count)}

    def test_a_job_is_answered_when_it_is_committed(self):
        welcome = self.door.wait_welcome()
        self.assertEqual(welcome["v"], 1)
        self.assertEqual(welcome["window"], 4096)
        self.assertEqual(welcome["durability"], "everysec")
        self.assertRegex(welcome["instance"], "^[0-9a-f]{16}$")
        self.assertEqual(welcome["max_message_bytes"], 1 << 20)
        self.door.submit(self.jobs(1))
        kind, said = self.door.answers[0]
        shard = Shard(self.redis)
        self.assertEqual(kind, ACK)
        self.assertEqual(
            (said["outcome"], said["job_id"], said["seq"], said["epoch"]),
            ("committed", "j0.1.50000", 1, shard.epoch))
        self.assertEqual(said["form_digest"],
                         shard.results[said["pro_code"]][3].hex())
        self.assertEqual(float(said["total"]) * 1e6,
                         shard.results[said["pro_code"]][13])
        self.assertEqual(said["grade"], shard.results[said["pro_code"]][15])
        self.assert_sound()

    def test_each_outcome(self):
        def one(number, frame):
            self.door.submit({number: frame})
            return self.door.answers[number][1]["outcome"]
        self.assertEqual(one(1, frames.frame(1, 60000, 2)), "committed")
        total = self.door.answers[1][1]["total"]
        self.assertEqual(one(2, frames.frame(1, 60000, 2)), "unchanged")
        self.assertEqual(self.door.answers[2][1]["total"], total)
        self.assertEqual(self.door.answers[2][1]["seq"], 0)
        self.assertEqual(one(3, frames.frame(1, 60001, 2)), "conflict")
        self.assertEqual(one(4, frames.frame(1, 60001, 1)), "stale")
        self.assertEqual(one(5, frames.frame(1, 60001, 3)), "superseded")
        withdrawal = {k: v for k, v in frames.form(1, 0, 4).items() if k in (
            "v", "job_id", "source", "mof_div_code", "fiscal_year",
            "pro_code", "revision")}
        withdrawal["kind"] = "withdraw"
        self.assertEqual(one(6, msgpack.packb(withdrawal)), "withdrawn")
        self.assertEqual(one(7, msgpack.packb({**withdrawal, "pro_code": "x"})),
                         one(8, msgpack.packb({**withdrawal,
                                               "pro_code": "y"})))
        self.assertIsNone(self.door.answers[6][1]["total"])
        self.assertEqual(one(9, frames.frame(1, 60001, 3)), "stale")
        self.assert_sound()

    def test_a_job_that_is_none_hears_every_problem(self):
        form = frames.form(1, 60000)
        form["fiscal_year"], form["revision"], form["what"] = 24, 0, 1
        self.door.submit({1: msgpack.packb(form), 2: b"\xc1",
                          3: frames.frame(3, 60000)})
        kind, said = self.door.answers[1]
        self.assertEqual((kind, said["outcome"], said["job_id"]),
                         (NACK, "rejected", form["job_id"]))
        self.assertEqual({p["key"] for p in said["problems"]},
                         {"fiscal_year", "revision", "what"})
        self.assertTrue(self.redis.call("XRANGE", "evald:1:rejects",
                                        said["rejects_id"],
                                        said["rejects_id"]))
        self.assertEqual(self.door.answers[2][0], NACK)
        self.assertEqual(self.door.answers[3][0], ACK)

    def test_a_recalculation_has_one_answer(self):
        self.door.submit(self.jobs(3))
        job = {"v": 1, "kind": "recalculate", "job_id": "again",
               "source": "e2e", "mof_div_code": "310113000",
               "fiscal_year": 2024, "projects":
               [frames.form(n, 0)["pro_code"] for n in (0, 1, 2, 77)]}
        self.door.send(10, [msgpack.packb(job)], b"recalc-jobs")
        self.door.until("the answer", lambda: 10 in self.door.answers)
        kind, said = self.door.answers[10]
        self.assertEqual((kind, said["outcome"], said["job_id"]),
                         (ACK, "unchanged", "again"))
        self.assertEqual(self.door.unanswered, set())

    def test_recalculations_of_the_same_projects_at_once(self):
        """Good ones behind one that is rejected: nobody takes its projects
        for those of the one before it."""
        self.door.submit(self.jobs(40))
        codes = [frames.form(n, 0)["pro_code"] for n in range(40)]
        job = {"v": 1, "kind": "recalculate", "job_id": "again",
               "source": "e2e", "mof_div_code": "310113000",
               "fiscal_year": 2024, "projects": codes}
        good, bad = msgpack.packb(job), msgpack.packb(
            {**job, "ruleset": "of-nowhere"})
        for first in range(100, 200, 10):
            self.door.send(first, [good], b"recalc-jobs")
            self.door.until("the first", lambda: first in self.door.answers)
            self.door.send(first + 1, [bad, good, bad, good], b"recalc-jobs")
            self.door.until("the others", lambda: not self.door.unanswered)
            self.assertEqual([self.door.answers[first + n][0]
                              for n in range(5)], [ACK, NACK, ACK, NACK, ACK])

    def test_a_recalculation_of_what_another_daemon_wrote(self):
        """That a project is not there is no memory to go by: whoever answers
        so writes nothing, and no commit finds out that it was untrue."""
        def again(number, project):
            job = {"v": 1, "kind": "recalculate", "job_id": "again",
                   "source": "e2e", "mof_div_code": "310113000",
                   "fiscal_year": 2024,
                   "projects": [frames.form(project, 0)["pro_code"]]}
            self.door.send(number, [msgpack.packb(job)], b"recalc-jobs")
            self.door.until("it", lambda: number in self.door.answers)
            return self.door.answers[number][1]["outcome"]
        self.door.submit(self.jobs(1))  # the division was empty
        self.assertEqual(again(10, 7), "not_found")
        other = self.submitter(self.daemon(name="other"))
        other.submit(self.jobs(1, first=7))
        self.assertEqual(again(11, 7), "unchanged")
        other.submit(self.jobs(1, first=8))
        self.assertEqual(again(12, 8), "unchanged")
        self.assertEqual(again(13, 9), "not_found")
        self.assertEqual(again(14, 9), "not_found")
        self.assert_sound()

    def test_a_ping_and_what_is_no_message(self):
        self.door.say(b"ping")
        self.door.until("the pong", lambda: self.door.pongs == 1)
        for strange in ([b"what", b"is"], [b"jobs"], [b"jobs", b"short"],
                        [b"hello", b"\xc1"], [b""]):
            self.door.say(*strange)
        self.door.submit(self.jobs(1))
        wait_for("the count",
                 lambda: self.evald.metric("evald_submit_unknown_total") >= 4)

    def test_a_version_of_the_protocol_that_is_not_spoken(self):
        for hello in ({"v": 2, "source": "new"}, {"source": "old"}, {"v": "1"}):
            stranger = self.submitter(self.evald)
            stranger.wait_welcome()
            stranger.connect(hello=False)
            stranger.say(b"hello", msgpack.packb(hello))
            self.assertTrue(stranger.socket.poll(20000), hello)
            word, body = stranger.socket.recv_multipart()
            self.assertEqual((word, msgpack.unpackb(body)), (
                b"unwelcome", {"v": 1, "reason": "bad_version",
                               "versions": [1]}), hello)
        self.assertIn("speaks version 2 of the protocol",
                      self.evald.process.log.read_text("utf-8"))
        self.door.submit(self.jobs(1))

    def test_no_more_than_1024_jobs_of_a_message_are_let_in(self):
        wide = self.submitter(self.evald, source="wide")
        self.assertGreater(wide.wait_welcome()["window"], 1500)
        jobs = self.jobs(1500)
        wide.send(0, list(jobs.values()))
        wide.until("an answer to each", lambda: len(wide.answers)
                   + len(wide.retries) == 1500)
        self.assertEqual(sorted(wide.answers), list(range(1024)))
        self.assertEqual(sorted(n for n, _ in wide.retries),
                         list(range(1024, 1500)))
        self.assertEqual({said["reason"] for _, said in wide.retries},
                         {"over_credit"})
        wide.unanswered.clear()
        wide.send(1024, [jobs[n] for n in range(1024, 1500)])
        wide.until("the rest", lambda: len(wide.answers) == 1500)
        self.assertIn('"wide" sends more than 1,024 jobs in a message',
                      self.evald.process.tail())
        self.assertEqual(len(self.assert_sound().results), 1500)

    def test_killed_in_the_middle_nothing_acknowledged_is_lost(self):
        jobs, kills = self.jobs(10000), 0
        for stop in (1500, 4000, 7000):
            self.door.wait_welcome()
            while len(self.door.answers) < stop:
                self.door.top_up(jobs)
                self.door.poll(0.05)
            self.door.top_up(jobs)
            time.sleep(0.02)
            self.evald.process.child.kill()
            self.evald.process.child.wait()
            kills += 1
            self.door.poll(0.05)
            self.evald.start()
            self.door.connect()
        self.door.submit(jobs)
        self.assertEqual(kills, 3)
        shard = self.assert_sound()
        self.assertEqual(len(shard.results), 10000, "none lost")
        self.assertEqual(shard.seq, 10000, "none counted twice")
        outcomes = {}
        for kind, said in self.door.answers.values():
            self.assertEqual(kind, ACK)
            outcomes[said["outcome"]] = outcomes.get(said["outcome"], 0) + 1
            self.assertEqual(said["form_digest"],
                             shard.results[said["pro_code"]][3].hex())
        self.assertEqual(set(outcomes) - {"committed", "unchanged"}, set())
        print(f"\n{outcomes}")

    def test_what_is_over_the_window_is_to_be_sent_again(self):
        small = self.submitter(self.evald, source="small", window=10)
        self.assertEqual(small.wait_welcome()["window"], 10)
        jobs = self.jobs(1000)
        self.evald.process.send_signal(signal.SIGSTOP)
        small.send(0, list(jobs.values()))
        self.evald.process.send_signal(signal.SIGCONT)
        small.until("an answer to each", lambda: not small.unanswered)
        self.assertTrue(small.retries)
        for _, said in small.retries:
            self.assertEqual(said["reason"], "over_credit")
            self.assertGreater(said["after_ms"], 0)
        small.submit(jobs)
        self.assertEqual(len(self.assert_sound().results), 1000)
        self.assertIn('"small" sends more', self.evald.process.tail())

    def test_one_that_never_reads_is_named_and_others_are_served(self):
        deaf = self.submitter(self.evald, source="deaf")
        deaf.wait_welcome()
        bad = [b"\xc1" * 10] * 256
        end = time.monotonic() + 30
        number = 0
        while (self.evald.metric("evald_producers_unread_total") == 0
               and time.monotonic() < end):
            for _ in range(50):
                number += 256
                try:
                    deaf.socket.send_multipart(
                        [b"jobs", number.to_bytes(8, "big"), *bad],
                        zmq_nowait())
                except Exception:  # noqa: its own queue is full
                    break
            self.door.submit({number: frames.frame(number % 500, 60000)})
        wait_for("its name in the log", lambda: '"deaf" does not read' in
                 self.evald.process.log.read_text("utf-8"))
        self.door.submit(self.jobs(500, 10 ** 9))

    def test_draining_asks_to_send_again_and_answers_what_was_let_in(self):
        jobs = self.jobs(4000)
        self.door.wait_welcome()
        self.door.top_up(jobs)
        self.door.until("the first", lambda: self.door.answers)
        self.evald.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 20
        while self.evald.process.child.poll() is None:
            self.door.poll(0.01)
            self.assertLess(time.monotonic(), end)
        self.door.poll(0.2)
        self.assertEqual(self.evald.process.child.returncode, 0)
        shard = Shard(self.redis)
        self.assertEqual(len(shard.results), len(self.door.answers),
                         "each that was committed was answered")
        for _, said in self.door.retries:
            self.assertEqual(said["reason"], "draining")
        self.evald.start()
        self.door.connect()
        self.door.submit(jobs)
        self.assertEqual(len(self.assert_sound().results), 4000)

    def test_redis_away(self):
        self.door.submit(self.jobs(100))
        self.redis.kill()
        jobs = self.jobs(20000, 1000)
        others = [self.submitter(self.evald) for _ in range(4)]
        for other in others:
            other.wait_welcome()
        end = time.monotonic() + 20
        while not any(o.retries for o in others):
            for other in others:
                other.top_up(jobs, 256)
                other.poll(0.05)
            self.assertLess(time.monotonic(), end)
        reasons = {said["reason"] for o in others for _, said in o.retries}
        self.assertEqual(reasons, {"store_away"})
        pongs = self.door.pongs
        self.door.say(b"ping")
        self.door.until("a pong meanwhile", lambda: self.door.pongs > pongs)
        self.redis.start()
        others[0].submit(jobs)
        shard = self.assert_sound()
        self.assertEqual(len(shard.results), 20100)
        self.assertEqual(shard.seq, 20100)

    def test_the_producers_of_evald_itself(self):
        run = evalctl("submit", *FORMS, "--config", self.evald.config)
        self.assertIn("11", run.stdout + run.stderr)
        self.assertEqual(len(self.assert_sound().results), 11)
        self.assertEqual(self.evald.metric("evald_submitted_total"), 11)
        evalctl("submit", *FORMS, "--config", self.evald.config)
        self.assertEqual(self.assert_sound().seq, 11)

    def test_recalculations_wait_for_live_jobs(self):
        """Both are queued while the daemon stands still; then live goes
        first, whatever came first."""
        self.door.wait_welcome()
        slow, live = self.jobs(600), self.jobs(600, 1000)
        self.evald.process.send_signal(signal.SIGSTOP)
        for n in range(0, 600, 100):
            self.door.send(n, [slow[k] for k in range(n, n + 100)],
                           b"recalc-jobs")
            self.door.send(1000 + n, [live[1000 + k]
                                      for k in range(n, n + 100)])
        self.evald.process.send_signal(signal.SIGCONT)
        self.door.until("an answer to each", lambda: not self.door.unanswered)
        seqs = {n: said["seq"] for n, (_, said) in self.door.answers.items()}
        self.assertEqual(len(seqs), 1200)
        mean = lambda numbers: sum(seqs[n] for n in numbers) / 600
        self.assertLess(mean(live), mean(slow))

    def test_two_producers_and_the_other_door_at_once(self):
        other, push = self.submitter(self.evald), self.producer(self.evald)
        for number in range(20000, 22000):
            push.raw(frames.frame(number, 60000))
        mine, its = self.jobs(2000), self.jobs(2000, 10000)
        self.door.wait_welcome(), other.wait_welcome()
        while len(self.door.answers) < 2000 or len(other.answers) < 2000:
            self.door.top_up(mine)
            other.top_up(its)
            self.door.poll(0.01)
            other.poll(0.01)
        self.assertEqual(set(other.answers), set(its))
        wait_for("the pushed", lambda: len(Shard(self.redis).results) == 6000)
        self.assert_sound()


class Connection(EndToEnd):
    def test_one_that_breaks_under_a_commit_is_missed_at_once(self):
        """And not when an answer would be late, which is never here."""
        evald = self.daemon(settings="  timeout_ms: 600000\n")
        door = self.submitter(evald)
        for number in range(12):
            door.submit({number: frames.frame(number, 50000)})
            self.redis.call("CLIENT", "KILL", "TYPE", "normal")
        self.assertEqual(self.assert_sound().seq, 12)


def zmq_nowait():
    import zmq
    return zmq.NOBLOCK


if __name__ == "__main__":
    main()
