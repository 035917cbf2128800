# SPDX-License-Identifier: Apache-2.0
"""Everything that can be measured, by name."""

from dataclasses import dataclass
from typing import Callable

from . import (evaluation, growth, keeping, latency, peers, recalculation,
               throughput)


@dataclass(frozen=True)
class Figure:
    """`seconds` says about how long it takes, of a Sizes; the first run of a
    machine corrects it."""
    name: str
    measure: Callable
    steps: Callable
    seconds: Callable
    packages: bool = False  # of the group [bench]


def once(_):
    return 1


def rounds(sizes):
    return sizes.rounds


def a_round(fixed, per_job):
    """Seconds of all rounds, each so much and so much for each job."""
    return lambda sizes: sizes.rounds * (fixed + per_job * sizes.jobs)


def latency_seconds(sizes):
    return sizes.rounds * 2 * (sizes.latency_seconds + 1.0)


def peer_seconds(name):
    """By the rates of a peer that were seen, and what its start takes."""
    start, rate = {"streams_c": (1, 30_000), "beanstalkd": (1, 10_000),
                   "bullmq": (2, 2_000), "celery": (5, 500)}[name]
    return lambda sizes: sizes.rounds * (
        3 + 25e-6 * sizes.peers["evald"] + start + sizes.peers[name] / rate)


FIGURES = [
    Figure("evaluate", evaluation.evaluate, once,
           lambda sizes: 0.1 * sizes.rounds + 1),
    Figure("instructions", evaluation.instructions, lambda _: 2, lambda _: 12,
           packages=True),
    *(Figure("end_to_end" + suffix, throughput.end_to_end(mode), rounds,
             a_round(1.5, 35e-6))
      for suffix, mode in (("", "off"), (".everysec", "everysec"),
                           (".always", "always"))),
    *(Figure(f"latency.{name}", latency.at(name, rate, rate < 50_000), rounds,
             latency_seconds)
      for name, rate in (("1k", 1_000), ("10k", 10_000), ("50k", 50_000))),
    *(Figure("acknowledged" + suffix, throughput.acknowledged(mode), rounds,
             a_round(1.5, 45e-6))
      for suffix, mode in (("", "off"), (".everysec", "everysec"),
                           (".always", "always"))),
    # The first of these fills the store for all three.
    Figure("memory", keeping.part("memory"), once,
           lambda sizes: 3 + 200e-6 * sizes.stored + sizes.idle_seconds),
    Figure("idle", keeping.part("idle"), once, lambda _: 0.1),
    Figure("rss", keeping.part("rss"), once, lambda _: 0.1),
    Figure("recalculate", recalculation.recalculation, rounds,
           lambda sizes: (25e-6 + 60e-6 * sizes.rounds) * sizes.recalculate),
    Figure("growth", growth.growth, rounds,
           lambda sizes: 25e-6 * sizes.growth + 3 * sizes.rounds),
    *(Figure("peers." + name, peers.against(name, peer), rounds,
             peer_seconds(name), packages=True)
      for name, peer in peers.PEERS.items()),
]


def chosen(names):
    """The figures of these names, all where there are none. A name stands for
    itself and for those below it: "latency" for "latency.1k". KeyError."""
    found = []
    for name in names:
        these = [figure for figure in FIGURES if figure.name == name
                 or figure.name.startswith(name + ".")]
        if not these:
            raise KeyError(name)
        found += [figure for figure in these if figure not in found]
    return found or FIGURES
