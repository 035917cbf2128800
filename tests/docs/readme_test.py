#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: readme_test.py EVALCTL

Both READMEs show the same commands, and each of them exists."""
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
NAMES = ("README.md", "README.zh-CN.md")
EVALCTL = sys.argv.pop()


def text(name):
    return (ROOT / name).read_text("utf-8")


def commands(name):
    """The lines of the shell blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text(name), re.M | re.S)
    return [re.sub(r"\s+#.*", "", line)
            for block in blocks for line in block.splitlines()]


def options_in(help_text):
    return set(re.findall(r"--[a-z][a-z-]+", help_text))


def help_of(*words):
    ran = subprocess.run([EVALCTL, *words, "--help"], capture_output=True,
                         text=True, timeout=30, check=True)
    return ran.stdout


class Readme(unittest.TestCase):
    def test_both_show_the_same_commands(self):
        shown = [commands(name) for name in NAMES]
        self.assertGreater(len(shown[0]), 10)
        self.assertEqual(*shown)

    def test_both_point_at_the_same_files_and_they_exist(self):
        links = [set(re.findall(r"\]\(([^)#]+)\)", text(name))) - set(NAMES)
                 for name in NAMES]
        self.assertEqual(*links)
        missing = [link for link in links[0] if not (ROOT / link).exists()]
        self.assertEqual(missing, [])

    def test_every_command_of_evalctl_exists(self):
        table = set(re.findall(r"^  ([a-z]+) ", help_of(), re.M))
        self.assertGreaterEqual(len(table), 12)
        for name in NAMES:
            used = set(re.findall(r"evalctl ([a-z]+)", text(name)))
            self.assertGreater(len(used), 8, name)
            self.assertEqual(used - table, set(), name)

    def test_every_option_shown_belongs_to_its_command(self):
        for line in commands(NAMES[0]):
            words = line.split()
            if words[0] != "evalctl":
                continue
            used = {word for word in words if word.startswith("--")}
            self.assertEqual(used - options_in(help_of(words[1])), set(), line)

    def test_every_file_that_a_command_names_exists(self):
        for line in commands(NAMES[0]):
            for word in line.split():
                if "/" in word:
                    self.assertTrue(list(ROOT.glob(word)), line)


if __name__ == "__main__":
    unittest.main()
