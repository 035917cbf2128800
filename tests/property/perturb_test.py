#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Nothing of the published forms is known to the program beforehand: every
number of every form is changed, one at a time, and must be missed.

    perturb_test.py SCORE_JSONL RULESETS

For each changed number the table below names the findings that must come up
which the untouched form does not have; the oracle says the rest of the verdict.
"""
import copy
import json
import pathlib
import re
import sys
import unittest
from fractions import Fraction

import oracle
import tables
from generate import text
from property_test import differences, scored

PROGRAM, RULESETS = None, None
RULESET = "cn-sh-2024"
FORMS = pathlib.Path(__file__).parents[1] / "cases" / RULESET


def more(by):
    return lambda value, around: value + Fraction(by)


def half(value, around):
    """Half of it, or most of the weight where there is nothing to halve."""
    return value / 2 if value else around["weight"] * Fraction(9, 10)


def half_of_budget(value, around):
    return around["budget"] / 2


def missed(value, around):
    """A target the actual value misses; one it meets where it missed."""
    return Fraction(0) if around["score"] == 0 else around["actual"] * 2 + 1


def turned(value, around):
    """An actual value that misses the target; that meets it where it missed."""
    return around["target"] if around["score"] == 0 else around["target"] / 2


def off(value, around):
    return value - 1 if value >= 1 else value + 1


# cell, the figure put there, findings that must come up ("A|B": one of them).
TABLE = [
    (r"funds\.total\.opening", more(1), "A01"),
    (r"funds\.total\.budget", more(1), "A01"),
    (r"funds\.total\.executed", half_of_budget, "A01 A02 A03"),
    (r"funds\.total\.rate", more("0.5"), "A02"),
    (r"funds\.total\.score", off, "A03 A10"),
    (r"funds\.total\.weight", more(1), "A09 W01"),
    (r"funds\.appropriation\.(opening|budget)", more(1), "A01"),
    (r"funds\.appropriation\.executed", more("0.5"), "A01 A02"),
    (r"funds\.appropriation\.rate", more("0.5"), "A02"),
    (r"funds\.(carryover|other)\.(opening|budget)", more(1), "A01"),
    (r"funds\.(carryover|other)\.executed", more(1), "A01 A05|A04"),
    (r"funds\.(carryover|other)\.rate", more("0.5"), "A02"),
    (r"indicators\[\d+\]\.target", missed, "A07|C04"),
    (r"indicators\[\d+\]\.actual", turned, "A07|C04"),
    (r"indicators\[\d+\]\.weight", more(1), "A09"),
    (r"indicators\[\d+\]\.score", half, "A07|A08|C05 A10"),
    (r"total", off, "A10"),
]


def cells(job):
    """(path, the map it stands in, key) of every number of a form."""
    for name, row in job["funds"].items():
        for key in row:
            yield f"funds.{name}.{key}", row, key
    for i, row in enumerate(job["indicators"]):
        for key in ("target", "actual", "weight", "score"):
            if oracle.number(row[key]) is not None:
                yield f"indicators[{i}].{key}", row, key
    yield "total", job, "total"


def perturbed(job):
    """(path, the changed job, findings that must come up)."""
    for path, _, _ in list(cells(job)):
        other = copy.deepcopy(job)
        row, key = next((r, k) for p, r, k in cells(other) if p == path)
        around = {k: oracle.number(v) for k, v in row.items()
                  if not isinstance(v, (dict, list))}
        rules = [r for r in TABLE if re.fullmatch(r[0], path)]
        assert len(rules) == 1, f"{path} stands in {len(rules)} rows"
        value = rules[0][1](oracle.number(row[key]), around)
        assert value != oracle.number(row[key]), path
        row[key] = text(value)
        yield path, other, rules[0][2].split()


def codes(verdict):
    return [(f["code"], f["cell"]) for f in verdict["findings"]]


class Perturbed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.jobs = [json.loads(p.read_text("utf-8"))
                    for p in sorted(FORMS.glob("*/form.json"))]
        cls.tried = [(i, *change) for i, job in enumerate(cls.jobs)
                     for change in perturbed(job)]
        ruleset = f"{RULESETS}/{RULESET}.yaml"
        cls.verdicts = scored(PROGRAM, ruleset, [t[2] for t in cls.tried])
        cls.untouched = scored(PROGRAM, ruleset, cls.jobs)

    def each(self):
        for (i, path, job, wanted), verdict in zip(self.tried, self.verdicts):
            with self.subTest(f"form {i + 1}: {path}"):
                yield i, path, job, wanted, verdict

    def test_every_number_was_tried(self):
        numbers = sum(1 for job in self.jobs for _ in cells(job))
        self.assertEqual(len(self.tried), numbers)
        self.assertGreater(numbers, 11 * 25)

    def test_the_named_findings_come_up(self):
        for i, path, _, wanted, verdict in self.each():
            before = codes(self.untouched[i])
            new = {code for code, cell in codes(verdict)
                   if (code, cell) not in before}
            for choice in wanted:
                self.assertTrue(new & set(choice.split("|")),
                                f"{choice} did not come up, but {sorted(new)}")

    def test_the_oracle_agrees(self):
        judge = oracle.Oracle(tables.RULES[RULESET, 2024])
        for _, _, job, _, verdict in self.each():
            wrong = list(differences(judge.evaluate(job), verdict))
            self.assertEqual(wrong, [])

    def test_the_form_digest_changes(self):
        for i, _, _, _, verdict in self.each():
            self.assertNotEqual(verdict["form_digest"],
                                self.untouched[i]["form_digest"])

    def test_a_changed_grade_and_a_changed_narrative_are_missed(self):
        changes = []
        for job in self.jobs:
            other = copy.deepcopy(job)
            other["grade"] = "良"
            changes.append(other)
        narrative = copy.deepcopy(self.jobs[6])
        goal = narrative["goal"]
        self.assertIn("93.32%", goal["actual"])
        goal["actual"] = goal["actual"].replace("93.32%", "94.32%")
        verdicts = scored(PROGRAM, f"{RULESETS}/{RULESET}.yaml",
                          changes + [narrative])
        for verdict in verdicts[:-1]:
            self.assertIn(("A11", "grade"), codes(verdict))
        self.assertIn("C16", [code for code, _ in codes(verdicts[-1])])
        self.assertNotIn("C16", [c for c, _ in codes(self.untouched[6])])


if __name__ == "__main__":
    PROGRAM, RULESETS = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
