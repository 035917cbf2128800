# SPDX-License-Identifier: Apache-2.0
"""The cost of a job in a store that is nearly empty and in one that is full."""

from statistics import median

from . import rig
from .sizes import label

CHUNK = 200_000  # jobs that are encoded at a time while filling


def fill(daemon, count, say=lambda done: None):
    for first in range(0, count, CHUNK):
        say(first)
        daemon.load(min(CHUNK, count - first), first=first)


def stride_over(stored, count):
    """Evenly over what is stored, not always the same division."""
    stride = max(stored // count, 1)
    return stride - 1 if stride % rig.DIVISIONS == 0 and stride > 1 else stride


class Store:
    """A store of so many results, into which blocks of jobs are sent: half
    new projects, half new revisions of old ones from everywhere in it."""

    def __init__(self, daemon, stored):
        self.daemon, self.stored, self.revision = daemon, stored, 1

    def block(self, count):
        """Seconds per job."""
        self.revision += 1
        half = min(count // 2, self.stored)
        old = self.daemon.load(half, stride=stride_over(self.stored, half),
                               revision=self.revision)
        new = self.daemon.load(half, first=self.stored)
        self.stored += half
        return (old["seconds"] + new["seconds"]) / (2 * half)


def small_block(sizes):
    with rig.stack() as (_, daemon):
        fill(daemon, sizes.growth_small)
        return Store(daemon, sizes.growth_small).block(sizes.growth_block)


def growth(bench):
    """The small store is made anew for each round, the large one once."""
    sizes = bench.sizes
    key = f"growth.{label(sizes.growth)}_over_{label(sizes.growth_small)}"
    small, large = [], []
    with rig.stack() as (_, daemon):
        fill(daemon, sizes.growth,
             lambda done: bench.note(f"{done:,} of {sizes.growth:,} stored"))
        store = Store(daemon, sizes.growth)
        for _ in bench.rounds():
            large.append(store.block(sizes.growth_block))
            small.append(small_block(sizes))
    return {key: round(median(a / b for a, b in zip(large, small)), 3),
            key + ".large_us": round(median(large) * 1e6, 2),
            key + ".small_us": round(median(small) * 1e6, 2)}
