# SPDX-License-Identifier: Apache-2.0
"""How much of everything a run does."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sizes:
    rounds: int
    jobs: int                # of a round, end to end and at both doors
    latency_seconds: float
    stored: int              # for memory, rss and idle
    idle_seconds: float
    growth: int              # results stored in the large store
    growth_small: int
    growth_block: int        # jobs that are timed at a time
    recalculate: int
    peers: dict = field(default_factory=dict)  # jobs of a round, by peer


FULL = Sizes(rounds=5, jobs=200_000, latency_seconds=3, stored=100_000,
             idle_seconds=30, growth=3_000_000, growth_small=10_000,
             growth_block=10_000, recalculate=1_000_000,
             peers={"evald": 200_000, "streams_c": 200_000,
                    "beanstalkd": 200_000, "bullmq": 20_000, "celery": 4_000})
QUICK = Sizes(rounds=3, jobs=30_000, latency_seconds=0.7, stored=100_000,
              idle_seconds=4, growth=100_000, growth_small=10_000,
              growth_block=10_000, recalculate=30_000,
              peers={"evald": 30_000, "streams_c": 20_000,
                     "beanstalkd": 8_000, "bullmq": 2_000, "celery": 500})
# Whether everything runs at all; the figures mean nothing.
SMOKE = Sizes(rounds=1, jobs=1_000, latency_seconds=0.1, stored=1_000,
              idle_seconds=0.2, growth=2_000, growth_small=500,
              growth_block=500, recalculate=2_000,
              peers={"evald": 1_000, "streams_c": 1_000, "beanstalkd": 1_000,
                     "bullmq": 200, "celery": 40})


def label(count):
    """3000000 -> "3M", 100000 -> "100k"."""
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= unit and count % unit == 0:
            return f"{count // unit}{letter}"
    return str(count)
