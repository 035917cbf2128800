#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A new province, as docs/RULES.md tells a user to write one: under forty
lines, rules that no preset has, and a form scored by hand beside it."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
RULESETS = ROOT / "config" / "rulesets"
EVALCTL = pathlib.Path(os.environ["EVALD_BUILD"]) / "src" / "ctl" / "evalctl"

PROVINCE = """\
id: cn-some
version: "1"
title: 项目支出绩效自评（某省，2025）
extends: cn-2020
years: { from: 2025 }

provisions:
  - source: 某省财政厅 某财绩〔2025〕3号
    confidence: unverified
    execution:
      weight: 16
      formula: loss_per_point
      loss_per_point: 2.5
      score_rounding: down 1
    rows:
      rounding: down 1
      reverse: linear_to_twice
      equal: strict
      not_applicable: rescale
    categories:
      model:
        - { name: 投入指标, kind: cost }
        - { name: 产出指标, kind: output }
        - { name: 结果指标, kind: benefit, aliases: [效果指标] }
      weights:
        - { name: 投入指标, weight: 14 }
        - { name: 产出指标, weight: 40 }
        - { name: 结果指标, weight: 30 }
      cost: own_category
      cost_required: yes
    grades:
      of: unrounded
    total: { rounding: half_up 0 }
    duties:
      execution_below: 95
      change_above: any
"""


def row(level1, weight, score, op, target, actual, **more):
    return {"level1": level1, "name": f"{level1}{weight}{op}", "op": op,
            "weight": weight, "score": score, "target": target, "unit": "个",
            "actual": actual, "actual_unit": "个", **more}


FORM = {
    "v": 1, "kind": "evaluate", "job_id": "p-1", "source": "test",
    "mof_div_code": "630000000", "fiscal_year": 2025, "pro_code": "P1",
    "pro_name": "项目", "dept_name": "某局", "agency_name": "某所",
    "revision": 1,
    # 6 whole points below 100: 16 less 15 %
    "funds": {"total": {"opening": "99", "budget": "100", "executed": "93.5",
                        "rate": "93.50", "weight": "16", "score": "13.6"}},
    "indicators": [
        row("投入", "14", "11.2", "<=", "100", "120"),     # 14 * (2 - 1.2)
        row("产出指标", "20", "18", "=", "10", "11"),      # a tenth beside it
        row("产出指标", "20", "19.7", ">=", "90", "89"),   # 19.777…
        row("效果指标", "20", "18.4", "qualitative", "好", "达成指标"),
        row("结果指标", "10", "10", ">=", "1", "1", not_applicable=True)],
    # 80.9 of 90 is 89.888…: printed 90, but not 优
    "total": "90", "grade": "良",
}


class Province(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copy(RULESETS / "cn-2020.yaml", self.folder)
        (self.folder / "cn-some.yaml").write_text(PROVINCE, "utf-8")

    def evalctl(self, *arguments, form=None):
        file = self.folder / "form.json"
        file.write_text(json.dumps({**FORM, **(form or {})}), "utf-8")
        return subprocess.run(
            [EVALCTL, *arguments, "--lang", "en"], cwd=self.folder,
            capture_output=True, text=True, timeout=60, check=False)

    def score(self, *how):
        run = self.evalctl("score", "form.json", "--json", *how)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def test_it_is_short_and_sound(self):
        self.assertLess(len(PROVINCE.splitlines()), 40)
        run = self.evalctl("rules", "check", "cn-some.yaml")
        self.assertEqual((run.returncode, run.stdout),
                         (0, "cn-some.yaml: sound\n"))

    def test_it_scores_as_by_hand(self):
        for how in (("--ruleset", "cn-some.yaml"),
                    ("--ruleset", "cn-some", "--rulesets", ".")):
            with self.subTest(how):
                verdict = self.score(*how)
                self.assertEqual(verdict["ruleset"]["id"], "cn-some")
                self.assertEqual(verdict["execution"]["score"], "13.6")
                self.assertEqual([r["score"] for r in verdict["indicators"]],
                                 ["11.2", "18", "19.7", "18.4", None])
                self.assertEqual((verdict["total"], verdict["grade"]),
                                 ("90", "良"))
                codes = {f["code"] for f in verdict["findings"]}
                self.assertFalse({c for c in codes if c[0] in "SAW"}, codes)
                self.assertTrue({"C08", "C09"} <= codes, codes)

    def test_no_preset_scores_so(self):
        presets = sorted(p.stem for p in RULESETS.glob("*.yaml"))
        self.assertGreaterEqual(len(presets), 8)
        for preset in presets:
            verdict = self.score("--ruleset", preset, "--rulesets",
                                 str(RULESETS))
            self.assertNotEqual(verdict["total"], "90", preset)

    def test_a_category_is_missed_by_its_own_name(self):
        rows = [{**r, "level1": "产出"} for r in FORM["indicators"]]
        run = self.evalctl("score", "form.json", "--json", "--ruleset",
                           "cn-some.yaml", form={"indicators": rows})
        missed = {f["expected"] for f in json.loads(run.stdout)["findings"]
                  if f["code"] == "S10"}
        self.assertEqual(missed, {"投入指标", "结果指标"})

    def test_a_file_serves_the_years_it_says(self):
        run = self.evalctl("score", "form.json", "--ruleset", "cn-some.yaml",
                           form={"fiscal_year": 2024})
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("does not serve the fiscal year 2024", run.stderr)


if __name__ == "__main__":
    unittest.main()
