# SPDX-License-Identifier: Apache-2.0
"""The public facts of the machine, nothing that names it."""

import os
import re
import subprocess


def first_line(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL, timeout=20)
        return done.stdout.split("\n")[0].strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def field_of(path, pattern):
    try:
        with open(path, encoding="utf-8") as file:
            match = re.search(pattern, file.read(), re.MULTILINE)
    except OSError:
        return ""
    return match.group(1) if match else ""


def facts():
    redis = re.search(r"v=(\S+)", first_line("redis-server", "--version"))
    kib = field_of("/proc/meminfo", r"^MemTotal:\s+(\d+)")
    return {
        "cpu": field_of("/proc/cpuinfo", r"^model name\s*:\s*(.+)$")
        or os.uname().machine,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(kib or 0) / 2 ** 20),
        "kernel": "Linux " + ".".join(os.uname().release.split(".")[:2]),
        "compiler": "gcc " + first_line("gcc", "-dumpfullversion"),
        "redis": redis.group(1) if redis else "",
    }


def sentence(facts_of):
    return (f"{facts_of['cores']} cores ({facts_of['cpu']}), "
            f"{facts_of['memory_gib']} GiB, {facts_of['kernel']}, "
            f"{facts_of['compiler']}, Redis {facts_of['redis']}")
