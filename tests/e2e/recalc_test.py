#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""evalctl recalc: what it would do is what it does, whatever is killed on the
way, and nothing is done twice."""
import collections
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess

import frames
import msgpack
from harness import (BUILD, EVALCTL, SOURCE, EndToEnd, Process, Shard, evalctl,
                     main, wait_for)

BENCH_FORMS = BUILD / "tests" / "bench" / "bench_forms"
DIVISIONS = [f"310{n}000" for n in (101, 104, 105)]
YEARS = (2023, 2024)
# Nothing is packed: that would write, whoever else does not.
SETTINGS = """\
store:
  pack: false
rulesets:
  folder: {folder}
  serve:
    - {{ division: "*", years: "*", ruleset: cn-2020 }}
"""
STRICT = (SOURCE / "tests" / "bench" / "strict.yaml").read_text("utf-8")


class Recalc(EndToEnd):
    def setUp(self):
        super().setUp()
        self.rules = pathlib.Path(self.folder) / "rulesets"
        shutil.copytree(SOURCE / "config" / "rulesets", self.rules)
        (self.rules / "strict.yaml").write_text(STRICT, "utf-8")
        self.evald = self.daemon(settings=SETTINGS.format(folder=self.rules))
        self.state = pathlib.Path(self.folder) / "state"
        self.environment = {**os.environ, "LC_ALL": "C.UTF-8",
                            "XDG_STATE_HOME": str(self.state)}

    def load(self, count, years=YEARS, revision=1):
        self.years = years
        done = subprocess.run(
            [BENCH_FORMS, "--count", str(count), "--divisions", "3", "--year",
             str(years[0]), "--years", str(len(years)), "--revision",
             str(revision), "--send", self.evald.submit],
            capture_output=True, text=True, check=True)
        self.assertEqual(json.loads(done.stdout)["answered"], count)

    def arguments(self, *more):
        return ["recalc", *more, "--config", self.evald.config]

    def recalc(self, *more, status=0):
        run = evalctl(*self.arguments(*more), check=False,
                      env=self.environment)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return run

    def told(self, *more):
        """(the movers, the summary)"""
        lines = [json.loads(line) for line in
                 self.recalc(*more, "--json").stdout.splitlines()]
        self.assertTrue(all(line["kind"] == "mover" for line in lines[:-1]))
        return lines[:-1], lines[-1]

    def journals(self):
        return list((self.state / "evald").glob("recalc-*"))

    def shards(self):
        return [Shard(self.redis, division, year)
                for division in DIVISIONS for year in self.years]

    def standings(self):
        """{project: (total, grade)} as our own reader has them."""
        return {code: (result[13], result[15]) for shard in self.shards()
                for code, result in shard.results.items() if result[1] == 0}

    def everything(self):
        """A digest of all keys, and how many changes Redis counts."""
        digest = hashlib.sha256()
        for key in sorted(self.redis.call("KEYS", "*")):
            digest.update(key + b"\0" + self.redis.call("DUMP", key))
        info = self.redis.call("INFO", "persistence").decode()
        changes = [line for line in info.splitlines()
                   if line.startswith("rdb_changes_since_last_save:")]
        return digest.hexdigest(), changes

    def seqs(self):
        return sum(shard.seq for shard in self.shards())

    def migration(self, before, after):
        moves = collections.Counter((before[code][1], after[code][1])
                                    for code in before)
        return {"forms": len(before),
                "moved": sum(before[c][0] != after[c][0] for c in before),
                "regraded": sum(before[c][1] != after[c][1] for c in before),
                "migration": dict(moves)}

    def summary(self, line):
        return {**{key: line[key] for key in ("forms", "moved", "regraded")},
                "migration": {(m["from"], m["to"]): m["forms"]
                              for m in line["migration"]}}

    def assert_all_sound(self):
        for shard in self.shards():
            self.assertEqual(list(shard.differences()), [])
        evalctl("verify", "--redis", f"unix:{self.redis.socket}")

    def test_what_it_would_do_is_what_it_does(self):
        self.load(1500)
        before, stood = self.standings(), self.everything()
        movers, would = self.told("all", "--ruleset",
                                  self.rules / "strict.yaml", "--what-if")
        self.assertEqual(self.everything(), stood)
        self.assertEqual(self.journals(), [])
        self.assertEqual((would["kind"], would["ruleset"]),
                         ("what_if", "strict"))
        did_movers, did = self.told("all", "--ruleset", "strict")
        after = self.standings()
        ours = self.migration(before, after)
        self.assertGreater(ours["regraded"], 100)
        self.assertEqual(self.summary(would), ours)
        self.assertEqual(self.summary(did), ours)
        for key in ("before", "after", "already", "met", "ruleset"):
            self.assertEqual(would[key], did[key], key)
        self.assertEqual(movers, did_movers)
        self.assertEqual(did["after"]["total_e6"],
                         sum(total for total, _ in after.values()))
        self.check_movers(movers, before, after)
        self.assertEqual(self.journals(), [])
        self.assert_all_sound()

    def check_movers(self, movers, before, after):
        """Twenty, the largest first, each explained to the last point."""
        change = {c: abs(after[c][0] - before[c][0]) for c in before}
        self.assertEqual([change[m["pro_code"]] for m in movers],
                         sorted(change.values(), reverse=True)[:20])
        for mover in movers:
            self.assertGreater(len(mover["why"]), 0)
            points = sum(round(1e6 * (float(w["after"]["score"])
                                      - float(w["before"]["score"])))
                         for w in mover["why"])
            code = mover["pro_code"]
            self.assertEqual(points, after[code][0] - before[code][0])

    def niceness(self, pid):
        """{thread: niceness}"""
        return {(task / "comm").read_text().strip():
                os.getpriority(os.PRIO_PROCESS, int(task.name))
                for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}

    def test_who_scores_and_who_asks_for_it_stand_back(self):
        self.load(60)
        os.environ["XDG_STATE_HOME"] = str(self.state)
        self.addCleanup(os.environ.pop, "XDG_STATE_HOME", None)
        daemon = self.niceness(self.evald.process.pid)
        for actor in ("rescorer", "scorer"):
            self.assertGreater(daemon[actor], daemon["worker-0"])
        self.evald.process.send_signal(signal.SIGSTOP)
        process = self.begin()
        wait_for("evalctl to send",
                 lambda: "ZMQbg/IO/0" in self.niceness(process.pid))
        asking = self.niceness(process.pid)
        self.assertGreater(min(asking.values()), daemon["worker-0"])
        self.evald.process.send_signal(signal.SIGCONT)
        self.assertEqual(process.wait(), 0, process.tail())

    def test_a_second_run_does_nothing(self):
        self.load(300)
        self.told("all", "--ruleset", "strict")
        seqs = self.seqs()
        _, again = self.told("all", "--ruleset", "strict")
        self.assertEqual((again["forms"], again["already"]), (0, 300))
        self.assertEqual(self.seqs(), seqs)
        _, back = self.told(",".join(DIVISIONS[:2]), "2024")
        expected = sum(len(Shard(self.redis, division, 2024).results)
                       for division in DIVISIONS[:2])
        self.assertEqual((back["forms"], back["ruleset"]),
                         (expected, "cn-2020"))
        self.assertEqual(self.seqs(), seqs + expected)

    def begin(self, *more):
        process = Process([EVALCTL, *self.arguments("all", "2024", "--ruleset",
                                                    "strict", *more)],
                          pathlib.Path(self.folder) / "recalc.log")
        self.addCleanup(process.stop)
        return process

    def stop_midway(self, process, scored):
        """Waits until so many more were scored; then nobody goes on."""
        from_count = self.evald.metric("evald_evaluated_total")
        wait_for("a part of it", lambda: self.evald.metric(
            "evald_evaluated_total") >= from_count + scored or
            process.child.poll() is not None)
        self.evald.process.send_signal(signal.SIGSTOP)
        self.assertIsNone(process.child.poll(), process.tail())

    def kill_evalctl(self, scored, *more):
        process = self.begin(*more)
        self.stop_midway(process, scored)
        process.child.kill()
        process.child.wait()
        self.evald.process.send_signal(signal.SIGCONT)

    def kill_daemon(self):
        self.evald.process.child.kill()
        self.evald.process.child.wait()
        self.evald.start()

    def test_killed_and_gone_on_with(self):
        """evalctl is killed twice, the daemon once under it and once between;
        each form is scored again once, and the summary is that of the whole."""
        self.load(4000, years=[2024])
        os.environ["XDG_STATE_HOME"] = str(self.state)
        self.addCleanup(os.environ.pop, "XDG_STATE_HOME", None)
        before, seqs = self.standings(), self.seqs()
        live = self.live()
        self.kill_evalctl(600)
        refused = self.recalc("all", "2024", "--ruleset", "strict", status=1)
        self.assertIn("--resume", refused.stderr)
        self.kill_daemon()
        self.kill_evalctl(600, "--resume")
        process = self.begin("--resume", "--json")
        self.stop_midway(process, 600)
        self.kill_daemon()
        self.assertEqual(process.wait(120), 0, process.tail())
        live.stop(signal.SIGKILL)
        line = json.loads(process.log.read_text("utf-8").splitlines()[-1])
        self.assertEqual(self.summary(line),
                         self.migration(before, self.standings()))
        self.assertEqual(line["already"] + line["changed_meanwhile"], 0)
        self.assertEqual(line["before"]["total_e6"],
                         sum(total for total, _ in before.values()))
        self.assertEqual(self.seqs(), seqs + len(before))
        self.assertEqual(self.journals(), [])
        self.assert_all_sound()

    def test_a_form_that_was_corrected_meanwhile(self):
        """It is not the form whose grade moved: told apart, and scored."""
        self.load(300, years=[2024])
        os.environ["XDG_STATE_HOME"] = str(self.state)
        self.addCleanup(os.environ.pop, "XDG_STATE_HOME", None)
        self.evald.process.send_signal(signal.SIGSTOP)
        process = self.begin()
        wait_for("a chunk to be sent", lambda: any(
            b"24T0000" in path.read_bytes() for path in self.journals()))
        process.child.kill()
        process.child.wait()
        self.evald.process.send_signal(signal.SIGCONT)
        self.load(300, years=[2024], revision=2)
        _, line = self.told("all", "2024", "--ruleset", "strict", "--resume")
        self.assertGreater(line["changed_meanwhile"], 0)
        self.assertEqual(line["forms"] + line["changed_meanwhile"], 300)
        strict = {result[4] for shard in self.shards()
                  for result in shard.results.values()}
        self.assertEqual(len(strict), 1)
        self.assert_all_sound()

    def live(self):
        """Somebody who sends, of another year: chunks stay small."""
        live = Process([BENCH_FORMS, "--count", "100000", "--divisions", "3",
                        "--year", "2023", "--years", "1", "--rate", "100",
                        "--send", self.evald.submit],
                       pathlib.Path(self.folder) / "live.log")
        self.addCleanup(live.stop, signal.SIGKILL)
        return live

    def test_what_cannot_be_scored_is_counted(self):
        push, door = self.producer(self.evald), self.submitter(self.evald)
        for number in range(20):
            push.send(frames.form(number, 99999))
        prefix = "evald:1:{310113000:2024}:"
        wait_for("20 forms", lambda: self.redis.call(
            "HLEN", prefix + "results") == 20)
        codes = sorted(Shard(self.redis).results)
        door.submit({1: msgpack.packb(
            {"v": 1, "kind": "withdraw", "job_id": "w", "source": "e2e",
             "mof_div_code": "310113000", "fiscal_year": 2024,
             "pro_code": codes[0], "revision": 2})})
        self.redis.call("HDEL", prefix + "forms", codes[1])
        for mode in (["--what-if"], []):
            _, line = self.told("310113000", "2024", "--ruleset", "strict",
                                *mode)
            self.assertEqual(
                (line["forms"], line["withdrawn"], line["without_form"]),
                (18, 1, 1))
        shown = self.recalc("310113000", "--ruleset", "strict", "--lang", "zh")
        self.assertIn("张原已按此规则集评分", shown.stdout)
        self.assertIn("未保存自评表", shown.stdout)

    def outcomes(self, door, number, codes):
        """What the acknowledgement says of each; it is that of the store."""
        door.submit({number: msgpack.packb(
            {"v": 1, "kind": "recalculate", "job_id": "o", "source": "e2e",
             "ruleset": "strict", "mof_div_code": DIVISIONS[0],
             "fiscal_year": 2024, "projects": codes})})
        kind, said = door.answers[number]
        self.assertEqual((kind, len(said["outcomes"])), (0, len(codes)))
        results = Shard(self.redis, DIVISIONS[0], 2024).results
        for code, (outcome, *figures) in zip(codes, said["outcomes"]):
            if outcome not in (1, 2):
                self.assertEqual(figures, [None] * 4)
                continue
            result = results[code]
            self.assertEqual(figures, [*result[13:16], result[3]])
            self.assertEqual(said["ruleset_digest"], result[4].hex())
        return [outcome for outcome, *_ in said["outcomes"]]

    def test_an_acknowledgement_says_what_became_of_each(self):
        """Also when the chunk is sent again: then all is as it was."""
        self.load(90, years=[2024])
        seen = self.reader(self.evald, "receipt.e2e")
        door = self.submitter(self.evald)
        codes = sorted(Shard(self.redis, DIVISIONS[0], 2024).results)
        self.redis.call("HDEL", f"evald:1:{{{DIVISIONS[0]}:2024}}:forms",
                        codes[3])
        count = len(codes)
        expected = [2] * count + [7]
        expected[3] = 7
        self.assertEqual(self.outcomes(door, 1, [*codes, "none"]), expected)
        again = [1 if outcome == 2 else outcome for outcome in expected]
        self.assertEqual(self.outcomes(door, 2, [*codes, "none"]), again)
        self.evald.stop()
        self.evald.start()
        door.close()
        door = self.submitter(self.evald)
        self.assertEqual(self.outcomes(door, 3, [*codes, "none"]), again)
        self.assertFalse(any("outcomes" in receipt for receipt in
                             seen.until("receipt", count + 1)))

    def test_refusals_say_what_to_do(self):
        self.load(60)
        for words in (["3101"], ["310101000;310104000", "2024"],
                      ["all", "24"], ["all", "--what-if", "--resume"],
                      ["all", "--ruleset", self.rules / "strict.yaml"], []):
            with self.subTest(words):
                self.recalc(*words, status=2)
        missing = self.recalc("999999999", "2024", status=1)
        self.assertIn("999999999 2024", missing.stderr)
        unknown = self.recalc("all", "--ruleset", "cn-1999", status=1)
        self.assertIn("cn-1999", unknown.stderr)

    def test_a_ruleset_that_the_daemon_has_otherwise(self):
        self.load(60)
        (self.rules / "strict.yaml").write_text(
            STRICT.replace("from: 95", "from: 94"), "utf-8")
        run = self.recalc("all", "--ruleset", "strict", status=1)
        self.assertIn("--rulesets", run.stderr)

    def chunks_ahead(self, ruleset):
        """Four recalculations: the first is scored and held in its commit, the
        others are scored and wait behind it. (door, their codes)"""
        codes = sorted(Shard(self.redis, DIVISIONS[0], 2024).results)
        chunks = [codes[at::4] for at in range(4)]
        job = {"v": 1, "kind": "recalculate", "source": "e2e",
               "ruleset": ruleset, "mof_div_code": DIVISIONS[0],
               "fiscal_year": 2024}
        scored = self.evald.metric("evald_evaluated_total")
        door = self.submitter(self.evald)
        door.wait_welcome()
        self.redis.call("CLIENT", "PAUSE", 600000, "WRITE")
        door.send(1, [msgpack.packb({**job, "job_id": f"c{n}", "projects": c})
                      for n, c in enumerate(chunks)], b"recalc-jobs")
        wait_for("all to be scored", lambda: self.evald.metric(
            "evald_evaluated_total") == scored + len(codes))
        return door, chunks

    def renewed(self, ruleset, change):
        """Recalculates while the rulesets are read anew, after `change`: how
        many forms were scored, and the rulesets' digests chunk by chunk."""
        scored = self.evald.metric("evald_evaluated_total")
        door, chunks = self.chunks_ahead(ruleset)
        log = self.evald.process.log
        told = log.read_text("utf-8").count("read anew")
        change(self.rules / f"{ruleset}.yaml")
        self.evald.process.send_signal(signal.SIGHUP)
        wait_for("the rulesets", lambda: log.read_text("utf-8").count(
            "read anew") > told)
        self.redis.call("CLIENT", "UNPAUSE")
        door.until("the answers", lambda: len(door.answers) == len(chunks))
        self.assertEqual({said["outcome"] for _, said in door.answers.values()},
                         {"superseded"})
        results = Shard(self.redis, DIVISIONS[0], 2024).results
        digests = [{results[code][4] for code in chunk} for chunk in chunks]
        self.assertEqual([len(some) for some in digests], [1] * len(chunks))
        return (self.evald.metric("evald_evaluated_total") - scored,
                [some.pop() for some in digests])

    def test_rulesets_read_anew_while_recalculations_are_ahead(self):
        """What is not on its way yet is scored by the new text, and not again
        where that is the old one, or where there is none any more."""
        self.load(240, years=[2024])
        count = len(Shard(self.redis, DIVISIONS[0], 2024).results)
        first = (count + 3) // 4
        scored, digests = self.renewed("strict", lambda file: file.write_text(
            STRICT.replace("from: 95", "from: 94"), "utf-8"))
        self.assertNotEqual(digests[0], digests[1])
        self.assertEqual(digests[1:], [digests[1]] * 3)
        self.assertEqual(scored, count + count - first)
        _, line = self.told(DIVISIONS[0], "2024", "--ruleset", "strict")
        self.assertEqual((line["forms"], line["already"]),
                         (first, count - first))
        for ruleset, change in (
                ("cn-2020", lambda file: file.write_text(
                    file.read_text("utf-8") + "# the same\n", "utf-8")),
                ("strict", pathlib.Path.unlink)):
            with self.subTest(ruleset):
                scored, digests = self.renewed(ruleset, change)
                self.assertEqual((scored, len(set(digests))), (count, 1))
        self.assert_all_sound()

    def follow_advice(self, told):
        """Runs the command that was told to go on, by a shell; the summary."""
        command = told.splitlines()[-1]
        self.assertRegex(command, r"^  evalctl recalc --resume ")
        run = subprocess.run(
            command, shell=True, capture_output=True, text=True, check=False,
            env={**self.environment,
                 "PATH": f"{EVALCTL.parent}:{os.environ['PATH']}"})
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertEqual(self.journals(), [])
        return json.loads(run.stdout.splitlines()[-1])

    def test_nobody_at_the_door(self):
        """What was told goes on, whatever the shell makes of its words."""
        self.load(60)
        odd = pathlib.Path(self.folder) / "it's $HOME; a (rule) folder"
        shutil.copytree(self.rules, odd)
        self.evald.stop()
        words = ("all", "--ruleset", "strict", "--wait", "1", "--json",
                 "--rulesets", odd)
        run = self.recalc(*words, status=3)
        again = self.recalc(*words, status=1)
        self.assertIn("--resume", again.stderr)
        self.assertEqual(run.stderr.splitlines()[-1],
                         again.stderr.splitlines()[-1])
        shown = self.recalc(*words, "--resume", "--lang", "zh", status=3)
        self.assertIn("恢复后继续请运行", shown.stderr)
        self.evald.start()
        line = self.follow_advice(run.stderr)
        self.assertEqual(line["forms"], 60)

    def connections(self):
        listed = self.redis.call("CLIENT", "LIST", "TYPE", "normal").decode()
        return {line.split()[0].split("=")[1] for line in listed.splitlines()}

    def test_redis_lost_on_the_way(self):
        """evalctl ends, says how to go on, and that goes on."""
        self.load(4000, years=[2024])
        os.environ["XDG_STATE_HOME"] = str(self.state)
        self.addCleanup(os.environ.pop, "XDG_STATE_HOME", None)
        before = self.connections()
        process = self.begin("--json")
        self.stop_midway(process, 300)
        for connection in self.connections() - before:
            self.redis.call("CLIENT", "KILL", "ID", connection)
        self.evald.process.send_signal(signal.SIGCONT)
        self.assertEqual(process.wait(), 3, process.tail())
        line = self.follow_advice(process.log.read_text("utf-8"))
        self.assertEqual((line["forms"], line["already"]), (4000, 0))

    def test_what_never_began_is_not_to_be_resumed(self):
        self.load(60)
        for word in ("cn-1999", "cn-1999"):
            run = self.recalc("all", "--ruleset", word, status=1)
            self.assertNotIn("--resume", run.stderr)
            self.assertEqual(self.journals(), [])


if __name__ == "__main__":
    main()
