# SPDX-License-Identifier: Apache-2.0
"""A form from its frame to its stored result: in time against
msgpack_unpack_next, and in instructions, which a busy machine does not
change."""

import os
import re
import shutil

from . import rig

# bench_evaluate and bench_commit with 0 rounds run each form so often.
COUNTED = 10
PARTS = {
    "evaluate": "evaluate_one",
    "evaluate.decode": "wire_job_decode",
    "evaluate.form_encode": "wire_form_encode",
    "evaluate.check_and_score": "evald_evaluate",
    "evaluate.stored_encode": "wire_stored_encode",
    "unpack": "unpack_one",
}


def evaluate(bench):
    bench.step()
    return rig.run(rig.program("bench_evaluate"), rig.RULESET,
                   bench.sizes.rounds * 7, *rig.forms())


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


def profile_of(folder, *command):
    path = os.path.join(folder, "callgrind.out")
    rig.call("valgrind", "--tool=callgrind", f"--callgrind-out-file={path}",
             *map(str, command))
    return inclusive(path)


def per_form(found, function):
    if function not in found:
        raise rig.Failure(f"callgrind saw no {function}")
    return found[function] // (COUNTED * len(rig.forms()))


def instructions(bench):
    if not shutil.which("callgrind_annotate"):
        raise rig.Skip("no valgrind here")
    bench.step()
    with rig.folder() as path:
        found = profile_of(path, rig.program("bench_evaluate"), rig.RULESET, 0,
                           *rig.forms())
    results = {f"instructions.{name}": per_form(found, function)
               for name, function in PARTS.items()}
    results["instructions.ratio_to_unpack"] = round(
        results["instructions.evaluate"] / results["instructions.unpack"], 2)
    return results
