# SPDX-License-Identifier: Apache-2.0
"""A form from its frame to its stored result: in time against
msgpack_unpack_next, and in instructions, which a busy machine does not
change."""

import os
import re
import shutil

from . import rig

# bench_evaluate with 0 rounds runs each form so often.
COUNTED = 10
PARTS = {
    "evaluate": "evaluate_some",
    "evaluate.decode": "wire_job_decode",
    "evaluate.form_encode": "wire_form_encode_from",
    "evaluate.check_and_score": "evald_evaluate",
    "evaluate.stored_encode": "wire_stored_encode",
    "unpack": "unpack_some",
}
# Of the daemon, per job: from the decided batch to the bytes on its socket, and
# from the frame to the scored unit, in batches of GROUP over 17 divisions.
DAEMON_PARTS = {"commit": "commit_send", "prepare": "prepare_frames"}
GROUP, GROUPS = 256, 8


# Made-up forms, each different: to be timed, to be counted.
TIMED, FEW = 2048, 256


def varied(results):
    """The keys of made-up forms: evaluate.varied.ns."""
    return {key.replace(".", ".varied.", 1): value
            for key, value in results.items()}


def evaluate(bench):
    bench.step()
    timed = rig.program("bench_evaluate"), rig.RULESET, bench.sizes.rounds * 7
    return {**rig.run(*timed, *rig.forms()),
            **varied(rig.run(*timed, "--made", TIMED))}


def inclusive(profile):
    """Instructions of each function and what it calls, from a callgrind
    file."""
    text = rig.call("callgrind_annotate", "--inclusive=yes",
                    "--threshold=100", profile)
    found = {}
    for line in text.split("\n"):
        match = re.match(r"\s*([\d,]+) .*?[^ ]*:([A-Za-z_]\w*)"
                         r"(\.\S+)?(?:'\d+)?(?: \[.*\])?$", line)
        if match:
            count = int(match.group(1).replace(",", ""))
            found[match.group(2)] = max(count, found.get(match.group(2), 0))
    return found


def callgrind(profile):
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}"]


def of_forms(folder, count, *forms):
    """bench_evaluate, per form of so many."""
    profile = os.path.join(folder, "callgrind.out")
    rig.call(*callgrind(profile), rig.program("bench_evaluate"), rig.RULESET,
             "0", *forms)
    return counts(inclusive(profile), PARTS, COUNTED * count)


def of_daemon(folder):
    """The daemon, per job, in batches that are the same each time."""
    profile = os.path.join(folder, "callgrind-daemon.out")
    under = callgrind(profile) + ["--quiet"]
    with rig.Redis(folder), rig.Daemon(folder, under) as daemon:
        daemon.load(GROUP * GROUPS, group=(GROUP,))
    return counts(inclusive(profile), DAEMON_PARTS, GROUP * GROUPS)


def counts(found, parts, divisor):
    missing = [function for function in parts.values()
               if function not in found]
    if missing:
        raise rig.Failure(f"callgrind saw no {missing[0]}")
    return {f"instructions.{name}": found[function] // divisor
            for name, function in parts.items()}


def instructions(bench):
    if not shutil.which("callgrind_annotate"):
        raise rig.Skip("no valgrind here")
    bench.step("a form")
    with rig.folder() as path:
        results = of_forms(path, len(rig.forms()), *rig.forms())
        results.update(varied(of_forms(path, FEW, "--made", str(FEW))))
    results["instructions.ratio_to_unpack"] = round(
        results["instructions.evaluate"] / results["instructions.unpack"], 2)
    bench.step("the daemon")
    with rig.folder() as path:
        results.update(of_daemon(path))
    return results
