# SPDX-License-Identifier: Apache-2.0
"""What happens in a round, from its seed alone: the jobs of each producer, and
which fault strikes after how many answers. Nothing here looks at a clock."""
import dataclasses
import pathlib
import random
import sys

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
import frames

MODES = ("memory", "everysec", "always", "replica:1")
SHARDS = (("310113000", 2024), ("310113000", 2025), ("310115000", 2024))

# Points for the budget's execution under each ruleset that is used; the first
# is the one that the daemon takes where a job names none.
RULESETS = {"cn-sh-2024": 10, "cn-hb": 20, "cn-nx-2022": 0}
DEFAULT = "cn-sh-2024"

# How often a fault is chosen, and between which bounds it lasts (ms).
FAULTS = {
    "daemon": (4, 0, 150),
    "redis": (4, 20, 250),
    "both": (3, 20, 200),
    "producer": (4, 0, 150),
    "stop-daemon": (2, 50, 1100),
    "stop-redis": (3, 50, 900),
    "full": (3, 100, 500),
    "cut-redis": (3, 0, 0),
    "cut-doors": (3, 0, 100),
    "slow-reader": (3, 100, 600),
    "replica": (3, 50, 300),
    "term-daemon": (2, 0, 50),
    "late-turn": (3, 300, 1500),
}
# Faults that need a mode, and such as need a second daemon.
ONLY = {"replica": ("replica:1",)}
PAIR = ("late-turn",)

LANGUAGES = ("c", "python", "node")


@dataclasses.dataclass(frozen=True)
class Fault:
    kind: str
    at: int            # answers of all producers by then
    hold_ms: int       # until it is mended
    choice: int        # which of several daemons or producers
    within: "Fault" = None  # strikes while this one lasts


@dataclasses.dataclass(frozen=True)
class Job:
    job_id: str
    kind: str          # evaluate, withdraw, recalculate, bad
    shard: tuple
    project: str = ""
    revision: int = 0
    executed: int = 0  # in units of 0.01; the content
    ruleset: str = DEFAULT
    projects: tuple = ()
    frame: bytes = b""

    @property
    def content(self):
        """What the form says: equal content has an equal digest."""
        return self.shard, self.project, self.executed, self.revision % 2

    @property
    def later(self):
        return self.kind == "recalculate"


def half_up(numerator, denominator):
    return (2 * numerator + denominator) // (2 * denominator)


def total_e6(executed, ruleset):
    """What a form of frames.form() is worth: 85 points of its rows, and its
    execution of 1000.00 to two digits, half up."""
    hundredths = half_up(executed * RULESETS[ruleset] * 100, 100000)
    return 85 * 10 ** 6 + hundredths * 10 ** 4


