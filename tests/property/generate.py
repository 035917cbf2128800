# SPDX-License-Identifier: Apache-2.0
"""Random forms: sound ones, ones near a boundary, and faulty ones.

    Forms(seed).form()      one job as a dict
    python3 generate.py SEED COUNT   JSON Lines

The same seed gives the same forms for ever.
"""
import json
import random
import sys
from fractions import Fraction

import oracle

CATEGORY_LEVEL2 = {
    "产出指标": ["数量指标", "质量指标", "时效指标", "成本指标"],
    "效益指标": ["经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标"],
    "满意度指标": ["服务对象满意度指标"],
}
UNITS = ["%", "次", "家", "人", "个", "万平方米"]
SHARES = [[10, 10, 10, 20, 30, 10], [30, 30, 30], [50, 30, 10], [15] * 6,
          [20, 20, 20, 30], [12.5, 12.5, 25, 30, 10], [90], [22.22, 37.78, 30],
          [33.33, 33.33, 23.34]]
GRADES = ["优", "良", "中", "差"]


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
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0
        self.oracle = oracle.Oracle(oracle.RULES["cn-sh-2024"])

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
            "fiscal_year": 2024, "pro_code": f"31011324T{self.count:012d}",
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
                        self.random.randrange(1, 10 ** 12))

    def executed(self, budget):
        if self.chance(0.2):
            return budget
        if self.chance(0.1):
            return 0
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
        total["weight"] = "10.00"
        funds = {"total": total, **rows}
        if self.chance(0.2):
            funds = {"total": total}
        return funds

    def fund_row(self, figures):
        row = dict(zip(("opening", "budget", "executed"), map(cents, figures)))
        rate = self.oracle.rate(row)
        row["rate"] = "0.00" if rate is None else f"{text(rate)}"
        return row

    # Indicators.

    def indicators(self):
        weights = [1] * 90 if self.chance(0.01) else list(self.one(*SHARES))
        self.random.shuffle(weights)
        return [self.indicator(i, weight) for i, weight in enumerate(weights)]

    def indicator(self, i, weight):
        category = self.one("产出指标", "产出指标", "效益指标", "满意度指标")
        row = {"level1": category,
               "level2": self.random.choice(CATEGORY_LEVEL2[category]),
               "name": f"指标{i}", "weight": str(weight)}
        row.update(self.quality() if self.chance(0.3) else self.quantity())
        return row

    def quality(self):
        level = self.random.choice(oracle.LEVELS).split()
        return {"op": "qualitative", "target": self.one("明显", "提高", "良好"),
                "actual": self.random.choice(level)}

    def quantity(self):
        target = self.one(0, 100, 9000, 10000, self.random.randrange(1, 10 ** 6),
                          self.random.randrange(1, 10 ** 9))
        nearby = target + self.random.randrange(-3, 4)
        actual = self.one(target, target, nearby, target * 2, target // 2, 0,
                          self.random.randrange(0, 2 * target + 2))
        unit = self.random.choice(UNITS)
        return {"op": self.one(">=", ">=", ">=", "=", "<=", ">", "<", "≥", 1),
                "target": cents(target), "unit": unit,
                "actual": cents(max(actual, 0)), "actual_unit": unit}

    def declare(self, job):
        """Fills in the scores a careful person would print."""
        verdict = self.oracle.evaluate(job)
        job["funds"]["total"]["score"] = text(verdict["execution"])
        total = verdict["execution"]
        for claim, row, points in zip(job["indicators"], self.oracle.rows,
                                      verdict["rows"]):
            if row.method == "level":
                low, high = self.oracle.band(row)
                points = self.one(low, high, (low + high) / 2)
                points = oracle.rounded(points, "down", 2)
            claim["score"] = text(points)
            total += points
        job["total"] = text(total)
        job["grade"] = self.oracle.grade(total)

    # Faults: each spoils one thing.

    def any_row(self, job):
        return self.random.choice(job["indicators"])

    def any_fund(self, job):
        return job["funds"][self.random.choice(sorted(job["funds"]))]


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
        how = self.random.choice(oracle.COMMON_ROUNDINGS)
        row["rate"] = text(oracle.rounded(executed / budget * 100, *how))


def fault_part_missing(self, job):
    job["funds"].pop(self.one("appropriation", "carryover", "other"), None)


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
        share = self.one(0, 60, 80, 100)
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
    job["total"] = self.one("100", "90", "89.995", "89.99", "80", "79.99", "60",
                            "59.99", "0")


def fault_no_scores(self, job):
    """A template without scores: nothing is declared anywhere."""
    if self.chance(0.3):
        job["funds"]["total"].pop("score", None)
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
        job["funds"]["total"]["weight"] = "0"


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
    forms = Forms(sys.argv[1])
    for _ in range(int(sys.argv[2])):
        print(json.dumps(forms.form(), ensure_ascii=False))


if __name__ == "__main__":
    main()
