# SPDX-License-Identifier: Apache-2.0
"""What was seen of a round, as plain values: the checker reads nothing else,
so that a test can invent a history."""
import dataclasses
import decimal


@dataclasses.dataclass(frozen=True)
class Change:
    """An entry of a shard's log, a message about it, or what a reader told."""
    epoch: int
    seq: int
    outcome: str
    project: str
    revision: int
    job_id: str
    total: int         # in millionths; None for a withdrawal
    digest: str        # of the form; None for a withdrawal
    checksum: str      # of the aggregate after it
    ruleset: str = None  # where it is known


@dataclasses.dataclass(frozen=True)
class Result:
    """What is stored of a project."""
    withdrawn: bool
    revision: int
    job_id: str
    digest: str = None
    ruleset: str = None
    total: int = None
    executed: int = None  # in the stored form; None: no form


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a producer: open, sub, ack, nack or end."""
    ms: int
    word: str
    job_id: str = None  # sub, ack, nack
    outcome: str = None
    shard: tuple = None
    project: str = None
    revision: int = 0
    epoch: int = 0
    seq: int = 0
    digest: str = None
    total: int = None
    ruleset: str = None


@dataclasses.dataclass(frozen=True)
class News:
    """What a reader of the client library told, in its order."""
    ms: int
    kind: str
    shard: tuple
    epoch: int
    seq: int
    checksum: str = None   # event, aggregate, snapshot
    change: Change = None  # event


@dataclasses.dataclass(frozen=True)
class Heard:
    """A message of the events door: event, aggregate or receipt."""
    ms: int
    kind: str
    shard: tuple
    change: Change  # of an aggregate: epoch, seq and checksum alone


@dataclasses.dataclass(frozen=True)
class Outage:
    """Redis ended: from when it may have kept what it was given from its
    file, when it was dead, when another was there."""
    since_ms: int
    dead_ms: int
    up_ms: int


@dataclasses.dataclass
class Books:
    """A shard in the store, afterwards."""
    epoch: int = 0
    seq: int = 0
    counters: dict = dataclasses.field(default_factory=dict)
    checksum: str = ""
    results: dict = dataclasses.field(default_factory=dict)
    log: list = dataclasses.field(default_factory=list)
    differences: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class History:
    mode: str
    jobs: dict                # {job_id: plan.Job}, all that were planned
    pushed: set               # job_ids sent through the jobs door
    lines: dict               # {producer: [Line]}
    books: dict               # {shard: Books}
    heard: list = dataclasses.field(default_factory=list)    # [[Heard]]
    readers: dict = dataclasses.field(default_factory=dict)  # {name: [News]}
    outages: list = dataclasses.field(default_factory=list)
    verify: str = ""          # what evalctl verify complained about


def absent(word):
    return None if word == "-" else word


def millionths(word):
    return None if word in (None, "-") else int(
        decimal.Decimal(word) * 10 ** 6)


def line_of(text, jobs):
    """A line that produce.c wrote; `jobs` are its producer's, in order."""
    ms, word, *rest = text.split()
    if word == "sub":
        return Line(int(ms), word, jobs[int(rest[0])].job_id)
    if word == "nack":
        return Line(int(ms), word, absent(rest[0]))
    if word != "ack":
        return Line(int(ms), word)
    (job_id, outcome, division, year, project, revision, epoch, seq, digest,
     total, ruleset) = rest
    return Line(int(ms), word, job_id, outcome, (division, int(year)),
                absent(project), int(revision), int(epoch), int(seq),
                absent(digest), millionths(total), absent(ruleset))


def news_of(text, checksum_of):
    """A line that follow.c wrote; checksum_of({counter: value}) is that of an
    aggregate."""
    ms, kind, division, year, epoch, seq, *rest = text.split()
    at = (int(ms), kind, (division, int(year)), int(epoch), int(seq))
    if kind == "event":
        checksum, project, outcome, revision, job_id, digest, total, _ = rest
        change = Change(int(epoch), int(seq), outcome, project, int(revision),
                        job_id, None if total == "-" else int(total),
                        absent(digest), checksum)
        return News(*at, checksum, change)
    if kind in ("snapshot", "aggregate"):
        return News(*at, checksum_of({
            name: int(value) for name, value in
            (word.split("=") for word in rest[1:])}))
    return News(*at)


def heard_of(ms, topic, message):
    """A message of the events door; None where it is of no change, or tells
    a reader that it is behind."""
    kind = topic.split(".")[0]
    if kind not in ("event", "aggregate", "receipt"):
        return None
    if message["kind"] == "behind" or not message.get("seq"):
        return None
    change = Change(message["epoch"], message["seq"], message.get("outcome"),
                    message.get("pro_code"), message.get("revision"),
                    message.get("job_id"), millionths(message.get("total")),
                    message.get("form_digest"), message.get("checksum"),
                    message.get("ruleset"))
    return Heard(ms, kind, (message["mof_div_code"], message["fiscal_year"]),
                 change)
