#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The eleven form.json say what was published, all of it and nothing else.

Each form is printed again from its JSON, with the labels of the template, and
held against its part of published.txt: the same numbers and the same
characters, as multisets, since the extraction shuffles cells and breaks lines.
The arithmetic of the forms is held against the table below, which was taken
from the forms by hand.
"""
import collections
import json
import pathlib
import re
import sys
import unittest
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CASES = pathlib.Path(__file__).parent / "cn-sh-2024"
EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "forms"

# project, opening, budget, executed, rate, score, indicators, total, grade
TABLE = """
基层党建经费|0.00|27.00|27.00|100.00|10.00|90.00|100.00|优
党建引领基层治理专项资金|300.00|300.00|297.11|99.03|9.90|90.00|99.90|优
党建信息化工作经费|60.00|60.00|59.93|99.88|9.99|90.00|99.99|优
学习贯彻习近平新时代中国特色社会主义思想主题教育工作经费|50.00|50.00|49.77|99.54|9.95|90.00|99.95|优
市管干部保健金|0.60|0.60|0.00|0.00|0.00|0.00|0.00|差
网宣信息工作|8.75|13.00|12.85|98.84|9.88|90.00|99.88|优
人才工作管理经费|41.82|41.82|39.03|93.32|9.33|90.00|99.33|优
干部保健经费|100.00|100.00|95.31|95.31|9.53|90.00|99.53|优
党纪学习教育专项经费（宝府便函[2024]30号）|0.00|15.00|14.85|99.00|9.90|90.00|99.90|优
区党代表工作经费|103.91|103.91|103.71|99.80|9.98|90.00|99.98|优
组工干部培训|0.00|11.00|7.98|72.54|7.25|90.00|97.25|优
"""

SIGNS = {">=": "≥", "=": "=", "qualitative": ""}
FUNDS = [("total", "年度资金总额："), ("appropriation", "其中：当年财政拨款"),
         ("carryover", "上年结转资金"), ("other", "其他资金")]


def forms():
    for folder in sorted(p for p in CASES.iterdir() if p.is_dir()):
        yield folder, json.loads((folder / "form.json").read_text("utf-8"))


def print_funds(form):
    for key, label in FUNDS:
        row = form["funds"][key]
        yield label
        for column in ("opening", "budget", "executed", "weight", "rate",
                       "score"):
            yield row.get(column, "-")


def measured(value, unit):
    return f"{value}({unit})" if unit else value


def print_indicators(form):
    before = (None, None)
    for row in form["indicators"]:
        here = (row["level1"], row["level2"])
        if here[0] != before[0]:
            yield here[0]
        if here != before:
            yield here[1]
        before = here
        yield row["name"]
        yield SIGNS[row["op"]] + measured(row["target"], row.get("unit"))
        yield measured(row["actual"], row.get("actual_unit"))
        yield row["weight"]
        yield row["score"]
        yield row.get("reason", "")


def print_form(form):
    yield from ("财政项目支出绩效自评表", f"（{form['fiscal_year']}年度）")
    yield from ("项目名称", form["pro_name"])
    yield from ("主管部门", form["dept_name"], "实施单位", form["agency_name"])
    yield from ("项目资金", f"（{form['money_unit']}）")
    yield "年初预算数 全年预算数 全年执行数 分数 执行率(%) 得分"
    yield from print_funds(form)
    yield "年度总体目标 预期目标 实际完成情况"
    yield from (form["goal"]["expected"], form["goal"]["actual"])
    yield "一级指标 二级指标 三级指标 年度指标值 实际完成值 分值 得分"
    yield "偏差原因分析及改进措施"
    yield from print_indicators(form)
    weights = sum(Decimal(row["weight"]) for row in form["indicators"])
    weights += Decimal(form["funds"]["total"]["weight"])
    yield from ("总分", str(weights), form["total"])
    yield from ("评分等级", form["grade"])


def numbers(text):
    return collections.Counter(re.findall(r"\d+(?:\.\d+)?", text))


def characters(text):
    return collections.Counter(re.sub(r"\s", "", text))


class Published(unittest.TestCase):
    def blocks(self):
        text = (CASES / "published.txt").read_text("utf-8")
        parts = text.split("财政项目支出绩效自评表")[1:]
        # The text begins with a title of its own, then the eleven forms.
        parts = ["财政项目支出绩效自评表" + part for part in parts]
        return parts[-11:]

    def test_there_are_eleven(self):
        self.assertEqual(len(list(forms())), 11)
        self.assertEqual(len(self.blocks()), 11)

    def test_every_number_and_character_is_there(self):
        for (folder, form), block in zip(forms(), self.blocks()):
            with self.subTest(folder.name):
                printed = "\n".join(print_form(form))
                self.assertEqual(numbers(printed), numbers(block))
                self.assertEqual(characters(printed), characters(block))

    def test_the_arithmetic_is_that_of_the_table(self):
        rows = [line.split("|") for line in TABLE.strip().splitlines()]
        for (folder, form), row in zip(forms(), rows):
            with self.subTest(folder.name):
                total = form["funds"]["total"]
                points = sum(Decimal(r["score"]) for r in form["indicators"])
                self.assertEqual(row, [
                    form["pro_name"], total["opening"], total["budget"],
                    total["executed"], total["rate"], total["score"],
                    f"{points:.2f}", form["total"], form["grade"]])

    def test_the_printed_figures_follow_the_rule(self):
        cent = Decimal("0.01")
        for folder, form in forms():
            with self.subTest(folder.name):
                total = form["funds"]["total"]
                share = Decimal(total["executed"]) / Decimal(total["budget"])
                rate = (share * 100).quantize(cent, ROUND_DOWN)
                score = (share * 10).quantize(cent, ROUND_HALF_UP)
                self.assertEqual(str(rate), total["rate"])
                self.assertEqual(str(score), total["score"])
                points = sum(Decimal(r["score"]) for r in form["indicators"])
                self.assertEqual(str(points + score), form["total"])

    def test_identities_are_distinct(self):
        codes = [form["pro_code"] for _, form in forms()]
        self.assertEqual(len(set(codes)), 11)
        for code in codes:
            self.assertRegex(code, r"^31011324T\d{12}$")

    def test_each_case_says_why(self):
        for folder, _ in forms():
            why = (folder / "why.md").read_text("utf-8")
            self.assertEqual(len(why.splitlines()), 1, folder.name)
            self.assertGreater(len(why), 40, folder.name)

    def test_the_examples_are_the_cases(self):
        shown = {p.name: p.read_bytes() for p in EXAMPLES.glob("*.json")}
        cases = {f"{folder.name}.json": (folder / "form.json").read_bytes()
                 for folder, _ in forms()}
        self.assertEqual(shown, cases)


if __name__ == "__main__":
    sys.exit(unittest.main())
