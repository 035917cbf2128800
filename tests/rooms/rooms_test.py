#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every #include of src/ and include/ is one that the room table allows."""
import collections
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
TABLE = pathlib.Path(__file__).with_name("table.txt")

PURE = set("assert.h ctype.h errno.h inttypes.h limits.h stdalign.h stdarg.h "
           "stdatomic.h stdbool.h stddef.h stdint.h stdlib.h stdnoreturn.h "
           "string.h".split())
C = PURE | set("fenv.h float.h locale.h math.h setjmp.h signal.h stdio.h "
               "threads.h time.h".split())
POSIX = C | set(
    "dirent.h fcntl.h getopt.h glob.h langinfo.h libgen.h libintl.h netdb.h "
    "poll.h pthread.h pwd.h sched.h semaphore.h spawn.h strings.h syslog.h "
    "termios.h unistd.h wchar.h arpa/inet.h linux/limits.h netinet/in.h "
    "netinet/tcp.h sys/auxv.h sys/epoll.h sys/eventfd.h sys/file.h "
    "sys/ioctl.h sys/mman.h sys/prctl.h sys/random.h sys/resource.h "
    "sys/signalfd.h sys/socket.h sys/stat.h sys/syscall.h sys/time.h "
    "sys/timerfd.h sys/types.h sys/uio.h sys/un.h sys/utsname.h "
    "sys/wait.h".split())
CLASSES = {"": set(), "pure": PURE, "c": C, "posix": POSIX}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Table:
    def __init__(self):
        self.rooms, self.files, self.third = {}, {}, set()
        for line in TABLE.read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                self.add(*(cell.strip() for cell in line.split("|")))

    def add(self, who, rooms, system, third):
        headers = CLASSES[system] | set(third.split())
        rows = self.files if "/" in who else self.rooms
        rows[who] = (set(rooms.split()) | {who}, headers)
        self.third |= set(third.split())

    def of(self, path):
        """What the file may include, as (rooms, headers)."""
        room = path.split("/")[0]
        rooms, headers = self.rooms[room]
        for who, (more_rooms, more) in self.files.items():
            if path == who or path.rsplit(".", 1)[0] == who:
                rooms, headers = rooms | more_rooms, headers | more
        return rooms, headers


def sources():
    """(path as the table names it, text) of every file in a room."""
    for base in (ROOT / "src", ROOT / "include"):
        for path in sorted(base.rglob("*.[ch]")):
            text = COMMENT.sub("", path.read_text("utf-8"))
            yield str(path.relative_to(base)), text


def includes(text):
    return [(kind == "<", name) for kind, name in INCLUDE.findall(text)]


class Rooms(unittest.TestCase):
    def setUp(self):
        self.table = Table()

    def test_there_is_something_to_read(self):
        names = {path.split("/")[0] for path, _ in sources()}
        self.assertLessEqual({"evald", "base", "core"}, names)
        self.assertLessEqual(names, set(self.table.rooms), "rooms not in table")

    def test_the_table_has_no_row_and_no_library_too_many(self):
        paths = [path for path, _ in sources()]
        there = {path.split("/")[0] for path in paths} | {
            folder.name for folder in (ROOT / "src").iterdir()}
        self.assertEqual(set(self.table.rooms) - there, set())
        stems = set(paths) | {path.rsplit(".", 1)[0] for path in paths}
        self.assertEqual(set(self.table.files) - stems, set())
        used = {name for _, text in sources()
                for system, name in includes(text) if system}
        self.assertEqual(self.table.third - used, set())

    def test_every_include_is_allowed(self):
        wrong = []
        for path, text in sources():
            rooms, headers = self.table.of(path)
            for system, name in includes(text):
                here = name in headers if system else name.split("/")[0] in rooms
                if not here:
                    wrong.append(f"{path} includes {name}")
        self.assertEqual(wrong, [])

    def test_includes_are_rooted_at_src(self):
        bare = [f"{path} includes {name}" for path, text in sources()
                for system, name in includes(text)
                if not system and ("/" not in name or ".." in name)]
        self.assertEqual(bare, [])

    def test_third_party_headers_enter_in_two_files_at_most(self):
        users = collections.defaultdict(set)
        for path, text in sources():
            for system, name in includes(text):
                if system and name in self.table.third:
                    users[name.split("/")[0]].add(path)
        many = {name: sorted(files) for name, files in users.items()
                if len(files) > 2}
        self.assertEqual(many, {})

    def test_targets_are_linked_to_their_neighbours_only(self):
        call = re.compile(r"evald_room\((\w+)\s*([^)]*)\)")
        wrong = []
        for path in sorted((ROOT / "src").glob("*/CMakeLists.txt")):
            for name, rest in call.findall(path.read_text("utf-8")):
                found = re.search(r"ROOMS\s+([\w\s]*?)(?:LIBRARIES|$)", rest)
                linked = set(found.group(1).split()) if found else set()
                allowed, _ = self.table.of(name)
                wrong += [f"{name} is linked to {other}"
                          for other in sorted(linked - allowed)]
        self.assertEqual(wrong, [])


class TheTestItself(unittest.TestCase):
    """A law that nothing can break is none."""

    def test_a_forbidden_include_is_seen(self):
        text = '#include <hiredis/hiredis.h>\n#  include "store/redis.h"\n'
        rooms, headers = Table().of("core/score.c")
        self.assertEqual(len(includes(text)), 2)
        self.assertNotIn("hiredis/hiredis.h", headers)
        self.assertNotIn("store", rooms)
        self.assertNotIn("stdio.h", headers)
        self.assertIn("string.h", headers)

    def test_a_row_of_a_file_adds_to_its_room(self):
        self.assertIn("xxhash.h", Table().of("base/xxh3.h")[1])
        self.assertNotIn("xxhash.h", Table().of("base/text.c")[1])
        self.assertIn("libintl.h", Table().of("base/i18n.h")[1])


if __name__ == "__main__":
    sys.exit(unittest.main())
