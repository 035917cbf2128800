# SPDX-License-Identifier: Apache-2.0
"""Random rulesets: sound ones, whose parameters meet as no preset has them.

    rules, yaml = wild.ruleset(seed)

`yaml` extends cn-2020 and is written by docs/RULES.md; `rules` says the same to
the oracle. A parameter that is left out of the one is national in the other.
The same seed gives the same ruleset for ever.
"""
import random
from fractions import Fraction

import tables
from tables import BENEFIT, COST, OUTPUT, OUTPUT_WITH_COST, SATISFACTION

HEAD = """\
id: cn-wild
version: "1"
title: 随机规则
extends: cn-2020
years: { from: 2020 }

provisions:
  - source: 随机数
    confidence: unverified
"""

DECISION = tables.Category("other", "决策 决策指标", ("立项依据", "目标设定 目标"))
MANAGEMENT = tables.Category("other", "管理 过程", ("资金管理", "组织实施"))
INPUT = tables.Category("cost", "投入 投入指标", ("资金投入", "人力投入 人力"))
RESULT = tables.Category("benefit", "结果 结果指标", ("效果", "影响 长远影响"))
BARE = tables.Category("output", "产出 产出指标")

# model, where costs are filed
MODELS = [((OUTPUT_WITH_COST, BENEFIT, SATISFACTION), "under_output"),
          ((OUTPUT, BENEFIT, SATISFACTION), "none"),
          ((COST, OUTPUT, BENEFIT, SATISFACTION), "own_category"),
          ((DECISION, MANAGEMENT, OUTPUT_WITH_COST, BENEFIT), "under_output"),
          ((INPUT, OUTPUT, RESULT), "own_category"),
          ((DECISION, BARE), "none")]
GRADES = [(("优 优秀", 90), ("良 良好", 80), ("中", 60), ("差", 0)),
          (("优", 80), ("良", 70), ("中", 60), ("差", 0)),
          (("优良 甲", 80), ("中", 70), ("差", 0)),
          (("合格", "59.995"), ("不合格", 0)),
          (("优", "89.5"), ("差", 0))]
TIERS = {2: "excellent poor", 3: "excellent fair poor",
         4: "excellent good fair poor"}
CHECKS = ("S01 S02 S03 S04 S05 S06 S07 S08 S09 S10 A01 A02 A03 A04 A05 A06 A07 "
          "A08 A09 A10 A11 A12 W01 W02 W03").split()


