# SPDX-License-Identifier: Apache-2.0
"""Every figure that has a goal: key, the goal, what it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    key: str
    sign: str   # ">=" "<=" "<"
    bound: float
    what: str

    def met(self, value):
        if self.sign == ">=":
            return value >= self.bound
        return value <= self.bound if self.sign == "<=" else value < self.bound

    @property
    def text(self):
        sign = {">=": "≥", "<=": "≤", "<": "<"}[self.sign]
        return f"{sign} {self.bound:g}"


FLOOR = "rate end to end over the bare writes, append-only file "
ROUND = "× a bare ZeroMQ round trip, "
PEER = "evald's rate over that of "
DOOR = "the acknowledged door over the PULL door, append-only file "

GOALS = [
    Goal("end_to_end.ratio_to_floor", ">=", 1.0, FLOOR + "off"),
    Goal("end_to_end.everysec.ratio_to_floor", ">=", 1.0, FLOOR + "everysec"),
    Goal("end_to_end.always.ratio_to_floor", ">=", 2.0, FLOOR + "always"),
    Goal("peers.streams_c.ratio", ">=", 2.5, PEER + "Redis Streams in C"),
    Goal("peers.bullmq.ratio", ">=", 25, PEER + "BullMQ"),
    Goal("peers.celery.ratio", ">=", 150, PEER + "Celery"),
    Goal("latency.1k.p50_ratio", "<=", 1.2, ROUND + "1,000/s, median"),
    Goal("latency.1k.p99_ratio", "<=", 3.0, ROUND + "1,000/s, 99th percentile"),
    Goal("latency.10k.p50_ratio", "<=", 1.2, ROUND + "10,000/s, median"),
    Goal("latency.10k.p99_ratio", "<=", 3.0,
         ROUND + "10,000/s, 99th percentile"),
    Goal("latency.50k.p99_us", "<", 1000, "99th percentile at 50,000/s, in µs"),
    Goal("evaluate.ratio_to_unpack", "<=", 1.0,
         "a form from frame to stored result, × `msgpack_unpack_next`"),
    Goal("acknowledged.ratio_to_pull", ">=", 0.85, DOOR + "off"),
    Goal("acknowledged.everysec.ratio_to_pull", ">=", 0.85, DOOR + "everysec"),
    Goal("acknowledged.always.ratio_to_pull", ">=", 0.85, DOOR + "always"),
    Goal("recalculate.ratio_to_floor", ">=", 0.8,
         "1,000,000 stored forms scored again, over the bare writes"),
    Goal("growth.3M_over_10k", "<=", 1.3,
         "cost of a job with 3,000,000 results stored, × with 10,000"),
    Goal("memory.bytes_ratio", "<=", 0.35,
         "result and form in Redis, × the payload's bytes"),
    Goal("idle.cpu_percent", "<", 0.1, "CPU of an idle daemon, in percent"),
    Goal("rss.100k_mib", "<", 64,
         "memory of the daemon after 100,000 jobs, in MiB"),
]
