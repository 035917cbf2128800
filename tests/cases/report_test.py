#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""evalctl report: the page is sound, complete, and says nothing of its own."""
import html.parser
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
FORMS = sorted((ROOT / "examples" / "forms").glob("*.json"))
EVALCTL = pathlib.Path(os.environ["EVALD_BUILD"]) / "src" / "ctl" / "evalctl"
VOID = {"meta", "col", "br", "rect", "path"}


def evalctl(*arguments, lang="zh"):
    return subprocess.run(
        [EVALCTL, *map(str, arguments), "--rulesets",
         ROOT / "config" / "rulesets", "--lang", lang],
        capture_output=True, text=True, timeout=60, check=False)


class Page(html.parser.HTMLParser):
    """Balanced elements, their texts, and rows of equal width."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts, self.links = [], [], [], []
        self.ids, self.notes = set(), []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append(tag)
        if tag not in VOID:
            self.open.append((tag, attributes.get("class") or ""))
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "a":
            self.links.append(attributes["href"])

    def handle_startendtag(self, tag, attrs):
        self.elements.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data.strip())
            if any("note " in c for _, c in self.open):
                self.notes.append(data.strip())


class Report(unittest.TestCase):
    def page(self, *files, lang="zh", more=()):
        run = evalctl("report", *files, *more, lang=lang)
        self.assertEqual(run.returncode, 0, run.stderr)
        return Page(run.stdout)

    def changed(self, folder, **changes):
        job = json.loads(FORMS[4].read_text("utf-8"))
        job.update(changes)
        path = pathlib.Path(folder) / "form.json"
        path.write_text(json.dumps(job, ensure_ascii=False), "utf-8")
        return path

    def findings(self, *files):
        run = evalctl("score", *files, "--json")
        return [json.loads(line)["findings"] for line in run.stdout.splitlines()]

    def test_every_finding_stands_beside_its_form(self):
        for path in FORMS:
            with self.subTest(path.name):
                page = self.page(path)
                for finding in self.findings(path)[0]:
                    self.assertIn(finding["code"], page.notes)
                    self.assertIn(finding["text"], page.notes)

    def test_every_source_stands_under_its_form(self):
        page = self.page(FORMS[0])
        listed = page.texts[page.texts.index("审核依据") + 1:]
        for finding in self.findings(FORMS[0])[0]:
            self.assertIn(finding["code"], listed)
            self.assertEqual(listed.count(finding["source"]), 1)

    def test_text_has_the_sheet_and_the_forms_the_worst_first(self):
        text = evalctl("report", "--text", *FORMS).stdout
        sheet, forms = text.split("核算总分分布")
        names = ("市管干部保健金", "组工干部培训", "基层党建经费")
        for part in (sheet, forms):
            places = [part.index(name) for name in names]
            self.assertEqual(places, sorted(places))
        self.assertRegex(sheet, "W01 +11 +13 +“产出指标”的分值为")
        self.assertIn("   0 – ████ 1\n", forms)
        self.assertIn("  90 +  " + "█" * 40 + " 10\n", forms)
        self.assertNotIn("<", text)

    def test_text_and_a_file_do_not_go_together(self):
        run = evalctl("report", "--text", FORMS[0], "-o", "page.html")
        self.assertEqual(run.returncode, 2)

    def test_a_unit_alone_is_no_value(self):
        job = json.loads(FORMS[1].read_text("utf-8"))
        row = {**job["indicators"][0], "actual": "", "actual_unit": "次"}
        with tempfile.TemporaryDirectory() as folder:
            path = self.changed(folder, indicators=[row])
            self.assertNotIn("次", self.page(path).texts)
            self.assertNotIn(" 次  ", evalctl("score", path).stdout.split(
                "年度指标值")[1].split("≥1 次")[1].split("\n")[0])

    def test_a_limit_is_not_what_a_cell_should_have(self):
        shown = evalctl("score", FORMS[0]).stdout
        self.assertIn("：分值 · 填报 50 · 对照 30\n", shown)  # W02
        self.assertIn("：一级指标 · 填报 70 · 应为 50\n", shown)  # W01

    def test_sheet_links_every_form_the_worst_first(self):
        page = self.page(*FORMS)
        self.assertEqual(page.elements.count("section"), len(FORMS) + 1)
        self.assertEqual(page.links[:11], [f"#form-{i}" for i in range(1, 12)])
        self.assertTrue({link[1:] for link in page.links} <= page.ids)
        places = [page.texts.index(name) for name in
                  ("市管干部保健金", "组工干部培训", "人才工作管理经费")]
        self.assertEqual(places, sorted(places))

    def test_only_the_worst_in_detail(self):
        page = self.page(*FORMS, more=("--worst", "2"))
        self.assertEqual(page.elements.count("section"), 3)
        self.assertIn("9 份表未列详情", page.texts)

    def test_texts_of_a_form_are_texts(self):
        evil = "</td><script>alert('1')</script>\"&<b>"
        with tempfile.TemporaryDirectory() as folder:
            page = self.page(self.changed(folder, pro_name=evil, grade=evil))
        self.assertNotIn("script", page.elements)
        self.assertIn(evil, page.texts)

    def test_what_the_rules_give_stands_where_it_differs(self):
        with tempfile.TemporaryDirectory() as folder:
            page = self.page(self.changed(folder, total="3.00", grade="良"),
                             lang="en")
        self.assertIn("by the rules 0.00", page.texts)
        self.assertIn("by the rules 差", page.texts)

    def test_same_page_each_time_and_without_the_outside(self):
        first = evalctl("report", *FORMS).stdout
        self.assertEqual(first, evalctl("report", *FORMS).stdout)
        self.assertIn("default-src 'none'", first)
        for outside in ("http://", "https://", "url(", "@import", "src="):
            self.assertNotIn(outside, first)

    def test_output_option_and_nothing_to_show(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "page.html"
            run = evalctl("report", FORMS[0], "--output", path)
            self.assertEqual((run.returncode, run.stdout), (0, ""))
            self.assertTrue(path.read_text("utf-8").endswith("</html>\n"))
            run = evalctl("report", FORMS[0], "-o", folder + "/no/page.html")
            self.assertEqual(run.returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