class Wild:
    def __init__(self, seed):
        self.random = random.Random(f"wild {seed}")
        self.values, self.lines = {}, {}

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, share):
        return self.random.random() < share

    def set(self, path, field, value, written=None):
        """One parameter, in both tongues."""
        group, key = path.split(".", 1)
        self.values[field] = value
        text = value if written is None else written
        if isinstance(text, Fraction):
            text = float(text)
        if isinstance(text, tuple):
            text = f"{text[0]} {text[1]}"
        self.lines.setdefault(group, []).append(f"{key}: {text}")

    def maybe(self, path, field, *choices):
        if self.chance(0.7):
            value = self.random.choice(choices)
            self.set(path, field, value, "none" if value is None else value)

    def rounding(self):
        return (self.one("down", "up", "half_up", "half_up", "half_even"),
                self.one(0, 1, 2, 2, 2, 3, 6))

    def draw(self):
        self.draw_execution()
        self.draw_rows()
        self.draw_categories()
        self.draw_bands()
        self.draw_grades()
        self.draw_checks()
        return tables.Rules(**self.values), self.written()

    def draw_execution(self):
        weight = self.one(None, 6, 10, 20, Fraction(31, 2))
        self.set("execution.weight", "execution_weight", weight,
                 "none" if weight is None else weight)
        base = self.one("budget", "budget", "opening")
        self.set("execution.base", "base", base,
                 "adjusted" if base == "budget" else base)
        formula = self.one("proportional_capped", "proportional",
                           "loss_per_point")
        loss = (Fraction(self.one("5", "2.5", "1", "100", "0.7"))
                if formula == "loss_per_point" else None)
        self.set("execution.formula", "formula", formula)
        self.set("execution.loss_per_point", "loss_per_point", loss,
                 "none" if loss is None else loss)
        self.maybe("execution.rate_rounding", "rate_rounding", self.rounding())
        self.maybe("execution.score_from", "score_from", "exact",
                   "rounded_rate")
        self.maybe("execution.score_rounding", "score_rounding",
                   self.rounding())

    def draw_rows(self):
        self.maybe("rows.rounding", "row_rounding", self.rounding())
        self.maybe("rows.reverse", "reverse", "target_over_actual",
                   "linear_to_twice")
        self.maybe("rows.equal", "equal", "at_least", "strict")
        self.maybe("rows.negative_actual", "negative_actual", "error", "zero")
        self.maybe("rows.pass_line", "pass_line", None, 60, 50, 100,
                   Fraction(1, 2))
        self.maybe("rows.not_applicable", "not_applicable", "keep", "rescale")
        cuts = sorted(self.random.sample([101, 120, 130, 150, 200, 300], 3))
        open_end = self.chance(0.5)
        bands = tuple((low, high, self.one(100, 90, 80, 50, 0))
                      for low, high in zip(cuts, cuts[1:]))
        if open_end:
            bands += ((cuts[-1], None, self.one(90, 33, 0)),)
        if self.chance(0.5):
            lines = ", ".join(
                f"{{ from: {low}, " + (f"to: {high}, " if high else "")
                + f"keep: {keep} }}" for low, high, keep in bands)
            self.set("rows.over_achievement", "over_achievement", bands,
                     f"[{lines}]")

    def draw_categories(self):
        model, cost = self.random.choice(MODELS)
        self.set("categories.model", "model", model, self.model(model))
        self.set("categories.cost", "cost", cost)
        required = cost != "none" and self.chance(0.5)
        self.set("categories.cost_required", "cost_required", required,
                 "yes" if required else "no")
        left = 100 - int(self.values["execution_weight"] or 0)
        if left + (self.values["execution_weight"] or 0) != 100:
            weights = ()
        elif len(model) > 2 and self.chance(0.3):  # some categories weigh, others are open
            weights = tuple((c.name, 20) for c in model[:2])
        else:
            cuts = sorted(self.random.sample(range(1, left), len(model) - 1))
            weights = tuple((c.name, high - low) for c, low, high in zip(
                model, [0, *cuts], [*cuts, left]))
        self.set("categories.weights", "weights", weights, "[" + ", ".join(
            f"{{ name: {name}, weight: {weight} }}"
            for name, weight in weights) + "]")

    @staticmethod
    def named(words, extra=""):
        name, *aliases = words.split()
        return (f"{{ name: {name}{extra}"
                + (f", aliases: [{', '.join(aliases)}]" if aliases else ""))

    def model(self, model):
        return "[" + ",\n        ".join(
            self.named(c.words, f", kind: {c.kind}") + ", level2: ["
            * bool(c.level2) + ", ".join(self.named(words) + " }"
                                         for words in c.level2)
            + "]" * bool(c.level2) + " }" for c in model) + "]"

    def draw_bands(self):
        high, low = self.one((80, 60), (80, 50), (90, 70), ("66.5", "33.3"))
        bands = ((100, Fraction(high)), (Fraction(high), Fraction(low)),
                 (Fraction(low), 0))
        self.values["bands"] = bands
        self.lines["qualitative"] = [
            f"met: {{ from: {high}, to: 100 }}",
            f"partly: {{ from: {low}, to: {high} }}",
            f"not_met: {{ from: 0, to: {low} }}"]

    def draw_grades(self):
        cuts = self.random.choice(GRADES)
        written = []
        for (words, cut), tier in zip(cuts, TIERS[len(cuts)].split()):
            written.append(self.named(words, f", from: {cut}, tier: {tier}")
                           + " }")
        self.set("grades.cuts", "grades", cuts, "[" + ", ".join(written) + "]")
        self.maybe("grades.of", "grades_of", "printed", "unrounded")
        self.maybe("total.rounding", "total_rounding", self.rounding())

    def draw_checks(self):
        codes = self.random.sample(CHECKS, self.random.randrange(5))
        checks = []
        for code in codes:
            level = self.one("off", "error", "warning", "info")
            line = (f"{code}: {{ raise: no }}" if level == "off"
                    else f"{code}: {{ level: {level} }}")
            threshold = None
            if code == "W02" and level != "off":
                threshold = self.one(10, 20, 40)
                line = f"W02: {{ level: {level}, threshold: {threshold} }}"
            checks.append((code, level, threshold))
            self.lines.setdefault("checks", []).append(line)
        self.values["checks"] = tuple(checks)
        if self.chance(0.1):
            self.values["others"] = False
            self.lines.setdefault("checks", []).append("others: off")

    def written(self):
        return HEAD + "".join(
            f"    {group}:\n" + "".join(f"      {line}\n" for line in lines)
            for group, lines in self.lines.items())


def ruleset(seed):
    return Wild(seed).draw()
