#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the C library to the oracle over random forms.

    property_test.py SCORE_JSONL RULESETS [--count 10000] [--seed 1] [--jobs 2]
                     [--ruleset ID] [--wild 100]

Under every preset, --count forms each; then under --wild random rulesets.
Prints the first forms on which the two differ, each as a job that
`evalctl score` takes, and how often each finding was met.
"""
import argparse
import collections
import dataclasses
import json
import multiprocessing
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import generate
import oracle
import tables
import wild

CHUNK = 1000
WILD_FORMS = 100  # under each random ruleset
FAMILIES = ("S", "A", "W")


def scored(program, ruleset, forms, *year):
    lines = "".join(json.dumps(form, ensure_ascii=False) + "\n"
                    for form in forms)
    run = subprocess.run([program, ruleset, *map(str, year)],
                         input=lines.encode(), capture_output=True, timeout=300, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"{program}: {run.returncode}: {run.stderr[-2000:]}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def key(finding):
    return (finding["code"], finding["level"], finding["cell"])


def expectations(verdict):
    return {key(f): oracle.number(f.get("expected"))
            for f in verdict["findings"]}


def differences(ours, theirs):
    """What differs between the oracle's verdict and the library's, in words."""
    if "error" in theirs:
        yield f"rejected: {theirs}"
        return
    figures = [("rate", ours["rate"], theirs["execution"].get("rate")),
               ("execution", ours["execution"], theirs["execution"]["score"]),
               ("total", ours["total"], theirs["total"])]
    for i, (row, points) in enumerate(zip(theirs["indicators"], ours["rows"])):
        figures.append((f"indicators[{i}]", points, row["score"]))
    for name, mine, other in figures:
        if mine != oracle.number(other):
            yield f"{name}: oracle {mine and float(mine)}, evald {other}"
    if ours["grade"] != theirs["grade"]:
        yield f"grade: oracle {ours['grade']}, evald {theirs['grade']}"
    mine = collections.Counter(f[:3] for f in ours["findings"])
    other = collections.Counter(key(f) for f in theirs["findings"]
                                if f["code"][0] in FAMILIES)
    for finding in mine - other:
        yield f"only the oracle finds {finding}"
    for finding in other - mine:
        yield f"only evald finds {finding}"
    printed = expectations(theirs)
    for *name, expected in ours["findings"]:
        there = printed.get(tuple(name))
        if None not in (expected, there) and not isinstance(expected, str):
            if expected != there:
                yield f"{name}: oracle expects {float(expected)}, evald {there}"


def kind(difference):
    """A difference without its figures, to count those alike."""
    return re.sub(r"\[\d+\]|(oracle|evald) [-\d.]+|expects .*", "#",
                  difference)


def chunk(task):
    if task.wild:
        with tempfile.TemporaryDirectory() as folder:
            national = pathlib.Path(task.folder, "cn-2020.yaml")
            shutil.copy(national, folder)
            rules, text = wild.ruleset(task.seed)
            file = pathlib.Path(folder, "cn-wild.yaml")
            file.write_text(text, "utf-8")
            return (*compared(task, file, rules), text)
    rules = tables.RULES[task.ruleset, task.year]
    file = pathlib.Path(task.folder, task.ruleset + ".yaml")
    return (*compared(task, file, rules), None)


def compared(task, file, rules):
    """How many forms, forms with each finding, those on which the two differ."""
    maker = generate.Forms(task.seed, rules, task.year)
    forms = [maker.form() for _ in range(task.count)]
    theirs = scored(task.program, file, forms, task.year)
    assert len(theirs) == len(forms), f"{len(theirs)} verdicts"
    judge = oracle.Oracle(rules)
    met, wrong = collections.Counter(), []
    for form, other in zip(forms, theirs):
        ours = judge.evaluate(form)
        met.update({finding[0] for finding in ours["findings"]})
        found = list(differences(ours, other))
        if found:
            wrong.append((form, found))
    return task.count, met, wrong


@dataclasses.dataclass
class Task:
    program: str
    folder: str
    ruleset: str
    year: int
    seed: str
    count: int
    wild: bool = False


def tasks(options):
    for ruleset, year in tables.RULES:
        if options.ruleset and ruleset not in options.ruleset:
            continue
        for number in range(-(-options.count // CHUNK)):
            size = min(CHUNK, options.count - number * CHUNK)
            yield Task(options.program, options.rulesets, ruleset, year,
                       f"{options.seed}/{ruleset}/{year}/{number}", size)
    for number in range(options.wild):
        yield Task(options.program, options.rulesets, "cn-wild", 2024,
                   f"{options.seed}/wild/{number}", WILD_FORMS, wild=True)


class Progress:
    """How far a long run is, on standard error: in place on a terminal, else a
    line a minute."""

    def __init__(self, tasks):
        self.all = sum(task.count for task in tasks)
        self.begin = self.last = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def show(self, done, differing):
        now = time.monotonic()
        if now - self.last < (1 if self.terminal else 60):
            return
        self.last = now
        left = (now - self.begin) * (self.all - done) / done
        print(f"{done} of {self.all} forms, {differing} differ, "
              f"{left / 60:.1f} minutes left ",
              end="\r" if self.terminal else "\n", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("rulesets", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=700, help="per ruleset")
    parser.add_argument("--wild", type=int, default=40, help="random rulesets")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--ruleset", action="append")
    parser.add_argument("--show", type=int, default=5)
    options = parser.parse_args()
    total, met, shown, differing = 0, collections.Counter(), 0, 0
    kinds = collections.Counter()
    work = list(tasks(options))
    progress = Progress(work)
    with multiprocessing.Pool(options.jobs) as pool:
        for count, found, wrong, text in pool.imap_unordered(chunk, work):
            total, differing = total + count, differing + len(wrong)
            progress.show(total, differing)
            met.update(found)
            for form, what in wrong:
                new = {kind(w) for w in what} - set(kinds)
                kinds.update(kind(w) for w in what)
                if new and shown < options.show:
                    shown += 1
                    if text:
                        print(text)
                    print(json.dumps(form, ensure_ascii=False))
                    print("    " + "\n    ".join(what[:8]))
    print(f"{total} forms, {differing} differ; forms with each finding:",
          " ".join(f"{code} {n}" for code, n in sorted(met.items())))
    for name, n in kinds.most_common(20):
        print(f"  {n} x {name}")
    missing = set(EVERY) - set(met)
    if missing and total >= 10000:
        print("never met:", *sorted(missing))
    return 1 if differing or (missing and total >= 10000) else 0


# What the generator must have raised, or the agreement proves little.
EVERY = ("S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 A01 A02 A03 A04 A05 A06 A07 "
         "A08 A09 A10 A11 A12 W01 W02 W03").split()

if __name__ == "__main__":
    sys.exit(main())
