#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each parameter of a ruleset has a case that only its right value passes.

    parameters_test.py SCORE_JSONL RULESETS

A case is some forms and, for each value of a parameter, what they come to,
worked out by hand from docs/RULES.md. What they come to differs from value to
value, so a parameter that is not looked at, or read as another of its values,
fails. Every key of the table in docs/RULES.md has a case.
"""
import collections
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
REFUSED = "refused"
PROGRAM = RULESETS = None  # the arguments


def funds(opening, budget, executed, **more):
    return {"total": {"opening": opening, "budget": budget,
                      "executed": executed, **more}}


def row(op, target, actual, weight="30", **more):
    return {"level1": "产出指标", "level2": "质量指标", "name": "指标", "op": op,
            "target": target, "unit": "个", "actual": actual,
            "actual_unit": "个", "weight": weight, **more}


def level(actual, weight="30", **more):
    return row("qualitative", "好", actual, weight, **more)


MET = row(">=", "1", "1", "90")
ALL_SPENT = funds("100", "100", "100")


def form(*rows, money=ALL_SPENT, **more):
    return {"v": 1, "kind": "evaluate", "job_id": "p", "source": "test",
            "mof_div_code": "310113000", "fiscal_year": 2024, "pro_code": "P",
            "pro_name": "项目", "dept_name": "局", "agency_name": "所",
            "revision": 1, "funds": money,
            "indicators": list(rows) or [MET], **more}


def spent(*amounts):
    """Forms that spent so much of 100."""
    return [form(money=funds("100", "100", amount)) for amount in amounts]


# What of a verdict a case looks at.

def rate(verdict):
    return verdict["execution"]["rate"]


def points(verdict):
    return verdict["execution"]["score"]


def first(verdict):
    return verdict["indicators"][0]["score"]


def total(verdict):
    return verdict["total"]


def grade(verdict):
    return verdict["grade"]


def found(*codes, what="cell"):
    def look(verdict):
        return " ".join(finding["code"] + " " + str(finding[what])
                        for finding in verdict["findings"]
                        if finding["code"] in codes)
    return look


Case = collections.namedtuple("Case", "key look forms values given")


def case(key, look, forms, values, **given):
    """`given`: other values that the ruleset needs, "__" for the dot."""
    return Case(key, look, forms if isinstance(forms, list) else [forms],
                values, {k.replace("__", "."): v for k, v in given.items()})


def rates(*pairs):
    return [form(money=funds(budget, budget, executed))
            for executed, budget in pairs]


def named(*pairs, key="weight"):
    return "[" + ", ".join(f"{{ name: {name}, {key}: {value} }}"
                           for name, value in pairs) + "]"


OUTPUT, BENEFIT = "产出指标", "效益指标"
SATISFACTION = "满意度指标"
PEOPLE = {"level1": SATISFACTION, "level2": "服务对象满意度指标"}
EFFECT = {"level1": BENEFIT, "level2": "社会效益指标"}
INPUTS = ("[{ name: 投入指标, kind: cost }, { name: 产出指标, kind: output }, "
          "{ name: 结果指标, kind: benefit }]")
NATIONAL = ("[{ name: 产出指标, kind: output }, "
            "{ name: 效益指标, kind: benefit }]")
NO_WEIGHTS = {"categories__weights": "[]"}
GRADES = "[{} {{ name: 差, from: 0, tier: poor }}]".format
TIER = "{{ name: {}, from: {}, tier: {} }},".format
# 98.846…, thirds, and a tie at the second digit
ROUNDED = rates(("12.85", "13"), ("2", "3"), ("1", "3"), ("1", "20000"))
NINTHS = [form(row(">=", "90", "89", "20")), form(row(">=", "9", "1", "2"))]

def repeated(key, sign, other):
    """Actual values that bear an operator, in two ways of writing it."""
    bare = sign.strip('"')
    return case(key, found("C03", "C18"),
                [form(row(">=", "1", actual, "90"))
                 for actual in (bare + "2个", "2个" + other, other + "2个")],
                {f"[{sign}]": [C03, C18, C18], f"[{other}]": [C18, C03, C03],
                 f"[{sign}, {other}]": [C03, C03, C03]})


C03, C18 = (code + " indicators[0].actual" for code in ("C03", "C18"))

CASES = [
    case("execution.weight", points, spent("50"),
         {"10": ["5"], "20": ["10"], "6": ["3"], "none": [None]}, **NO_WEIGHTS),
    case("categories.weights", found("W01", what="expected"),
         form(row(">=", "1", "1", "40"), row(">=", "1", "1", **EFFECT),
              row(">=", "1", "1", "20", **PEOPLE)),
         {named((OUTPUT, 50), (BENEFIT, 30), (SATISFACTION, 10)):
              ["W01 50 W01 10"],
          named((OUTPUT, 40), (BENEFIT, 30), (SATISFACTION, 20)): [""],
          named((OUTPUT, 45), (BENEFIT, 30), (SATISFACTION, 15)):
              ["W01 45 W01 15"]}),
    case("categories.model", found("S06"), form(
        {**MET, "level1": "投入指标", "level2": ""},
        {**MET, "level1": "效益指标", "level2": ""}),
         {INPUTS: ["S06 indicators[1].level1"],
          NATIONAL.replace("[", "[{ name: 投入指标, kind: cost }, ", 1): [""],
          INPUTS.replace("投入", "投资"):
              ["S06 indicators[0].level1 S06 indicators[1].level1"]},
         categories__cost="own_category", **NO_WEIGHTS),
    case("execution.base", rate, form(money=funds("100", "200", "90")),
         {"adjusted": ["45"], "opening": ["90"]}),
    case("execution.formula", points, spent("98.5", "150"),
         {"proportional_capped": ["9.85", "10"],
          "proportional": ["9.85", "15"]}),
    case("execution.formula", points, spent("98.5", "150", "99.01"),
         {"loss_per_point": ["9.5", "10", "10"]},
         execution__loss_per_point="5"),
    case("execution.loss_per_point", points, spent("98.5", "98"),
         {"5": ["9.5", "9"], "2.5": ["9.75", "9.5"], "50": ["5", "0"],
          "none": REFUSED}, execution__formula="loss_per_point"),
    case("execution.zero_budget", lambda v: (rate(v), points(v), found("A05")(v)),
         form(money=funds("100", "0", "0")),
         {"no_rate": [(None, "0", "A05 funds.total.budget")]}),
    case("execution.rate_rounding", rate, ROUNDED,
         {"down 2": ["98.84", "66.66", "33.33", "0"],
          "up 2": ["98.85", "66.67", "33.34", "0.01"],
          "half_up 2": ["98.85", "66.67", "33.33", "0.01"],
          "half_even 2": ["98.85", "66.67", "33.33", "0"],
          "half_up 1": ["98.8", "66.7", "33.3", "0"],
          "down 1": ["98.8", "66.6", "33.3", "0"],
          "half_up 0": ["99", "67", "33", "0"]}),
    case("execution.score_from", points, rates(("12.85", "13")),
         {"exact": ["19.77"], "rounded_rate": ["19.8"]},
         execution__weight="20", execution__rate_rounding="half_up 0",
         **NO_WEIGHTS),
    case("execution.score_rounding", points, rates(("12.85", "13")),
         {"half_up 2": ["9.88"], "up 2": ["9.89"], "half_up 1": ["9.9"],
          "down 1": ["9.8"], "half_up 0": ["10"]}),
    # 19.777… and 0.222…
    case("rows.rounding", first, NINTHS,
         {"half_up 2": ["19.78", "0.22"], "down 2": ["19.77", "0.22"],
          "up 2": ["19.78", "0.23"], "half_up 1": ["19.8", "0.2"],
          "down 1": ["19.7", "0.2"], "half_up 0": ["20", "0"]}),
    case("rows.reverse", first,
         [form(row("<=", "100", "120")), form(row("<", "100", "250"))],
         {"target_over_actual": ["25", "12"], "linear_to_twice": ["24", "0"]}),
    case("rows.equal", first,
         [form(row("=", "10", "11")), form(row("=", "10", "8"))],
         {"at_least": ["30", "24"], "strict": ["27", "24"]}),
    case("rows.zero_target", first,
         [form(row("<=", "0", "0")), form(row("<=", "0", "1")),
          form({k: v for k, v in row("", "0", "0").items() if k != "op"}),
          form({k: v for k, v in row("", "0", "2").items() if k != "op"})],
         {"met_or_nothing": ["30", "0", "30", "0"]}),
    case("rows.negative_actual", lambda v: (first(v), found("S03")(v)),
         form(row("<=", "10", "-1")),
         {"error": [("0", "S03 indicators[0].actual")], "zero": [("30", "")]}),
    case("rows.explain_above", found("C01"),
         [form(row(">=", "100", actual)) for actual in ("125", "130")],
         {"130": ["", "C01 indicators[0].actual"],
          "120": ["C01 indicators[0].actual"] * 2, "none": ["", ""]}),
    case("rows.over_achievement", first,
         [form(row(">=", "100", actual)) for actual in ("149", "150", "200")],
         {"[]": ["30", "30", "30"],
          "[{ from: 150, to: 200, keep: 90 }, { from: 200, keep: 80 }]":
              ["30", "27", "24"],
          "[{ from: 150, keep: 90 }]": ["30", "27", "27"],
          "[{ from: 120, to: 150, keep: 50 }]": ["15", "30", "30"]}),
    case("rows.pass_line", first,
         [form(row(">=", "100", actual)) for actual in ("59", "60")],
         {"none": ["17.7", "18"], "60": ["0", "18"], "61": ["0", "0"]}),
    case("qualitative.met.from qualitative.partly.to", first,
         [form(level("部分达成指标")), form(level("达成指标", score="18"))],
         {"80": ["24", "24"], "70": ["21", "21"]}),
    case("qualitative.partly.from qualitative.not_met.to", first,
         [form(level("未达成指标")), form(level("部分达成指标", score="1"))],
         {"60": ["18", "18"], "50": ["15", "15"]}),
    case("qualitative.met.to", first, form(level("达成指标")),
         {"100": ["30"], "90": REFUSED}),
    case("qualitative.not_met.from", first,
         form(level("未达成指标", score="-1")), {"0": ["0"], "10": REFUSED}),
    case("qualitative.met.words", first, [form(level("很好")), form(level("好"))],
         {"[很好]": ["30", "0"], "[好]": ["0", "30"]}),
    case("qualitative.partly.words", first,
         [form(level("一般")), form(level("尚可"))],
         {"[一般]": ["24", "0"], "[尚可]": ["0", "24"]}),
    case("qualitative.not_met.words", first,
         [form(level("差")), form(level("很差"))],
         {"[差]": ["18", "0"], "[很差]": ["0", "18"]}),
    case("grades.cuts", grade,
         [form(level("达成指标", "40", score="38"),  # 80 and 70
               row(">=", "100", actual, "50")) for actual in ("64", "44")],
         {GRADES(TIER("优", 80, "excellent") + TIER("中", 70, "fair")):
              ["优", "中"],
          GRADES(TIER("优", 90, "excellent") + TIER("中", 60, "fair")):
              ["中", "中"],
          GRADES(TIER("优", 80, "excellent") + TIER("中", 75, "fair")):
              ["优", "差"],
          GRADES(TIER("优良", 80, "excellent") + TIER("中", 70, "fair")):
              ["优良", "中"]}),
    # 10 + 60 + 19.996
    case("grades.of", lambda v: (total(v), grade(v)),
         form(row(">=", "1", "1", "60"), level("部分达成指标", score="19.996")),
         {"printed": [("90", "优")], "unrounded": [("90", "良")]}),
    case("rows.not_applicable", total,
         form(row(">=", "1", "1", "60"),
              row(">=", "1", "", "30", not_applicable=True)),
         {"keep": ["70"], "rescale": ["100"]}),
    case("duties.execution_below", found("C08"), spent("85", "75"),
         {"90": ["C08 funds.total.rate"] * 2,
          "80": ["", "C08 funds.total.rate"], "none": ["", ""]}),
    case("duties.change_above", found("C09"),
         [form(money=funds("100", budget, budget))
          for budget in ("100.01", "110", "130")],
         {"any": ["C09 funds.total.budget"] * 3,
          "5": ["", *["C09 funds.total.budget"] * 2],
          "20": ["", "", "C09 funds.total.budget"], "none": ["", "", ""]}),
    # full results: the gap is what is unspent
    case("lights.red", found("C10", what="expected"), spent("94", "85"),
         {"5": ["C10 5", "C10 5"], "10": ["", "C10 10"], "none": ["", ""]}),
    case("lights.unspent", found("C10", what="expected"), spent("75", "65"),
         {"20": ["C10 20", "C10 20"], "30": ["", "C10 30"], "none": ["", ""]},
         lights__red="none"),
    case("categories.cost", found("S10", what="expected"),
         form({**MET, "level1": "投入指标", "level2": ""}),
         {"own_category": ["S10 产出指标 S10 结果指标"], "under_output": REFUSED,
          "none": REFUSED}, categories__model=INPUTS, **NO_WEIGHTS),
    case("categories.cost_required", found("S10", what="expected"),
         [form(MET, row(">=", "1", "1", **EFFECT)),
          form({**MET, "level2": "成本指标"}, row(">=", "1", "1", **EFFECT))],
         {"yes": ["S10 成本指标", ""], "no": ["", ""]}),
    case("rows.target_met", first,
         [form(row(">=", "90", "90")), form(row("<", "90", "1"))],
         {"full": ["30", "30"]}),
    case("rows.target_missed", first,
         [form(row(">=", "90", "60")), form(row(">", "90", "90"))],
         {"ratio": ["20", "30"]}),
    case("total.full_marks", found("A09", what="expected"),
         [form(), form(row(">=", "1", "1", "110"))],
         {"100": ["", "A09 100"], "120": ["A09 120", ""]}, **NO_WEIGHTS),
    case("total.rounding", total,
         form(row(">=", "1", "1", "60"), level("部分达成指标", score="19.996")),
         {"half_up 2": ["90"], "down 2": ["89.99"], "down 1": ["89.9"],
          "half_up 3": ["89.996"]}),
    case("form.template", found("S01", "S04"),
         form({k: v for k, v in MET.items() if k != "weight"},
              money={"total": {"opening": "1", "executed": "1"}}),
         {"self_evaluation": ["S01 funds.total.budget "
                              "S04 indicators[0].weight"]}),
    case("checks", found("W02", what="level"),
         [form(row(">=", "1", "1", weight)) for weight in ("35", "45")],
         {"{ others: default }": ["W02 warning", "W02 warning"],
          "{ W02: { threshold: 40 } }": ["", "W02 warning"],
          "{ W02: { level: error } }": ["W02 error", "W02 error"],
          "{ W02: { raise: no } }": ["", ""],
          "{ W02: { threshold: 40, level: info } }": ["", "W02 info"]}),
    *(repeated("operators." + key, theirs, other) for key, theirs, other in (
        ("at_least", "≥", "满"), ("above", '">"', "多于"),
        ("equal", '"="', "恰为"), ("below", '"<"', "少于"),
        ("at_most", "≤", "至多"))),
]


def written(values):
    """The text of a ruleset that sets them: {"rows.equal": "strict"}."""
    tree = {}
    for path, value in values.items():
        *parents, key = path.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[key] = value
    return ("id: cn-case\nversion: \"1\"\ntitle: 一例\nextends: cn-2020\n"
            "provisions:\n  - source: 例\n    confidence: unverified\n"
            + lines(tree, "    "))


def lines(tree, indent):
    return "".join(
        f"{indent}{key}:\n{lines(value, indent + '  ')}"
        if isinstance(value, dict) else f"{indent}{key}: {value}\n"
        for key, value in tree.items())


def scored(values, forms):
    """The verdicts under such a ruleset; REFUSED where it is unsound."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(pathlib.Path(RULESETS, "cn-2020.yaml"), folder)
        file = pathlib.Path(folder, "cn-case.yaml")
        file.write_text(written(values), "utf-8")
        jobs = "".join(json.dumps(f, ensure_ascii=False) + "\n" for f in forms)
        run = subprocess.run([PROGRAM, file], input=jobs, text=True,
                             capture_output=True, timeout=60, check=False)
    if run.returncode == 1 and not run.stdout:
        return REFUSED
    assert run.returncode == 0, run.stderr + written(values)
    return [json.loads(line) for line in run.stdout.splitlines()]


