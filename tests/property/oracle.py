# SPDX-License-Identifier: Apache-2.0
"""A second implementation of the scoring, for the tests to hold the first to.

Written from the rule (财预〔2020〕10号 and the published forms), in exact
fractions, sharing nothing with the C code: neither its source nor its ruleset
files. Where the two differ, one of them is wrong; a person decides which.

    verdict = Oracle(RULES["cn-sh-2024"]).evaluate(job)

gives {"rate", "execution", "rows", "total", "grade", "findings"}; a finding is
(code, level, cell, expected), expected None where the test does not compare it.
Findings of the families S, A and W only.
"""
import dataclasses
import re
from fractions import Fraction

HUNDRED = Fraction(100)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z")


def number(value):
    """The exact value of a figure of a job; None where there is none."""
    if value is None or isinstance(value, bool):
        return None
    text = str(value)
    return Fraction(text) if NUMBER.match(text) else None


def rounded(value, mode, digits):
    scaled = abs(value) * 10 ** digits
    whole = scaled.numerator // scaled.denominator
    rest = scaled - whole
    if ((mode == "up" and rest > 0) or (mode == "half_up" and 2 * rest >= 1)
            or (mode == "half_even" and (2 * rest, whole % 2) > (1, 0))):
        whole += 1
    result = Fraction(whole, 10 ** digits)
    return -result if value < 0 else result


@dataclasses.dataclass(frozen=True)
class Rules:
    """The parameters of a ruleset, as far as S, A, W and the score go."""
    rate_rounding: tuple = ("half_up", 2)
    execution_weight: Fraction = Fraction(10)
    score_rounding: tuple = ("half_up", 2)
    row_rounding: tuple = ("half_up", 2)
    total_rounding: tuple = ("half_up", 2)
    full_marks: Fraction = HUNDRED
    row_share: Fraction = Fraction(30)
    weights: tuple = (("产出指标", 50), ("效益指标", 30), ("满意度指标", 10))
    bands: tuple = ((100, 80), (80, 60), (60, 0))
    grades: tuple = (("优", 90), ("良", 80), ("中", 60), ("差", 0))


RULES = {
    "cn-2020": Rules(),
    "cn-sh-2024": Rules(rate_rounding=("down", 2)),
}

# Where one of these explains a printed rate the finding is a warning.
COMMON_ROUNDINGS = [(mode, digits) for digits in (2, 1, 0)
                    for mode in ("half_up", "down", "up", "half_even")]

LEVELS = [
    "达成年度指标 达成指标 达成预期指标 达成预期目标 达成目标 达成 已达成",
    "部分达成年度指标并具有一定效果 部分达成指标并具有一定效果 "
    "部分达成预期指标并具有一定效果 部分达成年度指标 部分达成预期指标 "
    "部分达成指标 部分达成目标 部分达成",
    "未达成年度指标且效果较差 未达成指标且效果较差 未达成预期指标且效果较差 "
    "未达成年度指标 未达成预期指标 未达成指标 未达成目标 未达成",
]
LEVEL_OF = {word: i for i, words in enumerate(LEVELS) for word in words.split()}

CATEGORIES = {
    "产出指标": ("产出 项目完成指标 产出指标", {
        "数量指标": "数量", "质量指标": "质量", "时效指标": "时效 进度指标",
        "成本指标": "成本"}),
    "效益指标": ("效益 效果指标 效益指标", {
        "经济效益指标": "经济效益", "社会效益指标": "社会效益",
        "生态效益指标": "生态效益 环境效益 环境效益指标",
        "可持续影响指标": "可持续影响"}),
    "满意度指标": ("满意度 满意度指标", {
        "服务对象满意度指标": "服务对象满意度 满意度指标 满意度"}),
}
LEVEL1 = {word: name for name, (words, _) in CATEGORIES.items()
          for word in words.split()}
LEVEL2 = {}  # word -> the categories it belongs to
for _name, (_, _level2) in CATEGORIES.items():
    for _own, _words in _level2.items():
        for _word in [_own, *_words.split()]:
            LEVEL2.setdefault(_word, set()).add(_name)

OPERATORS = {">=": ">=", "≥": ">=", "1": ">=", ">": ">", "＞": ">", "2": ">",
             "=": "=", "＝": "=", "3": "=", "<": "<", "＜": "<", "4": "<",
             "<=": "<=", "≤": "<=", "5": "<=", "qualitative": "qualitative",
             "6": "qualitative"}


HEADING = re.compile(r"[（(](\d+(?:\.\d+)?)分?[）)]")


def fold(text):
    return re.sub(r"\s", "", str("" if text is None else text))


def heading(text):
    """The name of "产出指标（50分）" without its bracket."""
    return HEADING.sub("", fold(text))


def same(claim, above, key):
    return claim.get(key, "") == above.get(key, "" if above else None)


