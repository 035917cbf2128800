# SPDX-License-Identifier: Apache-2.0
"""The scoring half of the second implementation; oracle.py has the checks and
says how it came about."""
import functools
import re
from fractions import Fraction

from tables import LEVEL_OF, OPERATORS

ZERO, HUNDRED = Fraction(0), Fraction(100)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?\Z")
HEADING = re.compile(r"[（(](\d+(?:\.\d+)?)分?[）)]")


@functools.lru_cache(1 << 16)
def parsed(text):
    return Fraction(text) if NUMBER.match(text) else None


def number(value):
    """The exact value of a figure of a job; None where there is none."""
    if value is None or isinstance(value, bool):
        return None
    return parsed(str(value))


def rounded(value, mode, digits):
    power = 10 ** digits
    whole, rest = divmod(abs(value.numerator) * power, value.denominator)
    twice = 2 * rest
    if ((mode == "up" and rest > 0)
            or (mode == "half_up" and twice >= value.denominator)
            or (mode == "half_even"
                and (twice, whole % 2) > (value.denominator, 0))):
        whole += 1
    return Fraction(-whole if value < 0 else whole, power)


def within(value, low, high):
    return min(max(value, low), high)


@functools.lru_cache(1 << 12)
def squeezed(text):
    return re.sub(r"\s", "", text)


def fold(text):
    return squeezed("" if text is None else str(text))


@functools.lru_cache(1 << 12)
def heading(text):
    """The name of "产出指标（50分）" without its bracket, and without 指标,
    which many forms leave out."""
    name = fold(text)
    return (HEADING.sub("", name) or name).removesuffix("指标")


def same(claim, above, key):
    return claim.get(key, "") == above.get(key, "" if above else None)


class Names:
    """Who is who among the names of a model."""

    def __init__(self, model):
        self.level1 = {heading(word): category for category in model
                       for word in category.words.split()}
        self.level2 = {}  # word -> the names of the categories it belongs to
        for category in model:
            for words in category.level2:
                for word in words.split():
                    self.level2.setdefault(heading(word), set()).add(category.name)


class Row:
    """An indicator with everything about it settled: how it is scored, by
    which operator, at which level."""

    def __init__(self, claim, rules, names):
        self.claim, self.rules = claim, rules
        self.weight = number(claim.get("weight"))
        self.declared = number(claim.get("score"))
        # What the row can earn.
        self.points = max(self.weight or ZERO, ZERO)
        self.category = names.level1.get(heading(claim.get("level1")))
        self.target = number(claim.get("target"))
        self.actual = number(claim.get("actual"))
        self.named_operator = OPERATORS.get(str(claim.get("op", "")))
        self.operator = self.named_operator or (
            "=" if self.target == 0 else ">=")
        self.level = LEVEL_OF.get(fold(claim.get("actual")))
        self.dropped = (rules.not_applicable == "rescale"
                        and claim.get("not_applicable", False))
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
        if self.actual < 0 <= self.target:
            if self.rules.negative_actual == "error":
                return "none"
            self.actual = ZERO
        return "ratio"

    def empty(self, key):
        return not fold(self.claim.get(key))

    @property
    def reverse(self):
        return self.operator in ("<", "<=")

    @property
    def met(self):
        if self.target == 0 and (self.reverse or self.operator == "="):
            return self.actual <= 0
        if self.operator == "=":
            strict = self.rules.equal == "strict"
            return (self.actual == self.target if strict
                    else self.actual >= self.target)
        return {">=": self.actual >= self.target, ">": self.actual > self.target,
                "<": self.actual < self.target,
                "<=": self.actual <= self.target}[self.operator]

    @property
    def achievement(self):
        """The share of the target reached, before any cap; 0 where the figures
        give none (negative ones)."""
        part, whole = self.actual, self.target
        if self.reverse:
            part, whole = whole, part
        return part / whole if part > 0 and whole > 0 else ZERO

    @property
    def share(self):
        """The share of the points that a row earns whose target is missed."""
        line, share = self.rules.pass_line, self.proportion
        return ZERO if line is not None and share * 100 < line else share

    @property
    def proportion(self):
        if self.operator == "=" and self.rules.equal == "strict":
            if self.target <= 0:
                return ZERO
            departure = abs(self.actual - self.target) / self.target
            return max(1 - departure, ZERO)
        if self.reverse and self.rules.reverse == "linear_to_twice":
            if self.target <= 0:
                return ZERO
            return max(2 - self.actual / self.target, ZERO)
        return self.achievement

    @property
    def kept(self):
        """The share kept of the points of a target that was overshot."""
        if self.reverse or self.met is False:
            return Fraction(1)
        percent = self.achievement * 100
        for low, high, keep in self.rules.over_achievement:
            if low <= percent and (high is None or percent < high):
                return Fraction(keep) / 100
        return Fraction(1)


