# SPDX-License-Identifier: Apache-2.0
"""What the bench printed as JSON -> the table of docs/PERFORMANCE.md."""

from . import machine
from .goals import GOALS

BEGIN = "<!-- scripts/bench --table writes from here -->"
END = "<!-- to here -->"
NO_GOAL = ("machine", "run", "skipped", "failed")


def verdict(goal, results):
    """The figure as text, and what became of the goal."""
    if goal.key in results:
        value = results[goal.key]
        return f"{value:g}", "met" if goal.met(value) else "missed"
    states = [(len(name), f"{state}: {why}")
              for state in ("failed", "skipped")
              for name, why in results.get(state, {}).items()
              if goal.key.startswith(name + ".")]
    return "–", max(states)[1] if states else "not measured in this run"


def goal_rows(results):
    yield "| key | what | goal | figure | |"
    yield "|---|---|---|---|---|"
    for goal in GOALS:
        figure, state = verdict(goal, results)
        yield (f"| `{goal.key}` | {goal.what} | {goal.text} | {figure} | "
               f"{state} |")


def other_rows(results):
    """What the ratios were made of, and figures of other sizes."""
    with_goal = {goal.key for goal in GOALS}
    yield "| key | |"
    yield "|---|---|"
    for key, value in results.items():
        if key not in with_goal and key not in NO_GOAL:
            text = f"{value:,}" if isinstance(value, int) else f"{value}"
            yield f"| `{key}` | {text} |"


def render(results):
    run = results["run"]
    lines = [BEGIN, "",
             f"{machine.sentence(results['machine'])}; {run['date']}, "
             f"{run['size']} sizes, medians of {run['rounds']} rounds.", "",
             *goal_rows(results), "",
             "What they were made of; rates are jobs per second.", "",
             *other_rows(results), "", END]
    return "\n".join(lines)


def write(path, results):
    """Puts the table in its place in the document. ValueError where there is
    none."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path}: no line {BEGIN!r} and {END!r}")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + render(results) + after)
