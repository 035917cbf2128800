#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The expected verdicts say what a reviewer said of the eleven forms.

The table was written by hand from the forms:
every error and warning a reviewer would raise, and no other.
"""
import collections
import json
import pathlib
import sys
import unittest

CASES = pathlib.Path(__file__).parent / "cn-sh-2024"

# Number of the form: findings, each as often as it is due.
REVIEW = {
    1: "W01 W01 W02 C09 C13 C13",  # 10/70/10/10; a row of 50; 27.00 added;
                                   # targets that restate the name
    2: "S09 W01 C01",              # 5 against ≥1
    3: "S09 W01 C01",              # 9 against ≥6
    4: "S09 W01 C11",              # ≥100% of a rate that cannot exceed it
    5: "S09 W01 C07 C07 C07",      # a reason three times, never a measure
    6: "S09 W01 C01 C09",          # 23 against ≥1; 8.75 became 13.00
    7: "S09 W01 C10",              # 93.32% spent, full results
    8: "S09 W01",
    9: "W01 W01 C09 C14",          # 15.00 added; a goal filed as an effect
    10: "S08 S09 W01 C15",         # one name, two targets
    11: "S09 W01 C08 C09 C10",     # 72.54% spent, no reason, 90 of 90
}

# Information, each with what makes it true.
INFORMATION = {
    1: "C12 I02",  # 数量指标 in %; satisfaction as a word
    3: "C13",      # one target that restates its name
    4: "C02",      # every measured actual equals its target
    5: "C12", 7: "C12", 8: "C02 C12", 9: "C12 I02", 10: "C12", 11: "C02 C12",
}


def codes(verdict, *levels):
    return collections.Counter(f["code"] for f in verdict["findings"]
                               if f["level"] in levels)


class Review(unittest.TestCase):
    def each(self):
        folders = sorted(p for p in CASES.iterdir() if p.is_dir())
        for number, folder in enumerate(folders, 1):
            with self.subTest(folder.name):
                yield number, *(
                    json.loads((folder / name).read_text("utf-8"))
                    for name in ("form.json", "verdict.json"))

    def test_the_findings_are_a_reviewers(self):
        for number, _, verdict in self.each():
            self.assertEqual(codes(verdict, "error", "warning"),
                             collections.Counter(REVIEW[number].split()))
            self.assertEqual(
                codes(verdict, "info"),
                collections.Counter(INFORMATION.get(number, "").split()))

    def test_no_form_contradicts_itself(self):
        for _, _, verdict in self.each():
            self.assertEqual(codes(verdict, "error"), {})

    def test_the_figures_are_the_printed_ones(self):
        for _, form, verdict in self.each():
            total = form["funds"]["total"]
            self.assertEqual(
                [float(v) for v in (verdict["execution"]["rate"],
                                    verdict["execution"]["score"],
                                    verdict["total"])],
                [float(v) for v in (total["rate"], total["score"],
                                    form["total"])])
            self.assertEqual(verdict["grade"], form["grade"])
            for row, scored in zip(form["indicators"], verdict["indicators"],
                                   strict=True):
                self.assertEqual(float(row["score"]), float(scored["score"]))

    def test_every_finding_says_where_why_and_by_what_source(self):
        for _, _, verdict in self.each():
            for finding in verdict["findings"]:
                for key in ("cell", "rule", "source", "text"):
                    self.assertTrue(finding[key], f"{finding['code']}: {key}")


if __name__ == "__main__":
    sys.exit(unittest.main())