class Row:
    """An indicator with everything about it settled: how it is scored, by
    which operator, at which level."""

    def __init__(self, claim):
        self.claim = claim
        self.weight = number(claim.get("weight"))
        self.declared = number(claim.get("score"))
        self.category = LEVEL1.get(heading(claim.get("level1")))
        self.target = number(claim.get("target"))
        self.actual = number(claim.get("actual"))
        self.named_operator = OPERATORS.get(str(claim.get("op", "")))
        self.operator = self.named_operator or (
            "=" if self.target == 0 else ">=")
        self.level = LEVEL_OF.get(fold(claim.get("actual")))
        self.method = self.settle()

    def settle(self):
        """By ratio, by level, or not at all."""
        if self.empty("actual"):
            return "none"
        if self.operator == "qualitative" or self.target is None:
            measured = self.actual is not None and self.empty("target")
            return "none" if measured else "level"
        if self.actual is None:  # a word for a measured target
            return "none" if self.level is None else "level"
        negative = self.actual < 0 <= self.target
        return "none" if negative else "ratio"

    def empty(self, key):
        return not fold(self.claim.get(key))

    @property
    def points(self):
        """What the row can earn."""
        return max(self.weight or Fraction(0), Fraction(0))

    @property
    def met(self):
        if self.target == 0 and self.operator in ("=", "<", "<="):
            return self.actual <= 0
        return {">=": self.actual >= self.target, ">": self.actual > self.target,
                "=": self.actual >= self.target, "<": self.actual < self.target,
                "<=": self.actual <= self.target}[self.operator]

    @property
    def achievement(self):
        """The share of the target reached, before any cap; 0 where the figures
        give none (negative ones)."""
        part, whole = self.actual, self.target
        if self.operator in ("<", "<="):
            part, whole = whole, part
        return part / whole if part > 0 and whole > 0 else Fraction(0)


