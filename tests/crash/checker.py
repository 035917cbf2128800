# SPDX-License-Identifier: Apache-2.0
"""Says of a history what was lost, doubled, reordered or invented.

The log of a shard is never trimmed here, so it must hold every change that
anybody was told of, each once, in an order that the rules allow; replayed, it
must give the stored results; and the sums must be those of what the producers
wrote, by this file's own arithmetic. What a durability mode permits to lose is
counted, everything else is damage."""
import collections
import dataclasses

import plan
from plan import total_e6

FORM_FEN = 10 ** 9   # 1000.00, of a form of frames.form()
ROWS = 4             # its indicators
HELD_BACK_MS = 2000  # Redis may keep a write so long while an fsync runs
LATE_MS = 500        # an answer that lay in a socket meanwhile
CHANGES = ("committed", "superseded", "withdrawn")


@dataclasses.dataclass(frozen=True)
class Damage:
    kind: str   # lost doubled reordered invented hole aggregate order silent
    place: str
    text: str

    def __str__(self):
        return f"{self.kind}: {self.place}: {self.text}"


@dataclasses.dataclass
class State:
    """Of a project, as the log has it so far."""
    withdrawn: bool
    revision: int
    job_id: str
    digest: str
    ruleset: str
    content: plan.Job


def name(shard):
    return f"{shard[0]}:{shard[1]}"


