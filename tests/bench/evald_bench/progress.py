# SPDX-License-Identifier: Apache-2.0
"""One line on standard error for each step: what runs, how long still."""

import sys
import time


class Progress:
    """Figures are expected to take so many seconds each; what they do take
    corrects the rest."""

    def __init__(self, expected, out=sys.stderr):
        self.expected, self.done, self.out = sum(expected), 0.0, out
        self.begin = time.monotonic()
        self.number, self.figures = 0, len(expected)
        self.name, self.cost, self.steps, self.step_number = "", 0.0, 1, 0

    def figure(self, name, cost, steps):
        self.done += self.cost
        self.number += 1
        self.name, self.cost, self.steps = name, cost, max(steps, 1)
        self.step_number = 0

    def left(self):
        """Seconds; None before anything is known."""
        share = min(self.step_number / self.steps, 1.0)
        done = self.done + self.cost * share
        spent = time.monotonic() - self.begin
        rest = self.expected - done
        return rest * spent / done if done > 0.02 * self.expected else rest

    def step(self, what=""):
        note = f", about {self.left():.0f} s left"
        self.step_number += 1
        count = f" {self.step_number} of {self.steps}" if self.steps > 1 else ""
        text = f" ({what})" if what else ""
        print(f"[{self.number}/{self.figures}] {self.name}{text}{count}{note}",
              file=self.out, flush=True)
