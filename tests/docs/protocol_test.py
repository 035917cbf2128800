#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: protocol_test.py VOCABULARY

docs/PROTOCOL.md and docs/OPERATIONS.md list what evald has: nothing is
missing, nothing is left over, and messages have the keys that are shown."""
import collections
import json
import pathlib
import re
import subprocess
import sys
import unittest

import msgpack

ROOT = pathlib.Path(__file__).parents[2]
VOCABULARY = sys.argv.pop()
RULESET = ROOT / "config" / "rulesets" / "cn-2020.yaml"
PROTOCOL = (ROOT / "docs" / "PROTOCOL.md").read_text("utf-8")
KINDS = ("evaluate", "withdraw", "recalculate")

FUND = {"opening": "1", "budget": "1", "executed": "1", "weight": "10",
        "rate": "100", "score": "10"}
JOB = {
    "v": 1, "kind": "evaluate", "job_id": "j", "source": "s",
    "mof_div_code": "310113000", "fiscal_year": 2024, "pro_code": "P",
    "pro_name": "n", "dept_code": "1", "dept_name": "d", "agency_code": "2",
    "agency_name": "a", "revision": 1, "ruleset": "cn-2020",
    "money_unit": "元", "total": "99", "grade": "优", "reason": "r",
    "measure": "m", "goal": {"expected": "e", "actual": "a"},
    "funds": {"total": FUND, "appropriation": FUND, "carryover": FUND,
              "other": FUND},
    "indicators": [{
        "level1": "产出指标", "level2": "数量指标", "name": "n", "op": ">=",
        "target": "1", "unit": "个", "actual": "2", "actual_unit": "个",
        "weight": "90", "score": "80", "reason": "r", "measure": "m",
        "not_applicable": True}]}


def section(title):
    """The text below a heading of level two or three."""
    found = re.search(rf"^##+ {re.escape(title)}\n(.*?)(?=^## |\Z)", PROTOCOL,
                      re.M | re.S)
    return found.group(1)


def tables(text):
    """Every table as a list of rows of cells, without head and ruler."""
    for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                for line in block.splitlines()]
        yield rows[2:]


def code(cell):
    return re.findall(r"`([^`]+)`", cell)


def first_column(table):
    return [word for row in table for word in code(row[0])]


def table_with(text, word):
    return next(t for t in tables(text) if word in first_column(t))


def shape(text):
    """The keys of a message as it is shown: "{v: 1, a: {b, c}, d: [{e}, …]}"
    gives {"v": None, "a": {"b": …}, "d": [{"e": None}]}."""
    tokens = re.findall(r"[{}\[\],:]|[^\s{}\[\],:]+", text)

    def value():
        token = tokens.pop(0)
        if token == "{":
            return pairs()
        if token == "[":
            items = []
            while tokens[0] != "]":
                if tokens[0] == ",":
                    tokens.pop(0)
                    continue
                items.append(value())
            tokens.pop(0)
            return items[:1]
        return None

    def pairs():
        keys = {}
        while (token := tokens.pop(0)) != "}":
            if token == ",":
                continue
            keys[token] = None
            if tokens[0] == ":":
                tokens.pop(0)
                keys[token] = value()
        return keys

    return value()


def shown(marker, text=PROTOCOL):
    """The shape of the braces in which the marker stands."""
    start = text.rindex("{", 0, text.index(marker))
    return shape(text[start:])


def ordered(value):
    """The same of a message: its keys in their order, without the values."""
    if isinstance(value, dict):
        return [(key, ordered(item)) for key, item in value.items()]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [ordered(value[0])]
    return None


def run(jobs):
    lines = "".join(json.dumps(job, ensure_ascii=False) + "\n" for job in jobs)
    ran = subprocess.run([VOCABULARY, str(RULESET)], input=lines, text=True,
                         capture_output=True, timeout=50, check=True)
    rows = collections.defaultdict(list)
    for line in ran.stdout.splitlines():
        name, *columns = line.split("\t")
        rows[name].append(columns)
    return rows


ROWS = run([JOB])
SAMPLES = {name: msgpack.unpackb(bytes.fromhex(text), strict_map_key=False)
           for name, text in ROWS["sample"]}


def names(vocabulary):
    return [row[0] for row in ROWS[vocabulary]]


def problems(jobs):
    """What the decoder says of each job, as a set of "code key"."""
    return [set(row) for row in run(jobs)["problems"]]


class Lists(unittest.TestCase):
    def test_the_sample_job_is_sound(self):
        self.assertEqual(ROWS["problems"], [[]])

    def test_reject_codes(self):
        table = table_with(section("Rejects"), "truncated")
        self.assertEqual(first_column(table), names("reject"))

    def test_the_first_group_of_rejects_stands_alone(self):
        table = table_with(section("Rejects"), "truncated")
        group = [row[0] for row in table].index("")
        self.assertEqual(table[group - 1][0], "`bad_json`")

    def test_outcomes(self):
        table = table_with(section("Receipts"), "committed")
        changes = {code(row[0])[0]: row[1] == "changed" for row in table}
        self.assertEqual(changes, {name: change == "1" for name, _, change
                                   in ROWS["outcome"]})

    def test_numbers_of_outcomes(self):
        line = re.search(r"`outcome`: ([^.]+)\.", section("Redis")).group(1)
        told = {name: number for number, name
                in re.findall(r"(\d+) (\w+)", line)}
        self.assertEqual(told, {name: number for name, number, change
                                in ROWS["outcome"] if change == "1"})

    def test_counters(self):
        told = first_column(table_with(section("Counters"), "forms"))
        tens = [f"score_{n}" for n in range(0, 100, 10)]
        told[told.index("score_0"):] = tens  # `score_0` `score_10` … `score_90`
        self.assertEqual(told, names("counter"))

    def test_redis_keys(self):
        table = table_with(section("Redis"), "S:aggregate")
        told = {code(row[0])[0]: row[1] for row in table}
        keys = {f"S:{name}": kind for name, kind in ROWS["shard key"]}
        keys |= {f"evald:1:{name}": kind for name, kind in ROWS["global key"]}
        self.assertEqual(told, keys)

    def test_fields_of_the_aggregate_and_of_a_reject(self):
        rows = {code(row[0])[0]: code(row[2]) for row
                in table_with(section("Redis"), "S:aggregate")}
        self.assertEqual(rows["S:aggregate"], names("aggregate field"))
        self.assertEqual(rows["evald:1:rejects"], ["at_ms", "size", *names("reject field")])
        self.assertEqual(rows["S:events"][1:], ["b", "n"])

    def test_topics(self):
        table = table_with(section("Doors"), "receipt.<source>")
        self.assertEqual([word.split(".")[0] for word in first_column(table)],
                         [name for name in names("message") if name != "behind"])

    def test_numbers_of_findings_and_levels(self):
        text = " ".join(section("Redis").split())
        families = dict(re.findall(r"\b(\d)xx ([A-Z])", text))
        families["1"] = "S"
        self.assertIn("`code` 101 is S01", text)
        for name, number in ROWS["finding"]:
            self.assertEqual(families[number[0]] + number[1:], name)
        levels = ", ".join(f"{number} {name}" for name, number in ROWS["level"])
        self.assertIn(f"`level` {levels}", text)

    def test_operations_and_roundings_of_the_trace(self):
        item = section("The verdict").split("- `trace`:")[1]
        told = code(item)
        for name in names("operation") + names("rounding"):
            self.assertIn(name, told)
        self.assertEqual(set(told) - {"op", "scores", "rounding", "digits"},
                         set(names("operation") + names("rounding")))

    def test_limits(self):
        limit = {name: int(value) for name, value in ROWS["limit"]}
        text = " ".join(PROTOCOL.split())
        self.assertIn(f"at most {limit['frame'] >> 20} MiB", text)
        self.assertIn(f"nested at most {limit['depth']} deep", text)
        self.assertIn(f"at most {limit['keys']} keys in a map", text)
        self.assertIn(f"{limit['text'] >> 10} KiB in a text", text)
        self.assertIn(f"up to {limit['problems']}", text)
        self.assertIn(f"array, 1 to {limit['indicators']}", text)
        self.assertIn(f"array of str, 1 to {limit['projects']}", text)

    def test_metrics_of_the_manual_exist(self):
        manual = (ROOT / "docs" / "OPERATIONS.md").read_text("utf-8")
        told = set(re.findall(r"\bevald_[a-z_]+", manual))
        self.assertGreater(len(told), 4)
        self.assertEqual(told - set(names("metric")), set())

    def test_evalctl_has_the_daemons_defaults(self):
        daemon = {row[0]: row[1] if len(row) > 1 else ""
                  for row in ROWS["configuration"]}
        ours = {row[0]: row[1] if len(row) > 1 else ""
                for row in ROWS["setting of evalctl"]}
        shared = {key: value for key, value in ours.items() if key in daemon}
        self.assertGreater(len(shared), 4)
        self.assertEqual(shared, {key: daemon[key] for key in shared})


class Job(unittest.TestCase):
    def setUp(self):
        table = table_with(section("The job"), "mof_div_code")
        self.columns = {word: row[2:5] for row in table for word in code(row[0])}
        self.indicator = first_column(table_with(section("The job"), "level1"))

    def test_the_table_has_every_key(self):
        keys = [key for key in self.columns if key != "projects"]
        self.assertEqual(list(SAMPLES["job"]), keys)
        row = SAMPLES["job"]["indicators"][0]
        self.assertEqual(set(row), set(self.indicator))

    def test_funds_and_goal(self):
        told = set(code(section("The job")))
        job = SAMPLES["job"]
        self.assertLessEqual({*job["funds"], *job["funds"]["total"],
                              *job["goal"]}, told)

    def test_which_kind_needs_which_key(self):
        jobs = [{"v": 1, "kind": kind} for kind in KINDS]
        for position, said in enumerate(problems(jobs)):
            needed = {text.split()[1] for text in said
                      if text.startswith("missing_key")}
            told = {key for key, cells in self.columns.items()
                    if cells[position] == "yes"}
            self.assertEqual(needed | {"v", "kind"}, told, KINDS[position])

    def test_which_kind_may_have_which_key(self):
        keys = [key for key in self.columns if key not in ("v", "kind")]
        for position, kind in enumerate(KINDS):
            said = problems({"v": 1, "kind": kind, key: {"a": 1}}
                            for key in keys)
            refused = {key for key, problem in zip(keys, said)
                       if f"unknown_key {key}" in problem}
            told = {key for key in keys if self.columns[key][position] == "–"}
            self.assertEqual(refused, told, kind)

    def test_kinds(self):
        self.assertEqual(names("kind"), list(KINDS))
        table = table_with(section("The job"), "mof_div_code")
        row = next(row for row in table if row[0] == "`kind`")
        self.assertEqual(code(row[-1]), list(KINDS))


class Messages(unittest.TestCase):
    def test_events_receipts_and_rejects(self):
        for kind in ("event", "receipt", "reject", "behind"):
            told = shown(f'kind: "{kind}"')
            self.assertEqual(ordered(told), ordered(SAMPLES[kind]), kind)

    def test_what_the_acknowledged_door_says_of_itself(self):
        for word in ("welcome", "resend", "unwelcome"):
            cell = next(row[1] for row in table_with(
                section("The acknowledged door"), "answers")
                if code(row[0])[:1] == [word])
            self.assertEqual(list(shape(code(cell)[0])), list(SAMPLES[word]))

    def test_aggregates(self):
        told = list(shown('kind: "aggregate"'))
        keys = list(SAMPLES["aggregate"])
        left, right = told.index("…"), len(told) - told.index("…") - 1
        self.assertEqual(told[:left], keys[:left])
        self.assertEqual(told[-right:], keys[-right:])
        self.assertEqual([key for key in keys if key in names("counter")],
                         names("counter"))

    def test_the_verdict(self):
        told = shape(section("The verdict").split("\n\n    ")[1])
        self.assertEqual(ordered(told), ordered(SAMPLES["verdict"]))


class Packed(unittest.TestCase):
    """Positions of what lies in Redis."""

    def array(self, begin):
        """The list that begins so, as its top level's elements."""
        text = " ".join(section("Redis").split())
        depth, item, items = 0, "", []
        for character in text[text.index(begin):]:
            if character in "])" and depth == 1:
                return items + [item.strip()]
            if character == "," and depth == 1:
                items.append(item.strip())
                item = ""
                continue
            if depth > 0:
                item += character
            depth += (character in "[(") - (character in "])")
        raise ValueError(begin)

    def test_stored_results(self):
        table = next(t for t in tables(section("Redis"))
                     if len(t[0]) == 4 and t[0][0] == "0")
        cells = {int(row[i]): row[i + 1] for row in table for i in (0, 2)
                 if row[i]}
        stored = SAMPLES["stored"]
        self.assertEqual(sorted(cells), list(range(len(stored))))
        for position, name in ((11, "[rate, score, weight]"),
                               (16, "[total, grade]")):
            self.assertIn(name, cells[position])
            self.assertEqual(len(stored[position]), name.count(",") + 1)
        for position in (12, 17):
            row = re.search(r"\[\[(.*?)\]", cells[position]).group(1)
            self.assertEqual(len(stored[position][0]), row.count(",") + 1)
        self.assertEqual(len(SAMPLES["withdrawn"]), 11)
        self.assertEqual(SAMPLES["withdrawn"][10], [])

    def test_canonical_forms(self):
        form = SAMPLES["form"]
        told = self.array("[1, mof_div_code")
        self.assertEqual(len(told), len(form))
        self.assertEqual(form[told.index("goal_actual")], "a")
        self.assertEqual(form[told.index("measure")], "m")
        self.assertEqual(len(self.array("[level1, level2")), len(form[13][0]))
        self.assertEqual(len(self.array("[opening, budget")), len(form[10][0]))

    def test_batches(self):
        batch = SAMPLES["batch"]
        self.assertEqual(len(self.array("[1, epoch")), len(batch))
        told = self.array("[outcome, pro_code")
        self.assertEqual(len(told), len(batch[7][0]))
        self.assertEqual(batch[7][0][told.index("pro_code")], "P-1")

    def test_departments(self):
        self.assertEqual(len(SAMPLES["department"]), 1 + len(names("counter")))


if __name__ == "__main__":
    unittest.main()
