# SPDX-License-Identifier: Apache-2.0
"""What Redis holds of a division and year, added up anew: the tests' own
`verify`, which owes evald nothing."""
import functools

import msgpack
import zstandard

COUNTERS = ("forms indicators opening_fen budget_fen executed_fen total_e6 "
            "execution_score_e6 grade_excellent grade_good grade_fair "
            "grade_poor errors warnings infos forms_with_errors "
            "forms_with_warnings grade_differs total_differs score_0 score_10 "
            "score_20 score_30 score_40 score_50 score_60 score_70 score_80 "
            "score_90").split()


def checksum(counters):
    """Of an aggregate, as docs/PROTOCOL.md defines it."""
    h = 14695981039346656037
    for value in counters:
        h = (h ^ (value & 0xFFFFFFFFFFFFFFFF)) * 1099511628211 % 2 ** 64
    return h


class Values:
    """Reads the values of a hash, packed or not (docs/PROTOCOL.md)."""

    def __init__(self, redis, kind):
        self.unpackers = {
            int(name.split(b":")[1]): zstandard.ZstdDecompressor(
                dict_data=zstandard.ZstdCompressionDict(dictionary))
            for name, dictionary in redis.hash("evald:1:dictionaries").items()
            if name.startswith(kind.encode() + b":")}
        self.packed = 0

    def read(self, value):
        array = msgpack.unpackb(value)
        if array[0] != 0:
            return array
        self.packed += 1
        return msgpack.unpackb(self.unpackers[array[1]].decompress(array[2]))


class Shard:
    """What Redis holds of a division and year, read and added up anew."""

    def __init__(self, redis, division="310113000", year=2024):
        prefix = f"evald:1:{{{division}:{year}}}:"
        self.redis, self.prefix = redis, prefix
        aggregate = redis.hash(prefix + "aggregate")
        self.epoch, self.seq = int(aggregate[b"epoch"]), int(aggregate[b"seq"])
        self.counters = [int(aggregate[name.encode()]) for name in COUNTERS]
        results = redis.hash(prefix + "results")
        values = Values(redis, "results")
        self.results = {code.decode(): values.read(value)
                        for code, value in results.items()}
        self.departments = redis.hash(prefix + "departments")
        self.batches = [msgpack.unpackb(fields[fields.index(b"b") + 1])
                        for _, fields in
                        redis.call("XRANGE", prefix + "events", "-", "+")]

    @functools.cached_property
    def events(self):
        """{seq: event} of the whole log."""
        return {batch[2] + i: event for batch in self.batches
                for i, event in enumerate(batch[7])}

    def differences(self):
        """What does not add up, in words; the test's own `verify`."""
        sums = [sum(column) for column in zip(
            *(result[10] for result in self.results.values()
              if result[1] == 0))] or [0] * len(COUNTERS)
        if sums != self.counters:
            yield f"aggregate {self.counters}, results add to {sums}"
        parts = [sum(column) for column in zip(
            *(msgpack.unpackb(v)[1:] for v in self.departments.values()))]
        if parts and parts != self.counters:
            yield f"departments add to {parts}"
        after = 0
        for _, _, first, last, _, _, _, events in self.batches:
            if first != after + 1 or last - first + 1 != len(events):
                yield f"batch {first}..{last} of {len(events)} after {after}"
            after = last
        if after != self.seq:
            yield f"the log ends at {after}, the aggregate at {self.seq}"
        if self.batches:
            if self.batches[-1][6] != self.counters:
                yield "the last batch has other counters"
            if self.batches[-1][5] != checksum(self.counters):
                yield "the last batch has another checksum"
