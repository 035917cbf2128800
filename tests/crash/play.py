# SPDX-License-Identifier: Apache-2.0
"""A round: the stage is set, the faults strike, all is brought to an end, and
the checker reads what was written down."""
import collections
import json
import pathlib
import shutil
import time
import traceback

import faults
import history
from books import COUNTERS, Shard, Values, checksum
from checker import Checker, Damage
from harness import evalctl
from plan import SHARDS
from stage import Stage, spoken

OUTCOMES = ("committed", "unchanged", "superseded", "stale", "conflict",
            "withdrawn", "rejected", "not_found")
COMPLAINTS = ("Sanitizer", "runtime error:", "Assertion")
FINISH_S, CATCH_UP_S = 40, 15


class Stuck(Exception):
    """Something did not come to its end."""


# ---- what Redis holds, as plain values ----

def hexadecimal(value):
    return None if value is None else value.hex()


def changes_of(shard):
    for batch in shard.batches:
        for position, event in enumerate(batch[7]):
            (outcome, project, revision, job_id, _, total, _, _, _, _, _, _,
             digest, ruleset, check) = event[:15]
            yield history.Change(
                batch[1], batch[2] + position, OUTCOMES[outcome], project,
                revision, job_id, total, hexadecimal(digest), f"{check:016x}",
                ruleset)


def executed_of(form, values):
    """In units of 0.01, from the canonical form."""
    return None if form is None else values.read(form)[10][0][2] // 10000


def result_of(packed, executed):
    if packed[1] == 1:
        return history.Result(True, packed[2], packed[6])
    return history.Result(False, packed[2], packed[6], packed[3].hex(),
                          packed[5], packed[13], executed)


def books_of(redis, division, year):
    prefix = f"evald:1:{{{division}:{year}}}:"
    if not redis.call("EXISTS", prefix + "aggregate"):
        return history.Books(checksum=checksum_of({}))
    shard = Shard(redis, division, year)
    forms, values = redis.hash(prefix + "forms"), Values(redis, "forms")
    counters = dict(zip(COUNTERS, shard.counters))
    return history.Books(
        shard.epoch, shard.seq, counters, checksum_of(counters),
        {code: result_of(packed, executed_of(forms.get(code.encode()), values))
         for code, packed in shard.results.items()},
        list(changes_of(shard)), list(shard.differences()))


def checksum_of(counters):
    return f"{checksum([counters.get(name, 0) for name in COUNTERS]):016x}"


# ---- the round ----

class Round:
    def __init__(self, plan, folder, keep=False):
        self.plan, self.folder, self.keep = plan, pathlib.Path(folder), keep
        self.stage, self.damages, self.counts = None, [], collections.Counter()

    def play(self):
        """{…}: what came of it."""
        begin = time.monotonic()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        try:
            self.stage = Stage(self.plan, self.folder)
            self.count_clients()
            self.strike_all()
            self.finish()
            self.check()
        except (AssertionError, OSError, EOFError, Stuck, ValueError) as error:
            (self.folder / "error").write_text(traceback.format_exc())
            self.damages.append(Damage("stuck", type(error).__name__,
                                       str(error)[-2000:]))
        finally:
            if self.stage is not None:
                self.stage.close()
        return self.tell(time.monotonic() - begin)

    def strike_all(self):
        for fault in self.plan.faults:
            if not self.stage.until(lambda at=fault.at:
                                    self.stage.answers() >= at, FINISH_S):
                raise Stuck(f"{self.stage.answers()} answers, no more come")
            faults.strike(self.stage, fault)
            self.count_faults(fault)

    def count_clients(self):
        self.counts["two daemons"] += self.plan.daemons == 2
        for name, language in self.plan.languages.items():
            kind = "reader" if name == "reader" else "producer"
            self.counts[f"{kind}.{spoken(language)}"] += 1

    def count_faults(self, fault):
        while fault is not None:
            self.counts[f"fault.{fault.kind}"] += 1
            fault = fault.within

    def finish(self):
        """Every job is answered, every daemon ends, every reader catches up."""
        stage = self.stage
        faults.restart_what_ended(stage)
        if not stage.until(lambda: not any(
                client.running for client in stage.clients), FINISH_S):
            raise Stuck(f"{stage.answers()} of {stage.every} answers")
        for client in stage.clients:
            if client.process.child.returncode != 0:
                raise Stuck(f"producer {client.name}: {client.lines()[-1:]}")
        for daemon in stage.daemons:
            if not stage.until(daemon.ready, 20):
                raise Stuck(f"{daemon.name} is not ready")
        self.until_quiet()
        self.verify()
        for daemon in stage.daemons:
            status = daemon.stop()
            if status != 0:
                raise Stuck(f"{daemon.name} ended with {status}")
        if not stage.until(self.caught_up, CATCH_UP_S):
            stage.note("the reader has not caught up")
        stage.hold(50)
        stage.reader.stop()

    def until_quiet(self):
        """What was pushed is committed, as far as it came."""
        seqs = None
        while seqs != (seqs := [self.place(s) for s in SHARDS]):
            self.stage.hold(60)

    def place(self, shard):
        return self.stage.store.primary.call(
            "HMGET", "evald:1:{%s:%d}:aggregate" % shard, "epoch", "seq")

    def caught_up(self):
        last = {}
        for one in self.news():
            last[one.shard] = (one.epoch, one.seq)
        return all(last.get(shard) == tuple(int(n or 0)
                                            for n in self.place(shard))
                   for shard in SHARDS)

    def verify(self):
        run = evalctl("verify", "--redis", f"unix:{self.stage.store.socket}",
                      check=False)
        self.complaint = (run.stdout + run.stderr)[-2000:] \
            if run.returncode else ""

    def news(self):
        lines = (self.folder / "reader.log").read_text().split("\n")[:-1]
        return [history.news_of(line, checksum_of) for line in lines]

    def collect(self):
        plan, stage = self.plan, self.stage
        heard = [[one for one in (history.heard_of(*message)
                                  for message in ear.messages()) if one]
                 for ear in stage.ears]
        return history.History(
            plan.mode, {job.job_id: job for jobs in plan.jobs.values()
                        for job in jobs},
            stage.pusher.sent,
            {client.name: [history.line_of(line, client.jobs)
                           for line in client.lines()]
             for client in stage.clients},
            {shard: books_of(stage.store.primary, *shard) for shard in SHARDS},
            heard, {"reader": self.news()}, stage.store.outages,
            self.complaint)

    def check(self):
        checker = Checker(self.collect())
        self.damages += checker.check()
        self.counts += checker.counts
        self.counts["epochs"] = sum(
            len({change.epoch for change in books.log} - {books.log[0].epoch})
            for books in checker.history.books.values() if books.log)
        for daemon in self.stage.daemons:
            log = daemon.process.log.read_text("utf-8", "replace")
            self.damages += [Damage("stuck", daemon.name, word)
                             for word in COMPLAINTS if word in log]

    def tell(self, seconds):
        """The summary; the folder stays where something is wrong."""
        answer = {"round": self.plan.number, "seed": self.plan.seed,
                  "mode": self.plan.mode, "seconds": round(seconds, 2),
                  "damages": [str(damage) for damage in self.damages],
                  "counts": dict(sorted(self.counts.items())), "folder": None}
        if self.damages or self.keep:
            notes = self.stage.notes if self.stage else []
            (self.folder / "notes").write_text("\n".join(notes) + "\n")
            (self.folder / "summary.json").write_text(json.dumps(
                answer, ensure_ascii=False, indent=1))
            answer["folder"] = str(self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        return answer