class Writer:
    """Writes the jobs of one producer. `known` is {(shard, project): the last
    evaluation}: what corrections, resends and withdrawals refer to."""

    KINDS = (("fresh", 55), ("again", 8), ("corrected", 14), ("older", 5),
             ("conflict", 5), ("withdraw", 5), ("common", 4), ("bad", 1),
             ("recalculate", 3))

    def __init__(self, chance, name, known):
        self.chance, self.name, self.known = chance, name, known
        self.jobs, self.mine = [], []

    def write(self, count):
        kinds, weights = zip(*self.KINDS)
        for kind in self.chance.choices(kinds, weights, k=count):
            if kind not in ("fresh", "common", "bad") and not self.mine:
                kind = "fresh"
            self.jobs.append(getattr(self, kind)())
        return self.jobs

    def next_id(self):
        return f"{self.name}.{len(self.jobs)}"

    def amount(self):
        return self.chance.randrange(50000, 100001)

    def evaluate(self, shard, number, revision, executed):
        ruleset = self.chance.choice([DEFAULT] * 8 + ["cn-hb", "cn-nx-2022"])
        form = frames.form(number, executed, revision, *shard)
        form["job_id"], form["source"] = self.next_id(), self.name
        if ruleset != DEFAULT:
            form["ruleset"] = ruleset
        if revision % 2 == 0:  # a correction may move it elsewhere
            form["dept_code"], form["dept_name"] = frames.DEPARTMENTS[0]
        job = Job(form["job_id"], "evaluate", shard, form["pro_code"],
                  revision, executed, ruleset, (), msgpack.packb(form))
        self.known[shard, number] = job
        return job

    def some(self):
        shard, number = self.chance.choice(self.mine)
        return shard, number, self.known[shard, number]

    def fresh(self):
        shard = self.chance.choice(SHARDS)
        number = len(self.mine) + 100000 * (1 + ord(self.name[-1]) % 50)
        self.mine.append((shard, number))
        return self.evaluate(shard, number, 1, self.amount())

    def again(self):
        shard, number, last = self.some()
        return self.evaluate(shard, number, last.revision, last.executed)

    def corrected(self):
        shard, number, last = self.some()
        return self.evaluate(shard, number, last.revision + 1, self.amount())

    def older(self):
        shard, number, last = self.some()
        job = self.evaluate(shard, number, max(1, last.revision - 1),
                            self.amount())
        self.known[shard, number] = last
        return job

    def conflict(self):
        shard, number, last = self.some()
        job = self.evaluate(shard, number, last.revision,
                            last.executed - 1)
        self.known[shard, number] = last
        return job

    def common(self):
        """Projects that every producer fights for."""
        shard = SHARDS[0]
        number = 900000 + self.chance.randrange(20)
        last = self.known.get((shard, number))
        revision = (last.revision if last else 0) + self.chance.randrange(2)
        return self.evaluate(shard, number, max(1, revision), self.amount())

    def withdraw(self):
        shard, number, last = self.some()
        job_id = self.next_id()
        frame = msgpack.packb({
            "v": 1, "kind": "withdraw", "job_id": job_id, "source": self.name,
            "mof_div_code": shard[0], "fiscal_year": shard[1],
            "pro_code": last.project, "revision": last.revision})
        return Job(job_id, "withdraw", shard, last.project, last.revision,
                   frame=frame)

    def bad(self):
        form = frames.form(1, self.amount())
        form["job_id"], form["source"] = self.next_id(), self.name
        form["revision"] = 0
        return Job(form["job_id"], "bad", SHARDS[0], form["pro_code"],
                   frame=msgpack.packb(form))

    def recalculate(self):
        shard = self.chance.choice(self.mine)[0]
        codes = [self.known[s, n].project for s, n in self.mine if s == shard]
        projects = tuple(self.chance.sample(codes, min(len(codes), 30)))
        ruleset = self.chance.choice(list(RULESETS))
        job_id = self.next_id()
        frame = msgpack.packb({
            "v": 1, "kind": "recalculate", "job_id": job_id,
            "source": self.name, "mof_div_code": shard[0],
            "fiscal_year": shard[1], "projects": projects, "ruleset": ruleset})
        return Job(job_id, "recalculate", shard, ruleset=ruleset,
                   projects=projects, frame=frame)


def choose(chance, mode, kinds):
    allowed = [kind for kind in kinds if mode in ONLY.get(kind, (mode,))]
    if not allowed:
        sys.exit(f"crash-test: none of {', '.join(kinds)} in mode {mode}")
    return chance.choices(allowed, [FAULTS[kind][0] for kind in allowed])[0]


def write_fault(chance, mode, kinds, at, within=None):
    kind = choose(chance, mode, kinds)
    _, least, most = FAULTS[kind]
    return Fault(kind, at, chance.randrange(least, most + 1),
                 chance.randrange(1 << 16), within)


class Plan:
    """Round `number` of a seed."""

    PRODUCERS = ("a", "b")  # at the acknowledged door
    PUSH = "p"              # at the other

    def __init__(self, seed, number, mode=None, kinds=tuple(FAULTS), size=700):
        self.seed, self.number = seed, number
        self.mode = mode or MODES[number % len(MODES)]
        chance = random.Random(f"evald {seed} {number} {self.mode}")
        known = {}
        self.jobs = {name: Writer(chance, name, known).write(
            chance.randrange(size // 2, size)) for name in self.PRODUCERS}
        self.jobs[self.PUSH] = Writer(chance, self.PUSH, known).write(size // 3)
        self.daemons = chance.choice((1, 2))
        self.languages = {name: chance.choice(LANGUAGES)
                          for name in ("a", "b", "reader")}
        self.window = chance.choice((16, 64, 256))
        self.faults = self.write_faults(chance, kinds)

    def write_faults(self, chance, kinds):
        every = sum(len(self.jobs[name]) for name in self.PRODUCERS)
        if self.daemons == 1:
            kinds = [kind for kind in kinds if kind not in PAIR]
        faults = []
        for at in sorted(chance.randrange(every * 9 // 10)
                         for _ in range(chance.randrange(2, 5))):
            fault = write_fault(chance, self.mode, kinds, at)
            if chance.random() < 0.25:
                inner = write_fault(chance, self.mode, kinds, at)
                fault = dataclasses.replace(fault, within=inner)
            faults.append(fault)
        return faults
