#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The dead letters: listed by what one looks for, shown with their bytes,
corrected and submitted again; what was answered leaves the list."""
import json
import pathlib
import re
import shutil
import signal
import time

import frames
import msgpack
from harness import SOURCE, EndToEnd, Shard, evalctl, main, wait_for


class Rejects(EndToEnd):
    settings = "store:\n  rejects: 50\n  reject_bytes: 4096\n"

    def setUp(self):
        super().setUp()
        self.evald = self.daemon(settings=self.settings)
        self.door = self.submitter(self.evald)
        self.number = 0

    def ctl(self, *arguments, status=0):
        run = evalctl("rejects", *arguments, "--config", self.evald.config,
                      "--lang", "en", check=False)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run

    def listed(self, *arguments):
        return [json.loads(line) for line in
                self.ctl("--json", *arguments).stdout.splitlines()]

    def reject(self, frame):
        """Submits what is no job; the id under which it lies."""
        self.number += 1
        self.door.submit({self.number: frame})
        kind, said = self.door.answers[self.number]
        self.assertEqual(kind, self.door.NACK)
        return said["rejects_id"]

    def bad(self, number, source="e2e", **changes):
        return msgpack.packb({**frames.form(number, 60000), "source": source,
                              **changes})

    def test_chosen_by_source_code_and_time(self):
        first = self.reject(self.bad(1, "one", revision=0))
        time.sleep(0.01)
        second = self.reject(self.bad(2, "two", ruleset="no-such"))
        third = self.reject(self.bad(3, "two", what=1))
        ids = lambda *more: [r["id"] for r in self.listed(*more)]
        self.assertEqual(ids(), [first, second, third])
        self.assertEqual(ids("--source", "one"), [first])
        self.assertEqual(ids("--source", "two"), [second, third])
        self.assertEqual(ids("--code", "unknown_ruleset"), [second])
        self.assertEqual(ids("--source", "two", "--code", "unknown_key"),
                         [third])
        self.assertEqual(ids("--source", "two", "-c", "1"), [second])
        self.assertEqual(ids("--since", "1h"), [first, second, third])
        self.assertEqual(ids("--since", "2099-01-01"), [])
        self.assertEqual(ids("--since", "2020-01-01 10:30"),
                         [first, second, third])
        for wrong in (["--code", "frob"], ["--since", "yesterday"],
                      ["--since", "2020-01-01x"], ["--with", "f"],
                      ["--requeue", "all", "--export"]):
            self.ctl(*wrong, status=2)

    def test_one_with_its_bytes(self):
        text = self.reject(self.bad(1, revision=0))
        shown = self.ctl(text).stdout
        self.assertIn("revision: the number is outside its range "
                      "(out_of_range, byte", shown)
        self.assertIn('"revision":0', shown)
        self.assertIn("000000  ", shown)
        chinese = evalctl("rejects", text, "--config", self.evald.config,
                          "--lang", "zh").stdout
        self.assertIn("revision：数值超出范围（允许：不小于 1）", chinese)
        self.assertIn("（out_of_range，字节 ", chinese)
        (said,) = self.listed(text)
        self.assertEqual(bytes.fromhex(said["frame"]),
                         self.bad(1, revision=0))
        broken = self.reject(b"\x81\xa1")
        self.assertIn("81 a1", self.ctl(broken).stdout)
        self.assertIn("no rejected job", self.ctl("1-1", status=1).stderr)
        self.assertIn("no rejected job", self.ctl("frob", status=1).stderr)

    def test_requeued_after_a_ruleset_came(self):
        ids = [self.reject(self.bad(n, ruleset="cn-new")) for n in range(5)]
        other = self.reject(self.bad(9, revision=0))
        again = self.ctl("--requeue", ids[0], status=1)
        self.assertIn("no such ruleset", again.stderr)
        self.assertNotIn(ids[0], [r["id"] for r in self.listed()])
        self.assertEqual(len(self.listed()), 6, "it lies there anew")
        folder = pathlib.Path(self.folder) / "rulesets"
        shutil.copytree(SOURCE / "config" / "rulesets", folder)
        (folder / "cn-new.yaml").write_text(
            (folder / "cn-sh-2024.yaml").read_text().replace(
                "id: cn-sh-2024", "id: cn-new"))
        self.evald.config.write_text(
            self.evald.config.read_text() + f"rulesets:\n  folder: {folder}\n")
        self.evald.stop()
        self.evald.start()
        self.door.connect()
        self.ctl("--requeue", ids[1])
        self.assertEqual(Shard(self.redis).seq, 1)
        done = self.ctl("--requeue", "all", "--code", "unknown_ruleset")
        self.assertIn("4 taken out of the rejected jobs, 0 stay", done.stdout)
        self.assertEqual([r["id"] for r in self.listed()], [other])
        self.assertEqual(len(self.assert_sound().results), 5)

    def test_exported_corrected_and_requeued(self):
        ids = [self.reject(self.bad(n, "one", revision=0, x_mine="kept"))
               for n in range(3)]
        broken = self.reject(b"\xc1")
        run = self.ctl("--export", status=1)
        self.assertIn(f"{broken} cannot be written as JSON", run.stderr)
        jobs = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual([j["x_rejects_id"] for j in jobs], ids)
        self.assertEqual(jobs[0]["x_mine"], "kept")
        jobs[0]["revision"] = jobs[1]["revision"] = 2
        file = pathlib.Path(self.folder) / "corrected.jsonl"
        file.write_text("".join(json.dumps(j, ensure_ascii=False) + "\n"
                                for j in jobs))
        run = self.ctl("--requeue", "all", "--with", file, status=1)
        self.assertIn("corrected.jsonl: job 3 is rejected", run.stderr)
        self.assertIn("2 taken out", run.stdout)
        self.assertEqual([r["id"] for r in self.listed()], [ids[2], broken])
        self.assertEqual({r[2] for r in
                          self.assert_sound().results.values()}, {2})
        # One, whose file need not name it.
        del jobs[2]["x_rejects_id"]
        jobs[2]["revision"] = 3
        file.write_text(json.dumps(jobs[2]))
        self.ctl("--requeue", ids[2], "--with", file)
        self.assertEqual([r["id"] for r in self.listed()], [broken])
        run = self.ctl("--requeue", "all", "--with", file, status=1)
        self.assertIn("x_rejects_id", run.stderr)

    def test_a_conflict_stays(self):
        wrong = self.bad(1, revision=2, ruleset="cn-none")
        ident = self.reject(wrong)
        self.door.submit({1000: frames.frame(1, 70000, 2)})
        job = {**msgpack.unpackb(wrong)}
        del job["ruleset"]
        file = pathlib.Path(self.folder) / "one.json"
        file.write_text(json.dumps(job))
        run = self.ctl("--requeue", ident, "--with", file, status=1)
        self.assertIn("higher revision", run.stderr)
        self.assertEqual([r["id"] for r in self.listed()], [ident])

    def test_a_job_of_which_only_the_beginning_was_kept(self):
        form = self.bad(1, revision=0, reason="x" * 9000)
        ident = self.reject(form)
        (said,) = self.listed(ident)
        self.assertEqual((said["bytes"], said["size"]), (4096, len(form)))
        self.assertIn("beginning", self.ctl(ident).stdout)
        run = self.ctl("--requeue", ident, status=1)
        self.assertIn("must send it again", run.stderr)
        self.assertEqual(len(self.listed()), 1)

    def test_the_cap_and_what_it_dropped(self):
        for n in range(80):
            self.reject(self.bad(n, revision=0))
        self.assertEqual(len(self.listed()), 50)
        self.assertIn("50 rejected jobs; 30 more were dropped",
                      self.ctl().stdout)
        # Rejected again, each lies there anew: the list does not grow, and
        # requeuing ends.
        self.ctl("--requeue", "all", status=1)
        self.assertEqual(len(self.listed()), 50)

    def test_killed_between_answer_and_removal_it_is_done_at_the_next(self):
        folder = pathlib.Path(self.folder)
        ids = [self.reject(self.bad(n, revision=0)) for n in range(40)]
        jobs = [json.loads(line) for line in
                self.ctl("--export").stdout.splitlines()]
        file = folder / "all.jsonl"
        file.write_text("".join(json.dumps({**j, "revision": 1}) + "\n"
                                for j in jobs))
        import subprocess
        from harness import EVALCTL
        self.redis.process.send_signal(signal.SIGSTOP)
        run = subprocess.Popen([EVALCTL, "rejects", "--requeue", "all",
                                "--with", file, "--config",
                                self.evald.config],
                               stdout=subprocess.DEVNULL)
        time.sleep(0.2)
        self.redis.process.send_signal(signal.SIGCONT)
        time.sleep(0.03)
        run.kill()
        run.wait()
        self.ctl("--requeue", "all", "--with", file)
        self.assertEqual(self.listed(), [])
        shard = self.assert_sound()
        self.assertEqual((len(shard.results), shard.seq), (40, 40))
        self.assertEqual(len(ids), 40)

    def test_nobody_at_the_door(self):
        ident = self.reject(self.bad(1, revision=0))
        self.evald.stop()
        run = self.ctl("--requeue", ident, "--wait", "1", status=3)
        self.assertRegex(run.stderr, re.compile("nobody answers"))
        self.assertEqual(len(self.listed()), 1)
        wait_for("nothing", lambda: True)


if __name__ == "__main__":
    main()
