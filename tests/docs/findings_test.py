#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What stands beside the list of findings: cases for each, the thresholds."""
import collections
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).parents[2]


def text(path):
    return (ROOT / path).read_text("utf-8")


class Findings(unittest.TestCase):
    def codes(self):
        found = re.findall(r"^  X\(([SAWCI]\d\d), ",
                           text("include/evald/finding_list.h"), re.M)
        self.assertGreaterEqual(len(found), 50)
        return found

    def test_each_has_two_cases_that_raise_it_and_two_near_misses(self):
        raised, missed = collections.Counter(), collections.Counter()
        for file in (ROOT / "tests" / "unit" / "core").glob("test_*.c"):
            for code, cells in re.findall(r'CASE\(\s*"(\w{3})",\s*"([^"]*)"',
                                          file.read_text("utf-8")):
                (raised if cells else missed)[code] += 1
        few = [code for code in self.codes()
               if raised[code] < 2 or missed[code] < 2]
        self.assertEqual(few, [])

    def test_the_page_of_rules_has_the_thresholds(self):
        page = text("docs/RULES.md").split("| check | threshold |")[1]
        listed = re.findall(r"^\| ([A-Z]\d\d) \| .* \| (\d+) \|$",
                            page.split("\n\n")[0], re.M)
        known = re.findall(r"\{RULESET_CHECK_(\w{3}), (\d+)\}",
                           text("src/core/ruleset.c"))
        self.assertGreaterEqual(len(known), 4)
        self.assertEqual(listed, known)


if __name__ == "__main__":
    unittest.main()
