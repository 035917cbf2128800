#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The checker itself: an invented history that is sound has no damage, and each
kind of damage that is planted in it is found, by its name."""
import dataclasses
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
import plan
from checker import Checker, contribution
from history import (Books, Change, Heard, History, Line, News, Outage,
                     Result)

SHARD, EPOCH = plan.SHARDS[0], 100


def job(index, project, revision, executed, kind="evaluate", **more):
    return plan.Job(f"a.{index}", kind, SHARD, project, revision, executed,
                    **more)


JOBS = [
    job(0, "P", 1, 60000),
    job(1, "Q", 1, 70000),
    job(2, "P", 2, 61000),
    job(3, "Q", 1, 0, "withdraw"),
    job(4, "R", 1, 80000),
    job(5, "", 0, 0, "recalculate", ruleset="cn-hb", projects=("P", "R")),
    job(6, "P", 2, 61000),              # again: unchanged
    job(7, "P", 1, 99000),              # stale
    job(8, "R", 1, 79999),              # conflict
    job(9, "", 0, 0, "bad"),
    job(10, "S", 1, 50000),
]
DIGESTS = {one.content: f"{number:032x}" for number, one in enumerate(JOBS)
           if one.kind == "evaluate"}


def change(seq, outcome, of, number=None, ruleset=plan.DEFAULT):
    """The change that job `number` makes to the project of job `of`."""
    said, form = JOBS[of if number is None else number], JOBS[of]
    gone = outcome == "withdrawn"
    return Change(EPOCH, seq, outcome, form.project, form.revision, said.job_id,
                  None if gone else plan.total_e6(form.executed, ruleset),
                  None if gone else DIGESTS[form.content], f"{seq:016x}",
                  None if gone else ruleset)


LOG = [change(1, "committed", 0), change(2, "committed", 1),
       change(3, "superseded", 2), change(4, "withdrawn", 3),
       change(5, "committed", 4),
       change(6, "superseded", 2, 5, "cn-hb"),
       change(7, "superseded", 4, 5, "cn-hb"), change(8, "committed", 10)]
WITHDRAWN = Result(True, 1, "a.3")


def stored(of, last, ruleset):
    form = JOBS[of]
    return Result(False, form.revision, last, DIGESTS[form.content], ruleset,
                  plan.total_e6(form.executed, ruleset), form.executed)


def ack(ms, number, outcome, seq=0, of=None, ruleset=plan.DEFAULT):
    form = JOBS[number if of is None else of]
    told = outcome in ("committed", "superseded", "unchanged")
    return Line(ms, "ack", JOBS[number].job_id, outcome, SHARD, form.project,
                form.revision, EPOCH, seq,
                DIGESTS[form.content] if told else None,
                plan.total_e6(form.executed, ruleset) if told else None,
                ruleset if told else None)


def lines():
    """Taken, all but the last two; answered; taken, the rest; answered."""
    return [Line(0, "open"),
            *(Line(1, "sub", f"a.{n}") for n in range(9)),
            ack(2, 0, "committed", 1), ack(2, 1, "committed", 2),
            ack(2, 2, "superseded", 3), ack(2, 3, "withdrawn", 4),
            ack(2, 4, "committed", 5),
            ack(3, 5, "superseded", 6, of=2, ruleset="cn-hb"),
            ack(3, 6, "unchanged", ruleset="cn-hb"),
            ack(3, 7, "stale"), ack(3, 8, "conflict"),
            Line(4, "sub", "a.9"), Line(4, "sub", "a.10"),
            Line(5, "nack", "a.9"), ack(5, 10, "committed", 8),
            Line(6, "end")]


def sums():
    total = dict.fromkeys(contribution(0, plan.DEFAULT, every=True), 0)
    for executed, ruleset in ((61000, "cn-hb"), (80000, "cn-hb"),
                              (50000, plan.DEFAULT)):
        for name, value in contribution(executed, ruleset).items():
            total[name] += value
    return total


def told(one):
    return News(9, "event", SHARD, one.epoch, one.seq, one.checksum,
                dataclasses.replace(one, ruleset=None))


def sound(mode="always"):
    books = Books(EPOCH, 8, sums(), LOG[-1].checksum, {
        "P": stored(2, "a.5", "cn-hb"), "Q": WITHDRAWN,
        "R": stored(4, "a.5", "cn-hb"), "S": stored(10, "a.10", plan.DEFAULT)},
        list(LOG))
    heard = [Heard(7, "event", SHARD, one) for one in LOG[2:]]
    heard.append(Heard(7, "aggregate", SHARD, Change(
        EPOCH, 8, None, None, None, None, None, None, LOG[-1].checksum)))
    news = [News(8, "snapshot", SHARD, 0, 0, "0" * 16), *map(told, LOG)]
    return History(mode, {one.job_id: one for one in JOBS}, set(),
                   {"a": lines()}, {SHARD: books}, [heard], {"reader": news})


class Planted(unittest.TestCase):
    def setUp(self):
        self.history = sound()
        self.books = self.history.books[SHARD]
        self.lines = self.history.lines["a"]
        self.news = self.history.readers["reader"]

    def found(self):
        checker = Checker(self.history)
        return sorted({damage.kind for damage in checker.check()})

    def expect(self, *kinds):
        self.assertEqual(self.found(), sorted(kinds))

    def replace(self, position, **more):
        self.books.log[position] = dataclasses.replace(
            self.books.log[position], **more)

    def answer(self, job_id, **more):
        (position,) = [n for n, line in enumerate(self.lines)
                       if line.job_id == job_id and line.word != "sub"]
        self.lines[position] = dataclasses.replace(self.lines[position],
                                                   **more)

    def go_back(self, epoch=EPOCH):
        """The last change is gone from the store, and from nothing else."""
        self.books.log.pop()
        del self.books.results["S"]
        self.books.seq = 7
        self.books.epoch = epoch
        self.books.checksum = self.books.log[-1].checksum
        for name, value in contribution(50000, plan.DEFAULT).items():
            self.books.counters[name] -= value
        self.news += [News(9, "epoch", SHARD, epoch, 7),
                      News(9, "snapshot", SHARD, epoch, 7,
                           self.books.checksum)]

    # ---- sound ----

    def test_nothing_is_found_where_nothing_is(self):
        self.expect()

    def test_what_a_mode_permits_is_counted_and_no_damage(self):
        for mode in ("memory", "everysec"):
            self.setUp()
            self.history.mode = mode
            self.history.outages = [Outage(10, 10, 20)]
            self.go_back(EPOCH + 1)
            checker = Checker(self.history)
            self.assertEqual(checker.check(), [])
            self.assertGreater(checker.counts["permitted"], 2)

    # ---- lost ----

    def test_an_acknowledged_change_that_is_gone(self):
        self.go_back(EPOCH + 1)
        self.expect("lost")

    def test_no_other_mode_permits_it(self):
        for mode in ("always", "replica:1"):
            self.setUp()
            self.history.mode = mode
            self.history.outages = [Outage(10, 10, 20)]
            self.go_back(EPOCH + 1)
            self.expect("lost")

    def test_no_mode_permits_it_without_an_outage(self):
        for mode in plan.MODES:
            self.setUp()
            self.history.mode = mode
            self.go_back(EPOCH + 1)
            self.expect("lost")

    def test_everysec_permits_what_is_no_older_than_two_seconds(self):
        self.history.mode = "everysec"
        self.history.outages = [Outage(90000, 90000, 90020)]
        self.go_back(EPOCH + 1)
        self.expect("lost")

    def test_memory_permits_nothing_after_the_outage(self):
        self.history.mode = "memory"
        self.history.outages = [Outage(-3000, -3000, -2900)]
        self.go_back(EPOCH)
        self.expect("lost")

    def test_a_job_without_an_answer(self):
        self.lines.remove(ack(5, 10, "committed", 8))
        self.expect("lost")

    def test_a_result_that_is_not_stored(self):
        del self.books.results["R"]
        self.expect("lost")

    def test_unchanged_stale_and_conflict_need_what_they_speak_of(self):
        for outcome in ("unchanged", "stale", "conflict"):
            self.setUp()
            self.answer("a.10", outcome=outcome, seq=0, digest="f" * 32)
            self.expect("lost")

    def test_a_recalculation_that_left_one_out(self):
        self.replace(6, outcome="committed", project="T", job_id="a.11",
                     ruleset=plan.DEFAULT, total=85000000, digest="e" * 32,
                     revision=1)
        extra = plan.Job("a.11", "evaluate", SHARD, "T", 1, 0)
        self.history.jobs["a.11"] = extra
        self.assertIn("lost", self.found())

    def test_a_bad_job_that_was_taken(self):
        self.answer("a.9", word="ack", outcome="committed", seq=8)
        self.assertIn("lost", self.found())

    def test_lost_without_a_word(self):
        self.history.mode = "memory"
        self.history.outages = [Outage(10, 10, 20)]
        self.go_back()
        self.books.log.append(dataclasses.replace(change(8, "superseded", 0),
                                                  job_id="a.0"))
        self.books.seq = 8
        self.assertIn("silent", self.found())

    # ---- doubled ----

    def test_a_change_that_is_there_twice(self):
        self.books.log.append(dataclasses.replace(
            LOG[-1], seq=9, outcome="superseded"))
        self.books.seq = 9
        self.news.append(told(self.books.log[-1]))
        self.expect("doubled")

    def test_a_withdrawal_that_is_there_twice(self):
        self.books.log.append(dataclasses.replace(LOG[3], seq=9))
        self.books.results["Q"] = WITHDRAWN
        self.books.seq = 9
        self.news.append(told(self.books.log[-1]))
        self.expect("aggregate", "doubled")

    def test_a_form_that_is_counted_twice(self):
        self.books.counters["forms"] += 1
        self.expect("aggregate")

    def test_an_event_that_a_subscriber_got_twice(self):
        self.history.heard[0].insert(1, self.history.heard[0][0])
        self.expect("doubled")

    def test_an_event_that_a_reader_was_told_twice(self):
        self.news.insert(3, self.news[2])
        self.expect("doubled")

    # ---- reordered ----

    def test_an_older_revision_over_a_newer(self):
        self.books.log[0], self.books.log[2] = (
            dataclasses.replace(LOG[2], seq=1, outcome="committed"),
            dataclasses.replace(LOG[0], seq=3, outcome="superseded"))
        self.assertIn("reordered", self.found())

    def test_other_content_under_the_same_revision(self):
        other = JOBS[8]
        self.books.log.append(Change(
            EPOCH, 9, "superseded", "R", 1, "a.8",
            plan.total_e6(other.executed, plan.DEFAULT),
            DIGESTS[other.content], "9" * 16, plan.DEFAULT))
        self.books.seq = 9
        self.assertIn("reordered", self.found())

    def test_back_after_a_withdrawal(self):
        self.books.log.append(dataclasses.replace(LOG[1], seq=9,
                                                  outcome="superseded"))
        self.books.seq = 9
        self.assertIn("reordered", self.found())

    def test_events_that_a_subscriber_got_in_another_order(self):
        heard = self.history.heard[0]
        heard[1], heard[2] = heard[2], heard[1]
        self.expect("reordered")

    def test_a_log_whose_epoch_falls(self):
        self.replace(5, epoch=EPOCH - 1)
        self.assertIn("reordered", self.found())

    def test_what_came_later_stands_before_what_was_told(self):
        self.books.log[6], self.books.log[7] = (
            dataclasses.replace(LOG[7], seq=7),
            dataclasses.replace(LOG[6], seq=8))
        self.answer("a.5", seq=8, project="R", revision=1,
                    digest=DIGESTS[JOBS[4].content],
                    total=plan.total_e6(80000, "cn-hb"))
        self.answer("a.10", seq=7)
        self.assertIn("order", self.found())

    # ---- invented ----

    def test_a_change_of_a_job_that_nobody_sent(self):
        self.lines[:] = [line for line in self.lines if line.job_id != "a.4"]
        self.expect("aggregate", "invented")

    def test_a_change_of_a_job_that_does_not_exist(self):
        self.replace(7, job_id="x.1")
        self.assertIn("invented", self.found())

    def test_a_total_that_the_form_does_not_make(self):
        self.replace(0, total=90000000)
        self.assertIn("invented", self.found())

    def test_a_result_that_the_log_does_not_know(self):
        self.books.results["T"] = stored(0, "a.0", plan.DEFAULT)
        self.expect("invented")

    def test_a_result_of_another_content(self):
        self.books.results["S"] = dataclasses.replace(
            self.books.results["S"], executed=50001)
        self.expect("invented")

    def test_an_answer_with_another_total(self):
        self.answer("a.6", total=1)
        self.expect("invented")

    def test_an_answer_to_no_job(self):
        self.lines.append(dataclasses.replace(ack(6, 10, "committed", 8),
                                              job_id="x.7"))
        self.expect("invented")

    def test_an_event_that_the_log_does_not_have(self):
        heard = self.history.heard[0]
        heard[0] = dataclasses.replace(heard[0], change=dataclasses.replace(
            heard[0].change, job_id="a.10"))
        self.expect("lost")

    # ---- holes ----

    def test_a_log_with_a_hole(self):
        self.books.log.pop(3)
        self.assertIn("hole", self.found())

    def test_a_reader_that_was_not_told_one(self):
        self.news.pop(4)
        self.expect("hole")

    def test_a_reader_that_did_not_reach_the_end(self):
        self.news.pop()
        self.expect("hole")

    def test_a_reader_that_jumped(self):
        self.news.append(News(9, "snapshot", SHARD, EPOCH, 8,
                              LOG[-1].checksum))
        self.expect("hole")

    def test_a_reader_that_lost_some(self):
        self.news += [News(9, "lost", SHARD, EPOCH, 8),
                      News(9, "snapshot", SHARD, EPOCH, 8, LOG[-1].checksum)]
        self.expect("hole")

    # ---- sums ----

    def test_each_counter(self):
        for name in contribution(0, plan.DEFAULT, every=True):
            self.setUp()
            self.books.counters[name] -= 1
            self.expect("aggregate")

    def test_a_reader_that_ended_with_other_sums(self):
        self.news[-1] = dataclasses.replace(self.news[-1], checksum="f" * 16)
        self.expect("aggregate")

    def test_an_aggregate_that_proved_false(self):
        self.news.append(News(9, "differs", SHARD, EPOCH, 8))
        self.expect("aggregate")

    def test_what_verify_says(self):
        self.history.verify = "310113000 2024: forms is 4, should be 3"
        self.expect("aggregate")

    def test_what_the_books_of_the_test_say(self):
        self.books.differences.append("departments add to 4")
        self.expect("aggregate")


if __name__ == "__main__":
    unittest.main()
