# SPDX-License-Identifier: Apache-2.0
"""From when a job was due to its event at a subscriber, at a given rate,
against the same frames through a bare PULL -> PUB echo."""

from statistics import median

from . import rig



def trial(kind, doors, rate, seconds):
    return rig.run(rig.program("bench_latency"), kind, doors.jobs,
                   doors.events, rate, max(int(rate * seconds), 100),
                   rig.DIVISIONS)


def evald_trial(rate, seconds):
    with rig.stack() as (_, daemon):
        return trial("evald", daemon, rate, seconds)


def bare_trial(rate, seconds, event_bytes):
    with rig.folder() as path, rig.Echo(path, event_bytes) as echo:
        return trial("bare", echo, rate, seconds)


def at(name, rate, held_against_bare):
    prefix = f"latency.{name}."

    def measure(bench):
        seconds, ours, bare = bench.sizes.latency_seconds, [], []
        for _ in bench.rounds():
            ours.append(evald_trial(rate, seconds))
            bare.append(bare_trial(rate, seconds, ours[-1]["event_bytes"]))
        if any(trial["p99_us"] < 0 for trial in ours):
            raise rig.Failure(f"at {rate}/s more than one event in a hundred "
                              "never came")
        results = {}
        for quantile in ("p50", "p99"):
            pairs = [(a[quantile + "_us"], b[quantile + "_us"])
                     for a, b in zip(ours, bare)]
            results[prefix + quantile + "_us"] = round(
                median(a for a, _ in pairs), 1)
            results[f"{prefix}bare_{quantile}_us"] = round(
                median(b for _, b in pairs), 1)
            if held_against_bare:
                results[f"{prefix}{quantile}_ratio"] = round(
                    median(a / b for a, b in pairs), 2)
        results[prefix + "lost"] = sum(trial["lost"] for trial in ours)
        return results
    return measure