class Oracle:
    def __init__(self, rules):
        self.rules = rules

    def evaluate(self, job):
        self.job, self.found = job, []
        self.funds = job.get("funds", {})
        self.fund = self.funds.get("total", {})
        self.rows = [Row(claim) for claim in job["indicators"]]
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
        self.found.append((code, level, cell, expected))

    # The score.

    def figure(self, column, row=None):
        return number((self.fund if row is None else row).get(column))

    def rate(self, row):
        """The rate a fund row should print; None where none can be formed."""
        budget, executed = number(row.get("budget")), number(row.get("executed"))
        if budget is None or executed is None or budget <= 0:
            return None
        return rounded(executed / budget * 100, *self.rules.rate_rounding)

    def execution_weight(self):
        weight = self.figure("weight")
        return self.rules.execution_weight if weight is None else weight

    def score_execution(self):
        budget, executed = self.figure("budget"), self.figure("executed")
        weight = max(self.execution_weight(), Fraction(0))
        if budget is None or executed is None or budget <= 0:
            return Fraction(0)
        points = rounded(executed / budget * weight, *self.rules.score_rounding)
        return min(max(points, Fraction(0)), weight)

    def band(self, row):
        upper, lower = self.rules.bands[row.level]
        return tuple(rounded(row.points * share / 100, *self.rules.row_rounding)
                     for share in (lower, upper))

    def score_quantity(self, row):
        if row.met:
            return row.points
        points = rounded(row.points * row.achievement, *self.rules.row_rounding)
        return min(max(points, Fraction(0)), row.points)

    def score_quality(self, row):
        low, high = (Fraction(0), row.points)
        if row.level is not None:
            low, high = self.band(row)
        if row.declared is None:
            return high if row.level is not None else Fraction(0)
        return min(max(row.declared, low), high)

    def score_row(self, row):
        if row.method == "none":
            return Fraction(0)
        return (self.score_quantity(row) if row.method == "ratio"
                else self.score_quality(row))

    def score(self):
        execution = self.score_execution()
        rows = [self.score_row(row) for row in self.rows]
        total = rounded(execution + sum(rows), *self.rules.total_rounding)
        return {"rate": self.rate(self.fund), "execution": execution,
                "rows": rows, "total": total, "grade": self.grade(total)}

    def grade(self, total):
        return next((name for name, cut in self.rules.grades if total >= cut),
                    self.rules.grades[-1][0])

    # S: what must be there.

    def check_structure(self):
        for who in ("dept", "agency"):
            if not fold(self.job.get(who + "_name")) and not fold(
                    self.job.get(who + "_code")):
                self.find("S01", "error", who + "_name")
        for column in ("budget", "executed"):
            if self.figure(column) is None:
                self.find("S01", "error", f"funds.total.{column}")
        for i, row in enumerate(self.rows):
            self.check_cells(f"indicators[{i}]", row)
        self.check_names()
        present = {row.category for row in self.rows}
        if "满意度指标" not in present:
            self.find("S09", "warning", "indicators")
        for category in ("产出指标", "效益指标"):
            if category not in present:
                self.find("S10", "warning", "indicators", category)

    def check_cells(self, cell, row):
        if row.empty("target"):
            self.find("S02", "error", cell + ".target")
        if row.empty("actual") or (row.method == "none"
                                   and not row.empty("target")):
            self.find("S03", "error", cell + ".actual")
        if row.weight is None:
            self.find("S04", "error", cell + ".weight")
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
            if level2 is None:
                pass
            elif level2 not in LEVEL2:
                self.find("S06", "warning", cell + ".level2")
            elif row.category and row.category not in LEVEL2[level2]:
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
        if score is None:
            return
        if score != verdict["execution"]:
            self.find("A03", "error", "funds.total.score", verdict["execution"])
        if not 0 <= score <= max(weight, 0):
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
        printed, expected = number(row.get("rate")), self.rate(row)
        budget, executed = number(row.get("budget")), number(row.get("executed"))
        if None in (printed, budget, executed) or budget < 0:
            return
        if expected is None:  # no rate: a form prints 0.00
            if printed != 0:
                self.find("A02", "error", cell + ".rate")
            return
        if printed == expected:
            return
        exact = executed / budget * 100
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
        if executed is not None:
            above = budget is not None and 0 < budget < executed
            if executed < 0 or above:
                self.find("A04", "error", cell + "executed")
            if budget == 0 and executed != 0:
                self.find("A05", "error", cell + "budget")
            elif budget == 0 and key == "total":
                self.find("A05", "warning", cell + "budget")

    def check_rows(self, verdict):
        for i, row in enumerate(self.rows):
            cell, declared = f"indicators[{i}].score", row.declared
            if declared is not None and row.points > 0:
                if not 0 <= declared <= row.points:
                    self.find("A06", "error", cell)
            if row.method == "level":
                self.check_level(i, row)
            elif declared is not None and declared != verdict["rows"][i]:
                self.find("A07", "error", cell, verdict["rows"][i])

    def check_level(self, i, row):
        if row.level is None:
            self.find("A08", "error", f"indicators[{i}].actual")
        elif row.declared is not None:
            low, high = self.band(row)
            if not low <= row.declared <= high:
                self.find("A08", "error", f"indicators[{i}].score")

    def check_sections(self):
        """A heading that announces its weight: "产出指标（50分）"."""
        for keys in (("level1",), ("level1", "level2")):
            def names(claim):
                return [heading(claim.get(key)).removesuffix("指标")
                        for key in keys]
            above = None
            for i, row in enumerate(self.rows):
                here = names(row.claim)
                found = HEADING.search(fold(row.claim.get(keys[-1])))
                weight = sum(other.weight or 0 for other in self.rows
                             if names(other.claim) == here)
                if found and here != above and number(found[1]) != weight:
                    self.find("A12", "error", f"indicators[{i}].{keys[-1]}",
                              Fraction(weight))
                above = here

    def check_sums(self, verdict):
        weights = [row.weight for row in self.rows if row.weight is not None]
        total = sum(weights) + max(self.execution_weight(), 0)
        if total != self.rules.full_marks:
            self.find("A09", "error", "indicators", self.rules.full_marks)
        declared = number(self.job.get("total"))
        if declared is not None and declared != self.printed_sum(verdict):
            self.find("A10", "error", "total", self.printed_sum(verdict))
        grade = fold(self.job.get("grade"))
        if grade:
            total = verdict["total"] if declared is None else declared
            if grade != self.grade(total):
                self.find("A11", "error", "grade", self.grade(total))

    def printed_sum(self, verdict):
        """What the form's own scores add to; the rule's where none stands."""
        printed = [self.figure("score")] + [row.declared for row in self.rows]
        ruled = [verdict["execution"]] + verdict["rows"]
        points = sum(r if p is None else p for p, r in zip(printed, ruled))
        return rounded(points, *self.rules.total_rounding)

    # W: how the points are spread.

    def check_weights(self):
        if self.execution_weight() != self.rules.execution_weight:
            self.find("W01", "warning", "funds.total.weight",
                      self.rules.execution_weight)
        for category, expected in self.rules.weights:
            of = [i for i, row in enumerate(self.rows)
                  if row.category == category]
            weight = sum(self.rows[i].weight or Fraction(0) for i in of)
            if of and weight != expected:
                self.find("W01", "warning", f"indicators[{of[0]}].level1",
                          Fraction(expected))
        if self.execution_weight() <= 0:
            self.find("W03", "error", "funds.total.weight")
        for i, row in enumerate(self.rows):
            if row.weight is not None and row.weight > self.rules.row_share:
                self.find("W02", "warning", f"indicators[{i}].weight")
            if row.weight is not None and row.weight <= 0:
                self.find("W03", "error", f"indicators[{i}].weight")
