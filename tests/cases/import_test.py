#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""evalctl import: published forms as text and as PDF, to jobs.

The eleven forms give, cell by cell, what is written in their form.json; those
were typed from the publication, not made by the program.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

import make_pdf

ROOT = pathlib.Path(__file__).parents[2]
CASES = pathlib.Path(__file__).parent
EVALCTL = pathlib.Path(os.environ["EVALD_BUILD"]) / "src" / "ctl" / "evalctl"

# What a published form does not print, and what names the job.
UNPRINTED = {"job_id", "source", "pro_code", "agency_code", "dept_code",
             "x_codes"}
DEFAULTS = {"money_unit": "万元"}


def evalctl(*arguments):
    return subprocess.run(
        [EVALCTL, *map(str, arguments), "--rulesets",
         ROOT / "config" / "rulesets", "--lang", "en"],
        capture_output=True, text=True, timeout=60, check=False)


def imported(*files):
    run = evalctl("import", *files, "--division", "310113000")
    return run, [json.loads(line) for line in run.stdout.splitlines()]


def plain(value):
    """The same value for "30.00" and "30", with absent and null keys left."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()
                if key not in UNPRINTED and item not in (None, "", {})
                and DEFAULTS.get(key) != item}
    if isinstance(value, list):
        return [plain(item) for item in value]
    try:
        return Decimal(value).normalize()
    except (ArithmeticError, TypeError, ValueError):
        return value


class Import(unittest.TestCase):
    maxDiff = None

    def test_eleven_forms_cell_by_cell(self):
        run, jobs = imported(CASES / "cn-sh-2024" / "published.txt")
        self.assertEqual(run.returncode, 0, run.stderr)
        folders = sorted((CASES / "cn-sh-2024").glob("*/form.json"))
        self.assertEqual(len(jobs), len(folders), run.stderr)
        for job, path in zip(jobs, folders):
            with self.subTest(path.parent.name):
                self.assertEqual(plain(job),
                                 plain(json.loads(path.read_text("utf-8"))))

    def test_what_is_imported_scores_as_printed(self):
        run = evalctl("score", CASES / "cn-sh-2024" / "published.txt",
                      "--division", "310113000", "--json", "--strict")
        self.assertEqual(run.returncode, 0, run.stderr)
        for line in run.stdout.splitlines():
            verdict = json.loads(line)
            self.assertEqual(Decimal(verdict["total"]),
                             Decimal(verdict["declared"]["total"]))
            self.assertEqual(verdict["grade"], verdict["declared"]["grade"])

    def test_pdf(self):
        text = CASES / "import" / "pdftotext-raw" / "form.txt"
        lines = [line for line in text.read_text("utf-8").splitlines() if line]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "form.pdf"
            path.write_text(make_pdf.pdf(lines), "ascii")
            run, jobs = imported(path)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(jobs, imported(text)[1])
        self.assertEqual(jobs[0]["indicators"][1]["actual"],
                         "未达成指标且效果较差")

    def test_a_form_that_is_not_whole_is_left_out_and_said(self):
        run, jobs = imported(CASES / "import" / "bad-figures" / "form.txt")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(jobs, [])
        self.assertIn("line 15: executed amount (total): cannot be read as a "
                      "figure: 297.l1", run.stderr)
        self.assertIn("could not be read whole", run.stderr)

    def test_one_bad_form_does_not_take_the_others_along(self):
        run, jobs = imported(CASES / "import" / "one-without-grade" /
                             "form.txt")
        self.assertEqual(run.returncode, 1)
        self.assertEqual([job["pro_name"] for job in jobs], ["干部保健经费"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
