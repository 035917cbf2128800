# SPDX-License-Identifier: Apache-2.0
"""Random forms: sound ones, ones near a boundary, and faulty ones.

    Forms(seed, rules).form()      one job as a dict
    python3 generate.py SEED COUNT [RULESET]   JSON Lines

The same seed gives the same forms for ever.
"""
import json
import random
import sys
from fractions import Fraction

import oracle
import tables

UNITS = ["%", "次", "家", "人", "个", "万平方米"]
SHARES = [[10, 10, 10, 20, 30, 10], [30, 30, 30], [50, 30, 10], [15] * 6,
          [20, 20, 20, 30], [12.5, 12.5, 25, 30, 10], [90], [22.22, 37.78, 30],
          [33.33, 33.33, 23.34]]
GRADES = ["优", "良", "中", "差", "优良", "良好", "甲"]


def cents(value):
    """Decimal text of a whole number of hundredths."""
    sign, value = ("-" if value < 0 else ""), abs(value)
    return f"{sign}{value // 100}.{value % 100:02d}"


def text(fraction, digits=6):
    """Decimal text of an exact decimal with at most `digits` digits."""
    scaled = fraction * 10 ** digits
    assert scaled.denominator == 1, fraction
    sign, value = ("-" if scaled < 0 else ""), abs(scaled.numerator)
    whole, rest = divmod(value, 10 ** digits)
    rest = f"{rest:0{digits}d}".rstrip("0")
    return f"{sign}{whole}" + (f".{rest}" if rest else "")


