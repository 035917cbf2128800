# SPDX-License-Identifier: Apache-2.0
"""Options of scripts/bench; runs the figures and prints them."""

import argparse
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time

from . import figures, machine, rig, sizes, table
from .progress import Progress


class Bench:
    """What a figure sees: how much to do, and whom to tell."""

    def __init__(self, size, progress):
        self.sizes, self.progress = size, progress

    def step(self, what=""):
        self.progress.step(what)

    def note(self, what):
        print(f"    {what}", file=sys.stderr, flush=True)

    def rounds(self):
        for number in range(self.sizes.rounds):
            self.step()
            yield number


def parser_of():
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="*", metavar="FIGURE")
    parser.add_argument("--json", action="store_true",
                        help="print one JSON object")
    parser.add_argument("--table", metavar="FILE",
                        help="write the table in FILE anew")
    parser.add_argument("--from", dest="source", metavar="JSON",
                        help="measure nothing: take what --json printed")
    parser.add_argument("--rounds", type=int, metavar="N")
    parser.add_argument("--programs", metavar="BUILD",
                        help="a build folder to take the programs from; "
                             "nothing is built then")
    parser.add_argument("--no-install", action="store_true",
                        help="skip what needs packages that are missing")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", dest="size", action="store_const",
                      const="quick", help="all figures in about three minutes")
    size.add_argument("--smoke", dest="size", action="store_const",
                      const="smoke", help="does it run? The figures mean "
                                          "nothing")
    parser.set_defaults(size="full")
    return parser


DESCRIPTION = """\
Measures evald against the floor beneath it and its peers, in one run on one
machine.

    scripts/bench                 every figure, medians of five rounds
    scripts/bench --quick         the same, smaller, in about three minutes
    scripts/bench --json          one JSON object, one key a figure
    scripts/bench latency.1k      single figures by name
    scripts/bench --json --table docs/PERFORMANCE.md

What is compared runs in alternation (evald, floor, evald, floor, ...), each
with a Redis of its own on a Unix socket, so that a machine that slows down
slows both. Ratios are what counts; absolute rates are this machine's.

FIGURE is one of these, or the first word of several:
  """ + "\n  ".join(figure.name for figure in figures.FIGURES)


def arguments(words):
    parser = parser_of()
    args = parser.parse_args(words)
    try:
        args.chosen = figures.chosen(args.figures)
    except KeyError as error:
        parser.error(f"no figure {error.args[0]}; there are: "
                     + ", ".join(figure.name for figure in figures.FIGURES))
    size = {"full": sizes.FULL, "quick": sizes.QUICK,
            "smoke": sizes.SMOKE}[args.size]
    if args.rounds:
        size = dataclasses.replace(size, rounds=args.rounds)
    args.sizes = size
    return args


class Ended(BaseException):
    """SIGTERM or SIGINT: tell what there is, and end."""


def end_run(*_):
    raise Ended


def measure_one(figure, bench, not_run):
    """What the figure found. One that fails does not take the others along."""
    try:
        return figure.measure(bench)
    except rig.Skip as skip:
        not_run.setdefault("skipped", {})[figure.name] = str(skip)
    except Exception as error:
        why = str(error) or type(error).__name__
        not_run.setdefault("failed", {})[figure.name] = why
        print(f"{figure.name} FAILED: {why}", file=sys.stderr)
    return {}


def measure_all(args):
    """Every figure that there was time for, and how long each took."""
    expected = [figure.seconds(args.sizes) for figure in args.chosen]
    progress = Progress(expected)
    bench = Bench(args.sizes, progress)
    results, not_run, took = {}, {}, {}
    for figure, seconds in zip(args.chosen, expected):
        progress.figure(figure.name, seconds, figure.steps(args.sizes))
        begin = time.monotonic()
        try:
            results.update(measure_one(figure, bench, not_run))
        except Ended:
            not_run.setdefault("failed", {})[figure.name] = "the run was ended"
            break
        took[figure.name] = round(time.monotonic() - begin, 1)
    return {**results, **not_run}, took


def install(args):
    """What peers and instructions need. Without it they are skipped."""
    if args.no_install or not any(figure.packages for figure in args.chosen):
        return
    script = os.path.join(rig.ROOT, "scripts", "install-packages")
    subprocess.run([script, "bench"], stdout=sys.stderr)


def measured(args):
    install(args)
    if args.programs:
        rig.Build.folder = os.path.abspath(args.programs)
    else:
        print("building release ...", file=sys.stderr)
        rig.build_release()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end_run)
    results, took = measure_all(args)
    results["machine"] = machine.facts()
    results["run"] = {"date": time.strftime("%Y-%m-%d"), "size": args.size,
                      "rounds": args.sizes.rounds,
                      "seconds": round(sum(took.values())), "took": took}
    return results


def show(results):
    width = max(map(len, results))
    for key, value in results.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name}: {what}" for name, what in value.items())
        print(f"{key:<{width}}  {value}")


def main(words=None):
    args = arguments(words)
    try:
        if args.source:
            with open(args.source, encoding="utf-8") as file:
                results = json.load(file)
        else:
            results = measured(args)
        if args.table:
            table.write(args.table, results)
    except (rig.Failure, OSError, ValueError) as error:
        sys.exit(f"scripts/bench: {error}")
    if args.json:
        print(json.dumps(results, ensure_ascii=False))
    elif not args.source:
        show(results)
    return 1 if "failed" in results else 0
