#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The measures of style that can be counted, and the formatting."""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
FUNCTION_LINES = 60
FILE_LINES = 500
LINE_WIDTH = 100
PARAMETERS = 5  # one function in fifty may have more
CALLBACKS = {"src/daemon/http.c: answer"}  # the type is a library's


def tracked():
    """The files of the project: those git knows and those about to be."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"],
        capture_output=True, text=True)
    if listed.returncode == 0:
        names = listed.stdout.splitlines()
    else:  # a release archive has no .git
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")
                 if "build" not in p.parts]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def c_files(*folders):
    return sorted(path for path in tracked() if path.suffix in (".c", ".h")
                  and path.relative_to(ROOT).parts[0] in folders)


def functions():
    files = [str(p) for p in c_files("src", "include") if p.suffix == ".c"]
    run = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+neS", "--c-kinds=f",
         "-f", "-", *files], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def parameters(signature):
    """Commas at the outer level of "(int a, void (*f)(int, int))", plus one.
    An ellipsis is no parameter."""
    depth = commas = 0
    for character in signature[1:-1]:
        depth += (character == "(") - (character == ")")
        commas += character == "," and depth == 0
    return commas + 1 - signature.endswith("...)")


def needs_licence(path):
    if path.suffix in (".c", ".h", ".py", ".cmake", ".service", ".conf"):
        return True
    if path.suffix in (".yaml", ".yml") and "config" in path.parts:
        return True
    return path.name == "CMakeLists.txt" or path.parent.name == "scripts"


class Style(unittest.TestCase):
    def test_files_have_at_most_500_lines(self):
        long = [f"{p.relative_to(ROOT)}: {n}" for p in
                c_files("src", "include", "tests")
                if (n := len(p.read_text("utf-8").splitlines())) > FILE_LINES]
        self.assertEqual(long, [])

    def test_lines_are_not_too_wide(self):  # sentences cannot be broken
        wide = [f"{p.relative_to(ROOT)}:{n}" for p in
                c_files("src", "include", "tests")
                for n, line in enumerate(p.read_text("utf-8").splitlines(), 1)
                if len(line) > LINE_WIDTH and '"' not in line]
        self.assertEqual(wide, [])

    def test_each_file_names_its_licence(self):
        bare = [str(p.relative_to(ROOT)) for p in tracked() if needs_licence(p)
                and "SPDX-License-Identifier:" not in
                p.read_text("utf-8")[:400]]
        self.assertEqual(bare, [])

    @unittest.skipUnless(shutil.which("ctags"), "universal-ctags is missing")
    def test_functions_are_short(self):
        sizes = {}
        for tag in functions():
            where = f"{pathlib.Path(tag['path']).relative_to(ROOT)}"
            sizes[f"{where}: {tag['name']}"] = tag["end"] - tag["line"] + 1
        long = {k: n for k, n in sizes.items() if n > FUNCTION_LINES}
        self.assertEqual(long, {})
        ordered = sorted(sizes.values())
        ninth = ordered[len(ordered) * 9 // 10]
        print(f"{len(ordered)} functions, median "
              f"{statistics.median(ordered):.0f} lines, nine in ten <= {ninth}")
        self.assertLessEqual(statistics.median(ordered), 15)
        self.assertLessEqual(ninth, 35)

    @unittest.skipUnless(shutil.which("ctags"), "universal-ctags is missing")
    def test_functions_have_few_parameters(self):
        tags = functions()
        counts = {f"{pathlib.Path(t['path']).relative_to(ROOT)}: {t['name']}":
                  parameters(t.get("signature", "()")) for t in tags}
        many = {k: n for k, n in counts.items() if n > PARAMETERS}
        # A callback has the parameters that its library gives it.
        self.assertLessEqual(max(counts.values()), 8, many)
        self.assertLessEqual(len(many), len(tags) // 50, many)

    def test_the_parameters_are_counted_right(self):
        self.assertEqual(parameters("(int a, void (*f)(int, int), char *c)"), 3)
        self.assertEqual(parameters("(const char *format,...)"), 1)

    @unittest.skipUnless(shutil.which("clang-format"), "no clang-format")
    def test_the_formatting_is_clang_formats(self):
        files = [str(p) for p in c_files("src", "include", "tests", "examples")]
        run = subprocess.run(["clang-format", "--dry-run", *files],
                             cwd=ROOT, capture_output=True, text=True)
        places = sorted({line.split(":")[0] for line in run.stderr.splitlines()
                         if "warning:" in line})
        self.assertEqual(places, [], "run clang-format -i on these")


if __name__ == "__main__":
    sys.exit(unittest.main())
