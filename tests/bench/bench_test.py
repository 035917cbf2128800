#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/bench itself: that it measures, reports and renders; never how fast
anything is.

    bench_test.py         what needs no server
    bench_test.py BUILD   and the figures in small, with the programs there
"""

import contextlib
import io
import json
import os
import re
import signal
import sys
import tempfile
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)

from evald_bench import figures, main, progress, rig, sizes, table  # noqa: E402
from evald_bench.goals import GOALS  # noqa: E402

BUILD = None
SERVED = ["evaluate", "end_to_end.everysec", "latency.1k", "acknowledged.always",
          "rss", "growth", "peers.streams_c"]
KEYS = ["evaluate.ratio_to_unpack", "end_to_end.everysec.ratio_to_floor",
        "latency.1k.p50_ratio", "latency.1k.p99_ratio",
        "acknowledged.always.ratio_to_pull", "rss.1k_mib",
        "growth.2k_over_500", "peers.streams_c.ratio"]


def bench(*words):
    """What scripts/bench prints and its exit status."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), \
            contextlib.redirect_stderr(io.StringIO()):
        status = main.main(list(words))
    return out.getvalue(), status


def fake(name, measure):
    return figures.Figure(name, measure, lambda _: 1, lambda _: 1.0)


def broken(_):
    raise rig.Failure("the disk is full")


def missing(_):
    raise rig.Skip("no such program here")


class Running(unittest.TestCase):
    def run_with(self, *some):
        with mock.patch.object(figures, "FIGURES", list(some)):
            text, status = bench("--json", "--smoke", "--programs", "/nowhere")
        return json.loads(text), status

    def test_one_that_fails_does_not_take_the_others_along(self):
        results, status = self.run_with(
            fake("first", broken), fake("second", missing),
            fake("third", lambda _: {"third.ratio": 1.5}))
        self.assertEqual(results["failed"], {"first": "the disk is full"})
        self.assertEqual(results["skipped"], {"second": "no such program here"})
        self.assertEqual(results["third.ratio"], 1.5)
        self.assertEqual(status, 1)

    def test_a_run_that_is_ended_tells_what_it_has(self):
        def end(_):
            os.kill(os.getpid(), signal.SIGTERM)
        results, status = self.run_with(
            fake("first", lambda _: {"first.ratio": 2.5}), fake("second", end),
            fake("third", lambda _: {"third.ratio": 1.5}))
        self.assertEqual(results["first.ratio"], 2.5)
        self.assertEqual(results["failed"], {"second": "the run was ended"})
        self.assertNotIn("third.ratio", results)
        self.assertEqual(status, 1)

    def test_what_is_skipped_is_no_failure(self):
        _, status = self.run_with(fake("second", missing))
        self.assertEqual(status, 0)

    def test_names(self):
        names = [figure.name for figure in figures.chosen(["latency", "rss"])]
        self.assertEqual(names, ["latency.1k", "latency.10k", "latency.50k",
                                 "rss"])
        self.assertEqual([figure.name for figure
                          in figures.chosen(["end_to_end.always"])],
                         ["end_to_end.always"])
        with self.assertRaises(KeyError):
            figures.chosen(["latenc"])

    def test_progress_learns_from_what_it_saw(self):
        said, clock = io.StringIO(), iter([0.0, 0.0, 30.0])
        with mock.patch.object(progress.time, "monotonic",
                               lambda: next(clock)):
            shown = progress.Progress([10.0, 10.0], said)
            for name in ("a", "b"):
                shown.figure(name, 10.0, 1)
                shown.step()
        self.assertEqual(said.getvalue().split("\n")[:2],
                         ["[1/2] a, about 20 s left",
                          "[2/2] b, about 30 s left"])


class Table(unittest.TestCase):
    RESULTS = {"evaluate.ratio_to_unpack": 1.01, "rss.100k_mib": 63.9,
               "idle.cpu_percent": 0.1, "peers.celery.ratio": 150,
               "unpack.ns": 1500, "failed": {"latency.10k": "no echo"},
               "skipped": {"peers.bullmq": "no Node here"},
               "machine": {"cores": 2, "cpu": "A", "memory_gib": 8,
                           "kernel": "Linux 6.1", "compiler": "gcc 12",
                           "redis": "7"},
               "run": {"date": "2026-01-01", "size": "full", "rounds": 5}}

    def rows(self):
        text = table.render(self.RESULTS)
        return {match.group(1): match.group(2).split(" | ")
                for match in re.finditer(r"^\| `(.*?)` \| (.*) \|$", text,
                                         re.MULTILINE)}

    def test_each_goal_and_what_became_of_it(self):
        rows = self.rows()
        self.assertEqual([goal.key for goal in GOALS if goal.key not in rows],
                         [])
        for key, figure, state in (
                ("evaluate.ratio_to_unpack", "1.01", "missed"),
                ("rss.100k_mib", "63.9", "met"),
                ("idle.cpu_percent", "0.1", "missed"),  # less, not as much
                ("peers.celery.ratio", "150", "met"),
                ("latency.10k.p99_ratio", "–", "failed: no echo"),
                ("peers.bullmq.ratio", "–", "skipped: no Node here"),
                ("latency.1k.p50_ratio", "–", "not measured in this run")):
            self.assertEqual(rows[key][-2:], [figure, state], key)
        self.assertEqual(rows["unpack.ns"], ["1,500"])

    def test_it_replaces_what_stood_between_the_marks(self):
        with tempfile.NamedTemporaryFile("w+", suffix=".md") as file:
            file.write(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n")
            file.flush()
            table.write(file.name, self.RESULTS)
            with open(file.name, encoding="utf-8") as again:
                text = again.read()
        self.assertTrue(text.startswith("before\n" + table.BEGIN))
        self.assertTrue(text.endswith(table.END + "\nafter\n"))
        self.assertNotIn("old", text)

    def test_the_document_has_its_place(self):
        path = os.path.join(rig.ROOT, "docs", "PERFORMANCE.md")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(text.count(table.BEGIN), 1)
        self.assertEqual(text.count(table.END), 1)


class Figures(unittest.TestCase):
    """Every C program and every server of the bench, once, in small."""

    def test_every_goal_belongs_to_a_figure(self):
        names = [figure.name for figure in figures.FIGURES]
        for goal in GOALS:
            self.assertTrue(any(goal.key.startswith(name + ".")
                                for name in names), goal.key)

    def test_sizes_have_honest_labels(self):
        self.assertEqual([sizes.label(count) for count in
                          (3_000_000, 100_000, 1_500, 500)],
                         ["3M", "100k", "1500", "500"])

    def test_they_run(self):
        if not BUILD:
            self.skipTest("no build folder was named")
        text, status = bench("--json", "--smoke", "--no-install", "--programs",
                             BUILD, *SERVED)
        results = json.loads(text)
        self.assertNotIn("failed", results)
        self.assertEqual(status, 0)
        for key in KEYS:
            self.assertGreater(results[key], 0, key)
        self.assertEqual(results["latency.1k.lost"], 0)


if __name__ == "__main__":
    BUILD = sys.argv.pop() if len(sys.argv) > 1 else None
    unittest.main()