class Forms:
    def __init__(self, seed, rules=tables.RULES["cn-sh-2024", 2024], year=2024):
        self.random = random.Random(seed)
        self.count = 0
        self.rules, self.year = rules, year
        # A rate of more than 10 ** 12 percent would be no verdict.
        self.most = 10 ** (12 if rules.base == "budget" else 7)
        self.oracle = oracle.Scorer(rules)

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def form(self):
        """A form whose printed figures are right; then, often, a few faults."""
        self.count += 1
        job = {
            "v": 1, "kind": "evaluate", "job_id": f"r-{self.count}",
            "source": "random", "mof_div_code": "310113000",
            "fiscal_year": self.year, "pro_code": f"31011324T{self.count:012d}",
            "pro_name": f"项目{self.count}", "dept_name": "某局",
            "agency_name": "某所", "revision": 1,
            "funds": self.funds(), "indicators": self.indicators()}
        self.declare(job)
        for _ in range(self.one(0, 0, 0, 1, 1, 2, 3, 5)):
            self.random.choice(FAULTS)(self, job)
        return job

    # Money.

    def amount(self):
        return self.one(0, 1, 60, 875, 1300, 4182, 10391, 30000,
                        self.random.randrange(1, 10 ** 4),
                        self.random.randrange(1, 10 ** 7),
                        self.random.randrange(1, self.most))

    def executed(self, budget):
        if self.chance(0.2):
            return budget
        if self.chance(0.1):
            return 0
        if self.chance(0.3):  # near the whole points below 100 %
            near = budget - budget * self.random.randrange(0, 25) // 100
            return max(near + self.random.randrange(-2, 3), 0)
        return self.random.randrange(0, budget + 1)

    def funds(self):
        parts = {key: (self.amount(), self.amount())
                 for key in ("appropriation", "carryover", "other")}
        if self.chance(0.7):
            parts["carryover"] = parts["other"] = (0, 0)
        rows, sums = {}, [0, 0, 0]
        for key, (opening, budget) in parts.items():
            figures = (opening, budget, self.executed(budget))
            sums = [a + b for a, b in zip(sums, figures)]
            rows[key] = self.fund_row(figures)
        total = self.fund_row(sums)
        if self.rules.execution_weight is not None or self.chance(0.1):
            total["weight"] = text(Fraction(self.rules.execution_weight or 10))
        funds = {"total": total, **rows}
        if self.chance(0.2):
            funds = {"total": total}
        return funds

    def fund_row(self, figures):
        row = dict(zip(("opening", "budget", "executed"), map(cents, figures)))
        rate = self.oracle.rate(row)
        row["rate"] = "0.00" if rate is None else text(rate)
        return row

    # Indicators.

    def indicators(self):
        """Rows whose weights add up, often category by category too."""
        points = Fraction(self.rules.full_marks) - Fraction(
            self.rules.execution_weight or 0)
        if self.chance(0.4) and self.rules.weights:
            rows = [self.indicator(self.category(name), weight)
                    for name, share in self.rules.weights
                    for weight in self.split(Fraction(share))]
        else:
            weights = ([Fraction(1)] * 90 if self.chance(0.01)
                       else self.shares(points))
            rows = [self.indicator(self.random.choice(self.rules.model), weight)
                    for weight in weights]
        if self.chance(0.5):
            self.random.shuffle(rows)
        for i, row in enumerate(rows):
            row["name"] = f"指标{i}"
        return rows

    def shares(self, points):
        if points == 90:
            return [Fraction(str(x)) for x in self.one(*SHARES)]
        return self.split(points)

    def split(self, points):
        """Points as one to six weights, mostly whole ones."""
        if points <= 0:
            return [points]
        unit = self.one(1, 1, 1, 100)
        left, weights = points, []
        for _ in range(self.random.randrange(6)):
            most = int(left * unit) - 1
            if most < 1:
                break
            weights.append(Fraction(self.random.randrange(1, most + 1), unit))
            left -= weights[-1]
        return weights + [left]

    def category(self, name):
        return next(c for c in self.rules.model if c.name == name)

    def indicator(self, category, weight):
        alias = 1 if self.chance(0.1) else 0
        row = {"level1": self.name(category.words, alias),
               "name": "", "weight": text(weight)}
        if category.level2:
            row["level2"] = self.name(self.random.choice(category.level2), alias)
        row.update(self.quality() if self.chance(0.3) else self.quantity())
        if self.chance(0.01):
            row["not_applicable"] = True
        return row

    def name(self, words, alias):
        words = words.split()
        return self.random.choice(words) if alias else words[0]

    def quality(self):
        level = self.random.choice(tables.LEVELS).split()
        return {"op": "qualitative", "target": self.one("明显", "提高", "良好"),
                "actual": self.random.choice(level)}

    def quantity(self):
        target = self.one(0, 100, 9000, 10000, self.random.randrange(1, 10 ** 6),
                          self.random.randrange(1, 10 ** 9))
        sign = -1 if self.chance(0.01) else 1
        share = self.one(50, 60, 100, 120, 130, 150, 200, 300)
        nearby = target + self.random.randrange(-3, 4)
        actual = self.one(target, target, nearby, target * 2, target // 2, 0,
                          target * share // 100, target * 100 // share,
                          target * share // 100 + self.random.randrange(-1, 2),
                          self.random.randrange(0, 2 * target + 2))
        unit = self.random.choice(UNITS)
        return {"op": self.one(">=", ">=", "=", "<=", ">", "<", "≥", 1),
                "target": cents(sign * target), "unit": unit,
                "actual": cents(sign * max(actual, 0)), "actual_unit": unit}

    def declare(self, job):
        """Fills in the scores a careful person would print."""
        scorer = self.oracle
        scorer.read(job)
        verdict = scorer.score()
        if self.rules.execution_weight is not None:
            job["funds"]["total"]["score"] = text(verdict["execution"])
        for claim, row, points in zip(job["indicators"], scorer.rows,
                                      verdict["rows"]):
            if row.method == "level" and not row.dropped:
                low, high = scorer.band(row)
                points = self.one(low, high, (low + high) / 2)
                points = oracle.rounded(points, "down", 2)
            claim["score"] = text(points or Fraction(0))
        scorer.read(job)
        verdict = scorer.score()
        job["total"] = text(verdict["total"])
        job["grade"] = verdict["grade"]
        if self.chance(0.1):
            words = [words.split() for words, _ in self.rules.grades]
            job["grade"] = next(w for w in words if w[0] == job["grade"])[-1]

    # Faults: each spoils one thing.

    def any_row(self, job):
        return self.random.choice(job["indicators"])

    def any_fund(self, job):
        funds = job["funds"]
        return funds[self.random.choice(sorted(funds))] if funds else {}


def shift(self, value):
    """Another figure near to the old one, or far from it."""
    old = oracle.number(value) or Fraction(0)
    step = self.one("0.01", "-0.01", "0.005", "1", "-1", "10", "-10", "1000")
    return text(old + Fraction(step))


def fault_fund_figure(self, job):
    row = self.any_fund(job)
    column = self.one("opening", "budget", "executed", "rate", "weight", "score")
    if column in row:
        row[column] = shift(self, row[column])


def fault_fund_missing(self, job):
    row = self.any_fund(job)
    row.pop(self.one("opening", "budget", "executed", "rate", "weight", "score"),
            None)


def fault_rate_rounding(self, job):
    row = self.any_fund(job)
    budget, executed = (oracle.number(row.get(k)) for k in ("budget", "executed"))
    if budget and executed is not None and budget > 0:
        how = self.random.choice(tables.COMMON_ROUNDINGS)
        row["rate"] = text(oracle.rounded(executed / budget * 100, *how))


def fault_part_missing(self, job):
    names = ["appropriation", "carryover", "other"] * 2 + ["total"]
    job["funds"].pop(self.random.choice(names), None)


