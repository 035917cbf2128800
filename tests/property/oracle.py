# SPDX-License-Identifier: Apache-2.0
"""A second implementation of the scoring, for the tests to hold the first to.

Written from the rule (财预〔2020〕10号 and the published forms) and from
docs/RULES.md, in exact fractions, sharing nothing with the C code: neither its
source nor its ruleset files (tables.py). Where the two differ, one of them is
wrong; a person decides which.

    verdict = Oracle(RULES["cn-sh-2024", 2024]).evaluate(job)

gives {"rate", "execution", "rows", "total", "grade", "findings"}; a finding is
(code, level, cell, expected), expected None where the test does not compare it.
Findings of the families S, A and W only.
"""
from fractions import Fraction

from scoring import (HEADING, ZERO, Scorer, fold, heading, number, rounded,
                     same)
from tables import COMMON_ROUNDINGS


class Oracle(Scorer):
    """The score and the findings."""

    def __init__(self, rules):
        super().__init__(rules)
        self.settings = {code: (level, threshold)
                         for code, level, threshold in rules.checks}

    def evaluate(self, job):
        self.read(job)
        self.found = []
        verdict = self.score()
        self.check_structure()
        self.check_funds(verdict)
        self.check_rows(verdict)
        self.check_sums(verdict)
        self.check_sections()
        self.check_weights()
        verdict["findings"] = sorted(self.found, key=str)
        return verdict

    def find(self, code, level, cell, expected=None):
        asked, _ = self.settings.get(
            code, ("default" if self.rules.others else "off", None))
        if asked == "off":
            return
        if asked != "default":  # what is mild by nature gets no graver
            mild = code in ("A02", "A05") and level == "warning"
            level = "warning" if mild and asked == "error" else asked
        self.found.append((code, level, cell, expected))

    # S: what must be there.

    def check_structure(self):
        for who in ("dept", "agency"):
            if not fold(self.job.get(who + "_name")) and not fold(
                    self.job.get(who + "_code")):
                self.find("S01", "error", who + "_name")
        if "total" not in self.funds:
            self.find("S01", "error", "funds.total")
        else:
            for column in {self.rules.base, "budget", "executed"}:
                if self.figure(column) is None:
                    self.find("S01", "error", f"funds.total.{column}")
        for i, row in enumerate(self.rows):
            if row.weight is None:
                self.find("S04", "error", f"indicators[{i}].weight")
            if not row.dropped:
                self.check_cells(f"indicators[{i}]", row)
        self.check_names()
        self.check_categories()

    def check_categories(self):
        present = {row.category.kind for row in self.rows if row.category}
        if self.rules.category("satisfaction") and "satisfaction" not in present:
            self.find("S09", "warning", "indicators")
        for kind in ("output", "benefit"):
            category = self.rules.category(kind)
            if category and kind not in present:
                self.find("S10", "warning", "indicators", category.name)
        if self.rules.cost_required and not self.has_cost(present):
            self.find("S10", "warning", "indicators", "成本指标")

    def has_cost(self, present):
        """A row of the cost category, or one whose level 2 speaks of costs,
        wherever it is filed."""
        return "cost" in present or any("成本" in heading(row.claim.get("level2"))
                   for row in self.rows)

    def check_cells(self, cell, row):
        if row.empty("target"):
            self.find("S02", "error", cell + ".target")
        if row.empty("actual") or (row.method == "none"
                                   and not row.empty("target")):
            self.find("S03", "error", cell + ".actual")
        if row.declared is None and self.has_scores():
            self.find("S04", "error", cell + ".score")
        if row.operator == "qualitative" or row.empty("target"):
            return
        if row.target is None:
            if row.named_operator:
                self.find("S05", "warning", cell + ".target")
        elif row.empty("unit"):
            self.find("S05", "warning", cell + ".unit")

    def has_scores(self):
        """Whether the template has scores at all."""
        return (any(row.declared is not None for row in self.rows)
                or self.figure("score") is not None
                or number(self.job.get("total")) is not None)

    def check_names(self):
        seen = {}
        for i, row in enumerate(self.rows):
            cell, claim = f"indicators[{i}]", row.claim
            level2 = heading(claim.get("level2"))
            above = self.rows[i - 1].claim if i else {}
            if row.category is None and not same(claim, above, "level1"):
                self.find("S06", "warning", cell + ".level1")
            if same(claim, above, "level1") and same(claim, above, "level2"):
                level2 = None  # said of the row above already
            if row.category and not row.category.level2:
                level2 = None  # the category has no second level
            if level2 is None:
                pass
            elif level2 not in self.names.level2:
                self.find("S06", "warning", cell + ".level2")
            elif (row.category
                  and row.category.name not in self.names.level2[level2]):
                self.find("S07", "warning", cell + ".level2")
            name = fold(claim.get("name"))
            if name and name in seen:
                self.find("S08", "warning", cell + ".name")
            seen.setdefault(name, i)

    # A: the arithmetic of the form.

    def check_funds(self, verdict):
        self.check_parts()
        for key, row in self.funds.items():
            self.check_rate(f"funds.{key}", row)
            self.check_spending(key, row)
        score, weight = self.figure("score"), self.execution_weight()
        if score is None or weight is None:
            return
        if score != verdict["execution"]:
            self.find("A03", "error", "funds.total.score", verdict["execution"])
        capped = self.rules.formula != "proportional"
        if score < 0 or (capped and score > max(weight, 0)):
            self.find("A06", "error", "funds.total.score")

    def check_parts(self):
        parts = [row for key, row in self.funds.items() if key != "total"]
        for column in ("opening", "budget", "executed"):
            figures = [number(row.get(column)) for row in parts]
            figures = [figure for figure in figures if figure is not None]
            total = self.figure(column)
            if figures and total is not None and sum(figures) != total:
                self.find("A01", "error", f"funds.total.{column}", sum(figures))

    def check_rate(self, cell, row):
        printed, exact = number(row.get("rate")), self.exact_rate(row)
        base, executed = (number(row.get(column))
                          for column in (self.rules.base, "executed"))
        if None in (printed, base, executed) or base < 0:
            return
        if exact is None:  # no rate: a form prints 0.00
            if printed != 0:
                self.find("A02", "error", cell + ".rate")
            return
        expected = rounded(exact, *self.rules.rate_rounding)
        if printed == expected:
            return
        explained = any(rounded(exact, *how) == printed
                        for how in COMMON_ROUNDINGS)
        self.find("A02", "warning" if explained else "error", cell + ".rate",
                  expected)

    def check_spending(self, key, row):
        cell = f"funds.{key}."
        opening, budget, executed = (number(row.get(column)) for column in
                                     ("opening", "budget", "executed"))
        for column, value in (("opening", opening), ("budget", budget)):
            if value is not None and value < 0:
                self.find("A04", "error", cell + column)
        if executed is None:
            return
        # A base of 0 is A05's.
        above = budget is not None and 0 <= budget < executed and (
            budget > 0 or self.rules.base != "budget")
        if executed < 0 or above:
            self.find("A04", "error", cell + "executed")
        if number(row.get(self.rules.base)) == 0 and executed != 0:
            self.find("A05", "error", cell + self.rules.base)
        elif number(row.get(self.rules.base)) == 0 and key == "total":
            self.find("A05", "warning", cell + self.rules.base)

    def check_rows(self, verdict):
        for i, row in enumerate(self.rows):
            cell, declared = f"indicators[{i}].score", row.declared
            if declared is not None and row.points > 0:
                if not 0 <= declared <= row.points:
                    self.find("A06", "error", cell)
            if row.dropped:
                continue
            if row.method == "level":
                self.check_level(i, row)
            elif declared is not None and declared != verdict["rows"][i]:
                self.find("A07", "error", cell, verdict["rows"][i])

    def check_level(self, i, row):
        if row.level is None:
            self.find("A08", "error", f"indicators[{i}].actual")
        elif row.declared is not None and not self.inside(row):
            self.find("A08", "error", f"indicators[{i}].score")

    def check_sections(self):
        """A heading that announces its weight: "产出指标（50分）"."""
        for keys in (("level1",), ("level1", "level2")):
            names = [[heading(row.claim.get(key)) for key in keys]
                     for row in self.rows]
            above = None
            for i, (row, here) in enumerate(zip(self.rows, names)):
                found = HEADING.search(fold(row.claim.get(keys[-1])))
                if found and here != above:
                    self.check_section(i, keys[-1], number(found[1]), [
                        other for other, name in zip(self.rows, names)
                        if name == here])
                above = here

    def check_section(self, i, key, printed, rows):
        weight = sum(row.weight or ZERO for row in rows)
        if weight != printed:
            self.find("A12", "error", f"indicators[{i}].{key}", weight)

    def check_sums(self, verdict):
        weights = [row.weight for row in self.rows if row.weight is not None]
        total = sum(weights) + max(self.execution_weight() or ZERO, ZERO)
        if total != self.rules.full_marks:
            self.find("A09", "error", "indicators",
                      Fraction(self.rules.full_marks))
        exact = self.printed_sum(verdict)
        printed = rounded(exact, *self.rules.total_rounding)
        declared = number(self.job.get("total"))
        if declared is not None and declared != printed:
            self.find("A10", "error", "total", printed)
        grade = fold(self.job.get("grade"))
        if grade:
            total = verdict["total"] if declared is None else declared
            if self.rules.grades_of == "unrounded" and total == printed:
                total = exact
            if grade not in self.grade_words(total):
                self.find("A11", "error", "grade", self.grade(total))

    def printed_sum(self, verdict):
        """What the form's own scores add to; the rule's where none stands."""
        def stands(printed, ruled):
            return ruled if printed is None else printed
        points = ZERO
        if self.rules.execution_weight is not None:
            points = stands(self.figure("score"), verdict["execution"])
        for row, ruled in zip(self.rows, verdict["rows"]):
            points += ZERO if row.dropped else stands(row.declared, ruled)
        return points * (self.scale() or 1)

    # W: how the points are spread.

    def check_weights(self):
        expected, weight = self.rules.execution_weight, self.execution_weight()
        printed = self.figure("weight")
        if printed is not None and printed != (expected or 0):
            self.find("W01", "warning", "funds.total.weight",
                      Fraction(expected or 0))
        for category, expected in self.rules.weights:
            self.check_category(category, expected)
        if weight is not None and weight <= 0:
            self.find("W03", "error", "funds.total.weight")
        share = self.settings.get("W02", (None, None))[1]
        for i, row in enumerate(self.rows):
            if row.weight is None:
                continue
            if row.weight > (30 if share is None else share):
                self.find("W02", "warning", f"indicators[{i}].weight")
            if row.weight <= 0:
                self.find("W03", "error", f"indicators[{i}].weight")

    def check_category(self, category, expected):
        of = [i for i, row in enumerate(self.rows)
              if row.category and row.category.name == category]
        weight = sum((self.rows[i].weight or ZERO for i in of), ZERO)
        if of and weight != expected:
            self.find("W01", "warning", f"indicators[{of[0]}].level1",
                      Fraction(expected))