class Parameters(unittest.TestCase):
    def test_each_value_comes_to_what_it_should(self):
        for one in CASES:
            for value, expected in one.values.items():
                with self.subTest(one.key, value=value):
                    values = {**one.given,
                              **{key: value for key in one.key.split()}}
                    verdicts = scored(values, one.forms)
                    self.assertEqual(expected, verdicts if verdicts == REFUSED
                                     else [one.look(v) for v in verdicts])

    def test_no_two_values_come_to_the_same(self):
        for one in CASES:
            for (a, x), (b, y) in itertools.combinations(one.values.items(), 2):
                if REFUSED not in (x, y):
                    self.assertNotEqual(x, y, f"{one.key}: {a} and {b}")

    def test_every_key_of_the_document_has_a_case(self):
        page = (ROOT / "docs" / "RULES.md").read_text("utf-8")
        table = page.split("## Every key")[1].split("\n## ")[0]
        cells = [line.split("|")[3] for line in table.splitlines()
                 if line.startswith("|")]
        keys = set(re.findall(r"`([a-z_.]+)`", " ".join(cells)))
        self.assertGreater(len(keys), 35)
        self.assertEqual(keys, {key for one in CASES for key in one.key.split()})


if __name__ == "__main__":
    PROGRAM, RULESETS = sys.argv[1:3]
    sys.exit(unittest.main(argv=sys.argv[:1] + sys.argv[3:]))