def fault_row_figure(self, job):
    row = self.any_row(job)
    key = self.one("weight", "score", "score", "target", "actual")
    if oracle.number(row.get(key)) is not None:
        row[key] = shift(self, row[key])


def fault_row_missing(self, job):
    self.any_row(job).pop(self.one("weight", "score", "target", "actual", "unit",
                                   "op", "level1", "level2", "actual_unit"),
                          None)


def fault_row_words(self, job):
    row = self.any_row(job)
    key = self.one("target", "actual", "level1", "level2")
    row[key] = self.one("很多", "基本达成", "≥90", "社会效益指标", "数量指标",
                        "产出", "效果指标", "满意度", "部分达成", "决策")


def fault_edge_of_band(self, job):
    row = self.any_row(job)
    weight = oracle.number(row.get("weight"))
    if weight is not None:
        share = self.one(*{edge for band in self.rules.bands
                           for edge in band}, 50)
        points = oracle.rounded(weight * share / 100, "half_up", 2)
        row["score"] = text(points + Fraction(self.one(0, 0, 1, -1), 100))


def fault_same_name(self, job):
    self.any_row(job)["name"] = self.any_row(job)["name"]


def fault_total(self, job):
    job["total"] = shift(self, job.get("total"))


def fault_grade(self, job):
    job["grade"] = self.random.choice(GRADES)


def fault_undeclared(self, job):
    job.pop(self.one("total", "grade", "dept_name", "agency_name"), None)


def fault_grade_edge(self, job):
    """A printed total at, or just below, a cut point."""
    cut = Fraction(self.random.choice(self.rules.grades)[1])
    below = self.one("0", "0", "0.01", "0.005", "0.006", "0.004")
    job["total"] = text(cut - Fraction(below))


def fault_total_at_an_edge(self, job):
    """Levels whose scores bring the true total to a cut point, or near it."""
    cut = Fraction(self.random.choice(self.rules.grades)[1])
    row = self.any_row(job)
    row.update(self.quality(), score="0")
    self.oracle.read(job)
    missing = cut - self.oracle.score()["total"]
    below = self.one("0", "0.004", "0.005", "0.006", "0.01")
    row["score"] = text(oracle.rounded(missing, "down", 6) - Fraction(below))
    job["total"] = self.one(job["total"], text(cut)) if "total" in job else (
        text(cut))


def fault_no_scores(self, job):
    """A template without scores: nothing is declared anywhere."""
    if self.chance(0.3):
        job["funds"].get("total", {}).pop("score", None)
        job.pop("total", None)
        job.pop("grade", None)
        for row in job["indicators"]:
            row.pop("score", None)


def fault_negative(self, job):
    row = self.any_row(job)
    key = self.one("weight", "target", "actual", "score")
    if oracle.number(row.get(key)):
        row[key] = text(-oracle.number(row[key]))
    if self.chance(0.3):
        fund, key = self.any_fund(job), self.one("opening", "budget", "executed")
        if oracle.number(fund.get(key)):
            fund[key] = text(-oracle.number(fund[key]))


def fault_zero_weight(self, job):
    self.any_row(job)["weight"] = "0"
    if self.chance(0.2):
        job["funds"].setdefault("total", {})["weight"] = "0"


def fault_blank(self, job):
    self.any_row(job)[self.one("target", "actual", "unit", "level1", "name")] = (
        self.one("", " ", "　"))


def fault_heading(self, job):
    """Headings that announce their section's weight, rightly or not."""
    key = self.one("level1", "level2")
    chosen = self.any_row(job).get(key, "")
    rows = [row for row in job["indicators"] if row.get(key, "") == chosen]
    weight = sum(oracle.number(row.get("weight")) or 0 for row in rows)
    weight = max(weight + self.one(0, 0, 1, -5), 0)
    shape = self.one("{}（{}分）", "{}({})", "{}（{}）")
    for row in rows:
        row[key] = shape.format(chosen, text(weight))


def fault_not_applicable(self, job):
    self.any_row(job)["not_applicable"] = True


def fault_number_shape(self, job):
    row = self.any_row(job)
    value = oracle.number(row.get("weight"))
    if value is not None and value.denominator == 1:
        row["weight"] = int(value)


FAULTS = [value for name, value in sorted(globals().items())
          if name.startswith("fault_")]


def main():
    ruleset = sys.argv[3] if len(sys.argv) > 3 else "cn-sh-2024"
    forms = Forms(sys.argv[1], tables.RULES[ruleset, 2024])
    for _ in range(int(sys.argv[2])):
        print(json.dumps(forms.form(), ensure_ascii=False))


if __name__ == "__main__":
    main()
