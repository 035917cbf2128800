# SPDX-License-Identifier: Apache-2.0
"""What the rulesets say, written down a second time: by hand, from the rule
(财预〔2020〕10号) and from docs/RULES.md, never read from config/rulesets."""
import dataclasses

LEVELS = [
    "达成年度指标 达成指标 达成预期指标 达成预期目标 达成目标 达成 已达成",
    "部分达成年度指标并具有一定效果 部分达成指标并具有一定效果 "
    "部分达成预期指标并具有一定效果 部分达成年度指标 部分达成预期指标 "
    "部分达成指标 部分达成目标 部分达成",
    "未达成年度指标且效果较差 未达成指标且效果较差 未达成预期指标且效果较差 "
    "未达成年度指标 未达成预期指标 未达成指标 未达成目标 未达成",
]
LEVEL_OF = {word: i for i, words in enumerate(LEVELS) for word in words.split()}

OPERATORS = {">=": ">=", "≥": ">=", "1": ">=", ">": ">", "＞": ">", "2": ">",
             "=": "=", "＝": "=", "3": "=", "<": "<", "＜": "<", "4": "<",
             "<=": "<=", "≤": "<=", "5": "<=", "qualitative": "qualitative",
             "6": "qualitative"}

# Where one of these explains a printed rate the finding is a warning.
COMMON_ROUNDINGS = [(mode, digits) for digits in (2, 1, 0)
                    for mode in ("half_up", "down", "up", "half_even")]


@dataclasses.dataclass(frozen=True)
class Category:
    """A first-level indicator: its own name leads `words`, and that of each
    second level leads its."""
    kind: str
    words: str
    level2: tuple = ()
    name = property(lambda self: self.words.split()[0])


OUTPUT = Category("output", "产出指标 产出 项目完成指标", (
    "数量指标 数量", "质量指标 质量", "时效指标 时效 进度指标"))
OUTPUT_WITH_COST = dataclasses.replace(
    OUTPUT, level2=OUTPUT.level2 + ("成本指标 成本",))
BENEFIT = Category("benefit", "效益指标 效益 效果指标", (
    "经济效益指标 经济效益", "社会效益指标 社会效益",
    "生态效益指标 生态效益 环境效益 环境效益指标", "可持续影响指标 可持续影响"))
SATISFACTION = Category("satisfaction", "满意度指标 满意度", (
    "服务对象满意度指标 服务对象满意度 满意度指标 满意度",))
COST = Category("cost", "成本指标 成本", (
    "经济成本指标 经济成本", "社会成本指标 社会成本",
    "生态环境成本指标 生态环境成本"))


@dataclasses.dataclass(frozen=True)
class Rules:
    """The parameters of a ruleset, as far as S, A, W and the score go; as they
    stand here they are the national ones."""
    execution_weight: object = 10          # V1; None: execution has no points
    weights: tuple = (("产出指标", 50), ("效益指标", 30), ("满意度指标", 10))
    model: tuple = (OUTPUT_WITH_COST, BENEFIT, SATISFACTION)      # V3
    base: str = "budget"                   # V4; or "opening"
    formula: str = "proportional_capped"   # V5
    loss_per_point: object = None
    rate_rounding: tuple = ("half_up", 2)  # V7
    score_from: str = "exact"              # V8
    score_rounding: tuple = ("half_up", 2)
    row_rounding: tuple = ("half_up", 2)   # V9
    reverse: str = "target_over_actual"    # V10
    equal: str = "at_least"                # V11
    negative_actual: str = "error"         # V13
    over_achievement: tuple = ()           # V14: (from, to or None, keep)
    pass_line: object = None               # V15
    bands: tuple = ((100, 80), (80, 60), (60, 0))                 # V16
    grades: tuple = (("优 优秀", 90), ("良 良好", 80), ("中 中等", 60),
                     ("差 较差", 0))        # V17
    grades_of: str = "printed"
    not_applicable: str = "keep"           # V18
    cost: str = "under_output"             # V21
    cost_required: bool = False
    full_marks: object = 100               # V24
    total_rounding: tuple = ("half_up", 2)
    checks: tuple = ()                     # V26: (code, level, threshold)
    others: bool = True                    # checks that are not named

    def category(self, kind):
        return next((c for c in self.model if c.kind == kind), None)


NATIONAL = Rules()
WITH_COST = Rules(
    model=(COST, OUTPUT, BENEFIT, SATISFACTION), cost="own_category",
    weights=(("成本指标", 20), ("产出指标", 40), ("效益指标", 20),
             ("满意度指标", 10)))

# (ruleset, fiscal year) -> what it says for that year.
RULES = {
    ("cn-2020", 2024): NATIONAL,
    ("cn-2021", 2021): WITH_COST,
    ("cn-2021", 2024): dataclasses.replace(WITH_COST, cost_required=True),
    ("cn-sh-2024", 2024): Rules(rate_rounding=("down", 2)),
    ("cn-hb", 2024): Rules(execution_weight=20, weights=(),
                           bands=((100, 80), (80, 50), (50, 0))),
    ("cn-sc", 2024): NATIONAL,  # its duties are findings of the family C
    ("cn-gx", 2024): NATIONAL,  # its threshold too
    ("cn-nx-2022", 2024): Rules(execution_weight=None, weights=()),
    ("cn-js-sz", 2024): Rules(execution_weight=6, weights=(),
                              formula="loss_per_point", loss_per_point=5),
}