class Scorer:
    """The score of a job: what it would be if everything printed were right."""

    def __init__(self, rules):
        self.rules, self.names = rules, Names(rules.model)
        self.grades = [(words.split(), Fraction(cut))
                       for words, cut in rules.grades]

    def read(self, job):
        self.job = job
        self.funds = job.get("funds", {})
        self.fund = self.funds.get("total", {})
        self.rows = [Row(claim, self.rules, self.names)
                     for claim in job["indicators"]]
        self.counted = [row for row in self.rows if not row.dropped]

    def figure(self, column):
        return number(self.fund.get(column))

    def exact_rate(self, row):
        """Percent executed; None where no rate can be formed."""
        base, executed = (number(row.get(column))
                          for column in (self.rules.base, "executed"))
        if base is None or executed is None or base <= 0:
            return None
        return executed / base * 100

    def rate(self, row):
        """The rate that a fund row should print."""
        exact = self.exact_rate(row)
        return exact and rounded(exact, *self.rules.rate_rounding)

    def execution_weight(self):
        """The printed weight governs; a departure from the rule's is W01."""
        if self.rules.execution_weight is None:
            return None
        weight = self.figure("weight")
        return (Fraction(self.rules.execution_weight) if weight is None
                else weight)

    def score_execution(self):
        rate, weight = self.exact_rate(self.fund), self.execution_weight()
        if weight is None:
            return None  # execution has no points
        if rate is None or rate < 0 or weight <= 0:
            return ZERO
        capped = self.rules.formula != "proportional"
        if capped and rate >= 100:
            return weight  # all of it, however written
        if self.rules.score_from == "rounded_rate":
            rate = rounded(rate, *self.rules.rate_rounding)
        share = rate / 100
        if self.rules.formula == "loss_per_point":
            lost = max(HUNDRED - rate, ZERO) // 1  # whole points
            share = 1 - lost * Fraction(self.rules.loss_per_point) / 100
        points = max(rounded(share * weight, *self.rules.score_rounding), ZERO)
        return min(points, weight) if capped else points

    def band(self, row):
        """The edges of a level's band, rounded as a row's score is, but never
        above the weight."""
        upper, lower = self.rules.bands[row.level]
        return tuple(min(rounded(row.points * share / 100,
                                 *self.rules.row_rounding), row.points)
                     for share in (lower, upper))

    def inside(self, row):
        """Whether the declared score lies in the band: between the edges as
        rounded, or between the exact ones."""
        low, high = self.band(row)
        upper, lower = self.rules.bands[row.level]
        return (min(low, row.points * lower / 100) <= row.declared
                <= max(high, row.points * upper / 100))

    def score_quantity(self, row):
        share = row.kept if row.met else row.share
        if row.met and share == 1:
            return row.points  # the whole weight, however written
        points = rounded(row.points * share, *self.rules.row_rounding)
        return within(points, ZERO, row.points)

    def score_quality(self, row):
        low, high = (ZERO, row.points)
        if row.level is not None:
            low, high = self.band(row)
        if row.declared is None:
            return high if row.level is not None else ZERO
        if row.level is not None and self.inside(row):
            return row.declared
        return within(row.declared, low, high)

    def score_row(self, row):
        if row.method == "none":
            return ZERO
        return (self.score_quantity(row) if row.method == "ratio"
                else self.score_quality(row))

    def scale(self):
        """By how much the sum grows where rows were dropped: the rest stands
        for the full marks; 0 where nothing is left."""
        if len(self.counted) == len(self.rows):
            return Fraction(1)
        left = sum((row.points for row in self.counted),
                   max(self.execution_weight() or ZERO, ZERO))
        return Fraction(self.rules.full_marks) / left if left else ZERO

    def score(self):
        execution = self.score_execution()
        rows = [None if row.dropped else self.score_row(row)
                for row in self.rows]
        scores = [points for points in rows if points is not None]
        exact = sum(scores, execution or ZERO) * self.scale()
        total = rounded(exact, *self.rules.total_rounding)
        graded = exact if self.rules.grades_of == "unrounded" else total
        return {"rate": self.rate(self.fund), "execution": execution,
                "rows": rows, "total": total, "grade": self.grade(graded)}

    def grade(self, total):
        return self.grade_words(total)[0]

    def grade_words(self, total):
        return next((words for words, cut in self.grades if total >= cut),
                    self.grades[-1][0])