class Checker:
    def __init__(self, history):
        self.history, self.damages = history, []
        self.counts = collections.Counter()
        self.sent = set(history.pushed)
        for lines in history.lines.values():
            self.sent |= {line.job_id for line in lines if line.word == "sub"}
            self.sent |= self.unlogged(lines)
        self.digests, self.states, self.seen = {}, {}, {}
        self.told, self.first = {}, {}
        self.note_epochs()

    def unlogged(self, lines):
        """What a producer had handed over when it was killed, before it could
        say so: the job after the last that it named."""
        last = max((self.position(line.job_id) for line in lines
                    if line.word == "sub"), default=(None, -1))
        return {f"{last[0]}.{last[1] + 1}"} & set(self.history.jobs)

    def note_epochs(self):
        """Of each shard's epoch the highest seq that anybody was told, and
        when somebody was told of it first."""
        told = [(line.ms, line.shard, line)
                for lines in self.history.lines.values()
                for line in lines if line.word == "ack"]
        told += [(one.ms, one.shard, one.change)
                 for messages in self.history.heard for one in messages]
        told += [(one.ms, one.shard, one)
                 for news in self.history.readers.values() for one in news]
        for ms, shard, one in told:
            key = shard, one.epoch
            self.told[key] = max(self.told.get(key, 0), one.seq)
            self.first[key] = min(self.first.get(key, ms), ms)

    @staticmethod
    def position(job_id):
        producer, index = job_id.rsplit(".", 1)
        return producer, int(index)

    def damage(self, kind, place, text):
        self.damages.append(Damage(kind, place, text))
        self.counts[kind] += 1

    def check(self):
        for shard in self.history.books:
            self.check_log(shard)
            self.replay(shard)
            self.check_results(shard)
            self.check_sums(shard)
        if self.history.verify:
            self.damage("aggregate", "evalctl verify", self.history.verify)
        for producer, lines in self.history.lines.items():
            self.check_answers(producer, lines)
            self.check_order(producer, lines)
            self.check_recalculations(producer, lines)
        for number, messages in enumerate(self.history.heard):
            self.check_heard(f"subscriber {number}", messages)
        for reader, news in self.history.readers.items():
            for shard in self.history.books:
                self.check_reader(f"{reader} {name(shard)}", shard, [
                    one for one in news if one.shard == shard])
        return self.damages

    # ---- the log, and what is stored ----

    def check_log(self, shard):
        books, epoch = self.history.books[shard], 0
        for number, change in enumerate(books.log, 1):
            if change.seq != number:
                self.damage("hole", f"log of {name(shard)}",
                            f"{change.seq} where {number} should be")
                break
            if change.epoch < epoch:
                self.damage("reordered", f"log of {name(shard)} {number}",
                            f"epoch {change.epoch} after {epoch}")
            epoch = change.epoch
        if len(books.log) != books.seq:
            self.damage("hole", f"log of {name(shard)}",
                        f"{len(books.log)} entries, seq {books.seq}")
        self.seen[shard] = {(c.epoch, c.seq): c for c in books.log}
        self.counts["changes"] += len(books.log)

    def replay(self, shard):
        states = self.states[shard] = {}
        for change in self.history.books[shard].log:
            place = f"log of {name(shard)} {change.seq} ({change.job_id})"
            job = self.history.jobs.get(change.job_id)
            if job is None or job.job_id not in self.sent:
                self.damage("invented", place, "nobody sent this job")
                continue
            before = states.get(change.project)
            after = getattr(self, f"replay_{job.kind}")(
                place, shard, job, change, before)
            if after is not None:
                states[change.project] = after

    def replay_bad(self, place, *_):
        self.damage("invented", place, "a job that is none")

    def replay_evaluate(self, place, shard, job, change, before):
        if (shard, change.project, change.revision, change.ruleset,
                change.total) != (job.shard, job.project, job.revision,
                                  job.ruleset,
                                  total_e6(job.executed, job.ruleset)):
            return self.damage("invented", place, f"{change} of {job}")
        self.same_digest(place, job, change)
        outcome = "superseded" if before else "committed"
        if change.outcome != outcome:
            self.damage("reordered", place,
                        f"{change.outcome}, should be {outcome}")
        if before:
            self.compare(place, change, before)
        return State(False, change.revision, change.job_id, change.digest,
                     change.ruleset, job)

    def same_digest(self, place, job, change):
        known = self.digests.setdefault(job.content, change.digest)
        if known != change.digest:
            self.damage("invented", place, f"digest {change.digest} of a form "
                                           f"whose digest is {known}")

    def compare(self, place, change, before):
        if change.revision < before.revision:
            self.damage("reordered", place, f"revision {change.revision} "
                                            f"after {before.revision}")
        elif change.revision == before.revision and before.withdrawn:
            self.damage("reordered", place, "came back after a withdrawal")
        elif change.revision == before.revision:
            if change.digest != before.digest:
                self.damage("reordered", place,
                            "other content under the same revision")
            elif change.ruleset == before.ruleset:
                self.damage("doubled", place, "was stored already, by "
                                              f"{before.job_id}")

    def replay_withdraw(self, place, shard, job, change, before):
        if (shard, change.outcome, change.project, change.revision) != (
                job.shard, "withdrawn", job.project, job.revision):
            return self.damage("invented", place, f"{change} of {job}")
        if before and change.revision < before.revision:
            self.damage("reordered", place, "withdraws a newer revision")
        elif before and before.withdrawn and (
                change.revision == before.revision):
            self.damage("doubled", place, "was withdrawn already")
        return State(True, change.revision, change.job_id, None, None, job)

    def replay_recalculate(self, place, shard, job, change, before):
        if shard != job.shard or change.project not in job.projects or (
                before is None or before.withdrawn):
            return self.damage("invented", place, f"{change} of {job}")
        total = total_e6(before.content.executed, job.ruleset)
        if (change.revision, change.digest, change.ruleset, change.total) != (
                before.revision, before.digest, job.ruleset, total):
            self.damage("invented", place, f"{change} of {before}")
        if before.ruleset == job.ruleset:
            self.damage("doubled", place, "had these rules already")
        return State(False, before.revision, change.job_id, before.digest,
                     job.ruleset, before.content)

    def check_results(self, shard):
        results, states = self.history.books[shard].results, self.states[shard]
        for project in sorted(set(results) | set(states)):
            place = f"result {name(shard)} {project}"
            result, state = results.get(project), states.get(project)
            if result is None:
                self.damage("lost", place, f"the log has {state}")
            elif state is None:
                self.damage("invented", place, "the log does not know it")
            elif self.stored_of(result) != self.stored_by(state):
                self.damage("invented", place, f"{result}, by the log {state}")

    @staticmethod
    def stored_of(result):
        return (result.withdrawn, result.revision, result.job_id,
                result.digest, result.ruleset, result.total,
                None if result.withdrawn else result.executed)

    @staticmethod
    def stored_by(state):
        evaluated = not state.withdrawn
        executed = state.content.executed if evaluated else None
        return (state.withdrawn, state.revision, state.job_id, state.digest,
                state.ruleset,
                total_e6(executed, state.ruleset) if evaluated else None,
                executed)

    def check_sums(self, shard):
        """From what the producers wrote of the projects that are stored."""
        sums = collections.Counter()
        for state in self.states[shard].values():
            if not state.withdrawn:
                sums.update(contribution(state.content.executed,
                                         state.ruleset))
        books = self.history.books[shard]
        for counter in contribution(0, plan.DEFAULT, every=True):
            if books.counters.get(counter, 0) != sums[counter]:
                self.damage("aggregate", name(shard),
                            f"{counter} is {books.counters.get(counter, 0)}, "
                            f"the results add to {sums[counter]}")
        for difference in books.differences:
            self.damage("aggregate", name(shard), difference)

    # ---- what producers were told ----

    def check_answers(self, producer, lines):
        answered = set()
        for line in lines:
            if line.word not in ("ack", "nack"):
                continue
            place = f"producer {producer} {line.job_id} at {line.ms} ms"
            job = self.history.jobs.get(line.job_id)
            if job is None or job.job_id not in self.sent:
                self.damage("invented", place, "an answer to no job")
                continue
            answered.add(line.job_id)
            self.counts[line.word] += 1
            if (line.word == "nack") != (job.kind == "bad"):
                self.damage("lost", place, f"{line.word} of {job}")
            elif line.word == "ack":
                self.check_ack(place, job, line)
        for line in lines:
            if line.word == "sub" and line.job_id not in answered:
                self.damage("lost", f"producer {producer} {line.job_id}",
                            "was taken and has no answer")

    def check_ack(self, place, job, line):
        if line.total is not None and job.kind == "evaluate" and (
                line.total != total_e6(job.executed, line.ruleset)):
            self.damage("invented", place, f"total {line.total} of {job}")
        if line.outcome in CHANGES:
            held = self.holds_change(line)
        else:
            held = getattr(self, f"holds_{line.outcome}")(job, line)
        if not held:
            self.gone(place, line.ms, job.shard, line.epoch,
                      f"{line.outcome} as {line.epoch}/{line.seq} and gone")

    def holds_change(self, line):
        found = self.seen.get(line.shard, {}).get((line.epoch, line.seq))
        return found is not None and (
            found.job_id, found.outcome, found.project, found.revision,
            found.digest, found.total) == (
            line.job_id, line.outcome, line.project, line.revision,
            line.digest, line.total)

    def of_project(self, job):
        return (c for c in self.history.books[job.shard].log
                if c.project == job.project)

    def holds_unchanged(self, job, line):
        if job.kind == "withdraw":
            return any(c.outcome == "withdrawn" and c.revision == job.revision
                       for c in self.of_project(job))
        if job.kind == "recalculate":
            return any(c.project == line.project and c.digest == line.digest
                       and c.ruleset == job.ruleset
                       for c in self.history.books[job.shard].log)
        return any(c.revision == job.revision and c.digest == line.digest
                   for c in self.of_project(job))

    def holds_stale(self, job, _):
        return any(c.revision > job.revision or (
            c.outcome == "withdrawn" and c.revision >= job.revision)
                   for c in self.of_project(job))

    def holds_conflict(self, job, _):
        own = self.digests.get(job.content)
        return any(c.revision == job.revision and c.digest != own
                   and c.outcome != "withdrawn" for c in self.of_project(job))

    def holds_not_found(self, job, _):
        return job.kind == "recalculate"

    def gone(self, place, ms, shard, epoch, text):
        """Somebody was told of what the store does not hold. Where the mode
        permits that, the epoch must have told it to all; before the next
        change, the sequence does: it is behind what was told."""
        books = self.history.books[shard]
        behind = self.told.get((shard, epoch), 0) > books.seq
        past = self.first.get((shard, epoch)) if (
            epoch != books.epoch) else None
        if not self.permitted(ms, past):
            self.damage("lost", place, text)
        elif epoch >= books.epoch and not behind:
            self.damage("silent", place,
                        f"{text}; the epoch is still {books.epoch}")
        else:
            self.counts["permitted"] += 1

    def permitted(self, ms, past):
        """Whether it was told before Redis was back; or later, but it is of an
        epoch that is over and was there before (`past`: since when)."""
        for outage in self.history.outages:
            known = ms if past is None else past
            if known > outage.up_ms + LATE_MS:
                continue
            if self.history.mode == "memory":
                return True
            if self.history.mode == "everysec" and (
                    ms >= outage.since_ms - HELD_BACK_MS - LATE_MS):
                return True
        return False

    def check_order(self, producer, lines):
        """What was submitted after an answer was told stands behind it."""
        told, floor, opened = {}, {}, True
        for line in lines:
            if line.word == "sub":
                job = self.history.jobs[line.job_id]
                if not opened:  # the first may be handed over the second time
                    floor.setdefault(line.job_id, told.get(job.shard, (0, 0)))
                opened = False
            elif line.word == "open":
                opened = True
            elif line.word == "ack" and line.seq > 0:
                at = (line.epoch, line.seq)
                if at <= floor.get(line.job_id, (0, 0)):
                    self.damage("order", f"producer {producer} {line.job_id}",
                                f"{at} was submitted after "
                                f"{floor[line.job_id]} was told")
                told[line.shard] = max(at, told.get(line.shard, (0, 0)))

    def check_recalculations(self, producer, lines):
        """An acknowledged recalculation has reached each project whose commit
        had been told to the same producer before."""
        told, wanted = {}, {}
        for line in lines:
            job = self.history.jobs.get(line.job_id)
            if line.word == "ack" and line.outcome in CHANGES and (
                    job and job.kind == "evaluate"):
                told[job.shard, job.project] = (line.epoch, line.seq)
            elif line.word == "sub" and job.kind == "recalculate":
                wanted[line.job_id] = {p: told[job.shard, p]
                                       for p in job.projects
                                       if (job.shard, p) in told}
            elif line.word == "ack" and line.job_id in wanted:
                self.reached(f"producer {producer} {line.job_id}", job,
                             line, wanted.pop(line.job_id))

    def reached(self, place, job, line, projects):
        latest = {}
        for change in self.history.books[job.shard].log:
            latest.setdefault(change.project, []).append(change)
        for project, at in projects.items():
            if not any((c.epoch, c.seq) >= at and (
                    c.ruleset == job.ruleset or c.outcome == "withdrawn")
                       for c in latest.get(project, [])):
                self.gone(place, line.ms, job.shard, at[0],
                          f"{project} was not scored by {job.ruleset}")

    # ---- what readers were told ----

    def same_change(self, shard, change):
        """Whether the log has it, as far as the message says."""
        found = self.seen[shard].get((change.epoch, change.seq))
        return found is not None and all(
            said is None or said == getattr(found, field.name)
            for field in dataclasses.fields(change)
            for said in [getattr(change, field.name)])

    def same_sums(self, one):
        """An aggregate may be told under an epoch that begins with the next
        change."""
        log = self.history.books[one.shard].log[one.change.seq - 1:]
        return bool(log) and log[0].checksum == one.change.checksum and (
            log[0].epoch <= one.change.epoch)

    def check_heard(self, place, messages):
        last = {}
        for one in messages:
            at = (one.change.epoch, one.change.seq)
            where = f"{place}: {one.kind} {name(one.shard)} {at}"
            self.counts["heard"] += 1
            if not (self.same_sums(one) if one.kind == "aggregate" else
                    self.same_change(one.shard, one.change)):
                self.gone(where, one.ms, one.shard, one.change.epoch,
                          f"{one.change.job_id} was published and is gone")
            if one.kind == "event":
                before = last.get(one.shard, (0, 0))
                if at <= before:
                    self.damage("doubled" if at == before else "reordered",
                                where, f"came after {before}")
                last[one.shard] = max(at, before)

    def check_reader(self, place, shard, news):
        """Told events rise by one; where they do not, a snapshot was told; and
        in the end the reader has what the store has."""
        at, checksum, begin = None, None, True
        for one in news:
            if one.kind in ("epoch", "lost"):
                begin = True
                self.check_break(place, one)
            elif one.kind == "healed":
                self.counts["reader.healed"] += 1
            elif one.kind == "differs":
                self.damage("aggregate", place, f"{one} proved false")
            elif one.kind == "snapshot":
                if not begin:
                    self.damage("hole", place, f"a snapshot without a word at "
                                               f"{one.epoch}/{one.seq}")
                at, checksum, begin = (one.epoch, one.seq), one.checksum, False
            elif one.kind == "event":
                self.check_told(place, shard, one, at, begin)
                at, checksum = (one.epoch, one.seq), one.checksum
            elif one.kind == "aggregate" and at == (one.epoch, one.seq):
                checksum = one.checksum
        self.check_end(place, shard, at, checksum)

    def check_break(self, place, one):
        self.counts[f"reader.{one.kind}"] += 1
        if one.kind == "lost":
            self.damage("hole", place, f"{one}: the log was never trimmed")

    def check_told(self, place, shard, one, at, begin):
        self.counts["told"] += 1
        if begin or at is None:
            self.damage("hole", place, f"an event before a snapshot: {one}")
        elif one.seq != at[1] + 1 or (at[0] and one.epoch != at[0]):
            kind = "hole" if one.seq > at[1] + 1 else "doubled"
            self.damage(kind, place, f"{one.epoch}/{one.seq} after {at}")
        if not self.same_change(shard, one.change):
            self.gone(f"{place} {one.epoch}/{one.seq}", one.ms, shard,
                      one.epoch, f"{one.change.job_id} was told and is gone")

    def check_end(self, place, shard, at, checksum):
        books = self.history.books[shard]
        if at != (books.epoch, books.seq):
            self.damage("hole", place, f"ended at {at}, the store at "
                                       f"{(books.epoch, books.seq)}")
        elif checksum != books.checksum:
            self.damage("aggregate", place, f"ended with {checksum}, the "
                                            f"store has {books.checksum}")


def contribution(executed, ruleset, every=False):
    """What a form of frames.form() adds to its shard's counters, as far as it
    can be said without evald."""
    total = total_e6(executed, ruleset)
    bucket = f"score_{min(total // 10 ** 7, 9) * 10}"
    sums = {"forms": 1, "indicators": ROWS, "opening_fen": FORM_FEN,
            "budget_fen": FORM_FEN, "executed_fen": executed * 10 ** 4,
            "total_e6": total, "execution_score_e6": total - 85 * 10 ** 6}
    if every:
        sums.update((f"score_{n}", 0) for n in range(0, 100, 10))
    sums[bucket] = 1
    return sums
