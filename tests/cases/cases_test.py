#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each case directory: its form under its ruleset gives its verdict.

    cases_test.py SCORE_JSONL RULESETS [--accept]

A case is tests/cases/<ruleset>/<name>/ with form.json, verdict.json and why.md.
--accept, or EVALD_UPDATE=1, writes the verdicts that the program gives now; look
at the difference before you commit it: a test that repeats the program's own answer proves
nothing.
"""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def verdicts(program, ruleset, folders):
    forms = [json.loads((f / "form.json").read_text("utf-8")) for f in folders]
    lines = "".join(json.dumps(form, ensure_ascii=False) + "\n"
                    for form in forms)
    run = subprocess.run([program, ruleset], input=lines.encode(),
                         stdout=subprocess.PIPE, timeout=60, check=True)
    return run.stdout.decode().splitlines()


def differences(expected, actual, path=""):
    """Where two values differ, as paths with both values."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in [*expected, *(k for k in actual if k not in expected)]:
            yield from differences(expected.get(key), actual.get(key),
                                   f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list):
        for i in range(max(len(expected), len(actual))):
            sides = [side[i] if i < len(side) else None
                     for side in (expected, actual)]
            yield from differences(*sides, f"{path}[{i}]")
    elif expected != actual:
        yield f"{path[1:]}: expected {expected!r}, got {actual!r}"


def main(program, rulesets, *options):
    accept = "--accept" in options or "EVALD_UPDATE" in os.environ
    failed = count = 0
    for group in sorted({p.parents[1] for p in HERE.glob("*/*/form.json")}):
        folders = sorted(p.parent for p in group.glob("*/form.json"))
        ruleset = f"{rulesets}/{group.name}.yaml"
        for folder, line in zip(folders, verdicts(program, ruleset, folders),
                                strict=True):
            file, verdict = folder / "verdict.json", json.loads(line)
            if accept:
                file.write_text(json.dumps(verdict, ensure_ascii=False,
                                           indent=2) + "\n", "utf-8")
            expected = json.loads(file.read_text("utf-8"))
            wrong = list(differences(expected, verdict))
            failed, count = failed + bool(wrong), count + 1
            for where in wrong:
                print(f"{group.name}/{folder.name}: {where}")
    print(f"{count} cases, {failed} differ")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
