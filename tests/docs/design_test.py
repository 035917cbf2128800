#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/DESIGN.md speaks of what is there: its files exist, its functions stand
in the files it names, its rooms are those of the room table."""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "DESIGN.md").read_text("utf-8")
LIBRARIES = {"xxhash.h": "xxhash", "emmintrin.h": "SSE2",
             "immintrin.h": "AVX2",
             "cyaml/cyaml.h": "libcyaml", "yaml.h": "libyaml",
             "sodium.h": "libsodium", "hiredis/hiredis.h": "hiredis",
             "zmq.h": "libzmq", "microhttpd.h": "libmicrohttpd",
             "systemd/sd-daemon.h": "libsystemd",
             "zstd.h": "libzstd", "zdict.h": "libzstd"}


def rooms():
    """The room table of tests/rooms, the rows of files within their room."""
    allowed = {}
    path = ROOT / "tests" / "rooms" / "table.txt"
    for line in path.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        who, others, _, third = (cell.strip() for cell in line.split("|"))
        row = allowed.setdefault(who.split("/")[0], set())
        row |= set(others.split()) - {"evald"}
        row |= {LIBRARIES[name] for name in third.split()}
    return allowed


class Design(unittest.TestCase):
    def test_every_path_exists(self):
        paths = re.findall(r"`((?:src|include|tests|config)/[\w./-]*)`", TEXT)
        self.assertGreater(len(paths), 20)
        self.assertEqual([p for p in paths if not (ROOT / p).exists()], [])

    def test_every_function_stands_in_its_file(self):
        rows = re.findall(r"^\|[^|]+\| (`\w+`[^|]*) \| (`src/[^|]*) \|$", TEXT,
                          re.M)
        self.assertGreater(len(rows), 8)
        for functions, files in rows:
            source = "".join((ROOT / name).read_text("utf-8")
                             for name in re.findall(r"`([^`]+)`", files))
            for name in re.findall(r"`(\w+)`", functions):
                self.assertRegex(source, rf"\n(?:static )?[\w *]+\b{name}\(")

    def test_the_rooms_are_those_of_the_table(self):
        part = TEXT.split("\n## Rooms\n")[1].split("\n## ")[0]
        told = {name: set(re.split(r", ", cell)) - {"public headers"}
                for name, cell in re.findall(
                    r"^\| `(\w+)` \|.*\| ([^|]+) \|$", part, re.M)}
        table = rooms()
        del table["evald"]
        self.assertEqual(told, table)

    def test_the_threads_are_those_that_are_started(self):
        told = set(re.findall(r"^\| (\w+)(?: \(main\)| × N)? \|",
                              TEXT.split("\n## Threads\n")[1], re.M))
        source = (ROOT / "src/daemon/supervisor_start.c").read_text("utf-8")
        started = set(re.findall(r"(\w+)_body\b", source))
        self.assertEqual(told - {"actor", "supervisor"},
                         started - {"bus_actor"})


if __name__ == "__main__":
    sys.exit(unittest.main())
