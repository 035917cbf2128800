# SPDX-License-Identifier: Apache-2.0
"""What scripts/bench measures, and how.

goals.py      every figure that has a goal
sizes.py      how much of everything: full, --quick, --smoke
rig.py        Redis, the daemon and the C programs of tests/bench
progress.py   what runs, and how long still
figures.py    the table of what can be measured, by name
throughput.py latency.py evaluation.py keeping.py growth.py peers.py
              one or a few figures each
machine.py    the public facts of the machine
table.py      figures -> the table of docs/PERFORMANCE.md
main.py       options; runs figures; prints
"""
