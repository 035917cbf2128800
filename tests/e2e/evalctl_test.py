#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""evalctl against a daemon and its Redis: what it prints, and how it ends."""
import json
import pathlib
import os
import re
import subprocess
import tempfile

from harness import (EVALCTL, FORMS, SOURCE, EndToEnd, evalctl, main,
                     wait_for)

SHARD = ("310113000", "2024")
POOR = "31011324T000000000005"
KEY = "evald:1:{310113000:2024}:"
PUBLISHED = SOURCE / "tests" / "cases" / "cn-sh-2024" / "published.txt"


def lines(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


def form(number):
    return json.loads(FORMS[number - 1].read_text("utf-8"))


class Offline(EndToEnd):
    """What needs neither daemon nor Redis."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="evalctl-"))

    def file(self, *jobs):
        path = self.folder / "jobs.jsonl"
        path.write_text("".join(
            job if isinstance(job, str) else json.dumps(job) + "\n"
            for job in jobs), "utf-8")
        return path

    def test_the_same_verdict_from_json_and_from_published_text(self):
        from_json = lines(evalctl("score", "--json", *FORMS))
        from_text = lines(evalctl("score", "--json", "--division", SHARD[0],
                                  PUBLISHED))
        self.assertEqual(len(from_json), 11)
        for a, b in zip(from_json, from_text):
            for key in ("execution", "indicators", "total", "grade", "declared"):
                self.assertEqual(a[key], b[key], a["job_id"])
            self.assertEqual([f["code"] for f in a["findings"]],
                             [f["code"] for f in b["findings"]], a["job_id"])

    def test_a_published_form_without_division_is_not_guessed_at(self):
        run = evalctl("score", PUBLISHED, check=False)
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertIn("--division", run.stderr)

    def test_import_gives_jobs_that_score_the_same(self):
        imported = self.folder / "imported.jsonl"
        imported.write_text(evalctl("import", "--division", SHARD[0],
                                    PUBLISHED).stdout, "utf-8")
        totals = [v["total"] for v in lines(evalctl("score", "--json",
                                                    imported))]
        self.assertEqual(totals, [v["total"] for v in lines(
            evalctl("score", "--json", *FORMS))])

    def test_strict_fails_where_a_figure_is_wrong(self):
        job = form(2)
        self.assertEqual(evalctl("score", "--strict", self.file(job)).returncode,
                         0)
        job["total"] = "99.91"
        path = self.file(job)
        self.assertEqual(evalctl("score", path).returncode, 0)
        run = evalctl("score", "--strict", path, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("A10", run.stdout)

    def test_a_broken_line_costs_only_itself(self):
        bad = dict(form(1), fiscal_year="x", surprise=1)
        path = self.file(form(1), '{"v": 1, "kind": \n', bad, form(2))
        run = evalctl("score", "--json", path, check=False)
        answers = lines(run)
        self.assertEqual(run.returncode, 1)
        self.assertEqual([a.get("kind") for a in answers],
                         [None, "reject", "reject", None])
        self.assertEqual({p["key"] for p in answers[2]["problems"]},
                         {"fiscal_year", "surprise"})

    def test_what_commands_a_terminal_does_not_reach_it(self):
        evil = "\x1b[31m\x1b]0;owned\x07\r\n\x9b2J\u202e"
        job = form(2)
        for key in ("pro_name", "dept_name", "agency_name", "reason", "measure",
                    "grade"):
            job[key] = f"a{evil}"
        for row in job["indicators"]:
            row.update(level1=f"b{evil}", name=f"c{evil}", unit=evil,
                       actual=f"d{evil}", reason=evil)
        path = self.file(job, '{"v\\u001b[2J\\u009b": 1}\n')
        for words in (["score"], ["explain"], ["score", "--json"],
                      ["score", "--findings"]):
            run = evalctl(*words, path, check=False)
            shown = (run.stdout + run.stderr).replace("\n", "")
            self.assertEqual([c for c in shown if c < " " or c in
                              "\x7f\x9b\u202e"], [], words)
        self.assertEqual(lines(evalctl("score", "--json", path, check=False))
                         [0]["indicators"][0]["name"], f"c{evil}")

    def test_what_is_neither_job_nor_form_is_said_to_be_so(self):
        for text in ("", "[1, 2]", "\0\1\2", "no form\n", "\u00ff" * 40000):
            run = evalctl("score", self.file(text), "--lang", "en", check=False)
            self.assertEqual((run.returncode, run.stdout), (1, ""))
            self.assertIn("neither a job nor a published form", run.stderr)

    def test_a_file_that_is_no_job_is_one_sentence(self):
        for path in (SOURCE / "README.md", SOURCE / "docs" / "RULES.md"):
            run = evalctl("submit", path, "--lang", "en", "--submit",
                          "ipc:///nowhere", check=False)
            self.assertEqual((run.returncode, run.stderr), (
                1, f"{path}: neither a job nor a published form\n"))

    def test_what_has_no_end_is_not_read_to_the_end(self):
        run = evalctl("score", "/dev/zero", "--lang", "en", check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("/dev/zero: neither a job nor a published form: it is no "
                      "text", run.stderr)

    def test_help_says_how_rejects_and_watch_are_used(self):
        for command, words in (
                ("rejects", ("--export > jobs.jsonl",
                             "--requeue all --with jobs.jsonl")),
                ("watch", ("--from SEQ", "Ctrl-C", "--count"))):
            text = " ".join(
                evalctl(command, "--help", "--lang", "en").stdout.split())
            use, options = text.split(" Options: ", 1)
            for word in words:
                self.assertIn(word, use)
            for option in re.findall(r"--[a-z]+", use):
                self.assertIn(option, options)

    def test_what_cannot_be_written_is_no_success(self):
        for words in (["score", *FORMS], ["rules", "list"], ["--help"],
                      ["import", "--division", SHARD[0], PUBLISHED]):
            with open("/dev/full", "w", encoding="ascii") as full:
                run = subprocess.run([EVALCTL, *words], stdout=full, timeout=60,
                                     stderr=subprocess.PIPE, check=False)
            self.assertEqual(run.returncode, 1, words)
            self.assertNotEqual(run.stderr, b"")

    def test_both_languages(self):
        zh = evalctl("score", "--lang", "zh", FORMS[1]).stdout
        en = evalctl("score", "--lang", "en", FORMS[1]).stdout
        self.assertIn("财政项目支出绩效自评表（2024年度）", zh)
        self.assertIn("评分等级", zh)
        self.assertIn("Total score", en)
        self.assertNotIn("\033", zh + en)
        self.assertEqual(re.findall(r"[SAWC]\d\d", zh),
                         re.findall(r"[SAWC]\d\d", en))

    def test_explain_says_why_what_needs_no_arithmetic(self):
        job = json.loads(FORMS[1].read_text("utf-8"))
        rows = job["indicators"]
        rows[1].update(op="<=", target="0", actual="1")
        job["funds"]["total"].update(budget="0", executed="0")
        file = self.folder / "why.json"
        file.write_text(json.dumps(job, ensure_ascii=False), "utf-8")
        text = evalctl("explain", "--lang", "en", file).stdout
        for why in ("no rate without a budget: 0.00",
                    "the target is met: the full 30.00",
                    "a target of 0 is met or earns nothing: 0.00",
                    "the declared score stands: 30.00"):
            self.assertIn(why, text)

    def test_explain_shows_the_arithmetic(self):
        text = evalctl("explain", "--lang", "en", FORMS[1]).stdout
        self.assertIn("297.11 × 100.00 ÷ 300.00 = 99.03", text)
        self.assertIn("10.00 × 297.11 ÷ 300.00 = 9.90", text)
        self.assertIn("the sum of the scores above = 99.90", text)

    def test_wrong_usage_is_2(self):
        for words in (["frob"], ["score"], ["score", "--frob", "x"],
                      ["list", "310113000"], ["list", "31", "2024"],
                      ["list", *SHARD, "--worst", "0"], ["rules", "frob"],
                      ["list", SHARD[0], "2024x"], ["list", SHARD[0], " 2024"],
                      ["rules", "list", "--lang", "tlh"],
                      ["watch", SHARD[0], "--from", "3"],
                      ["submit", FORMS[0], "--fire-and-forget", "--outbox", "x"],
                      ["verify", SHARD[0]], ["ping", "--redis", "host:frob"],
                      []):
            run = evalctl(*words, check=False)
            self.assertEqual((run.returncode, words), (2, words))

    def test_a_wrong_option_is_told_with_its_command(self):
        run = evalctl("verify", "--fix", check=False)
        self.assertEqual(run.returncode, 2)
        self.assertTrue(run.stderr.startswith("evalctl verify"), run.stderr)
        run = evalctl("--json", "verify", check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn("--json", run.stderr)
        self.assertNotIn("there is no command", run.stderr)

    def test_unreachable_is_3(self):
        away = ["--redis", "unix:/nowhere/redis.sock",
                "--events", "ipc:///nowhere/events",
                "--jobs", "ipc:///nowhere/jobs", "--metrics", "127.0.0.1:1",
                "--submit", "ipc:///nowhere/submit"]
        for words in (["show", *SHARD, POOR], ["list", *SHARD],
                      ["aggregate", *SHARD], ["verify"], ["rejects"],
                      ["watch"], ["ping"], ["submit", "--wait", "1", FORMS[0]],
                      ["submit", "--fire-and-forget", "--wait", "1", FORMS[0]]):
            run = evalctl(*words, *away, check=False)
            self.assertEqual((run.returncode, words), (3, words), run.stderr)
        run = evalctl("verify", "--lang", "en", *away, check=False)
        self.assertIn("evalctl ping says what answers", run.stderr)

    def test_rules_are_listed_checked_and_compared(self):
        ids = [r["id"] for r in lines(evalctl("rules", "list", "--json"))]
        self.assertIn("cn-sh-2024", ids)
        folder = SOURCE / "config" / "rulesets"
        evalctl("rules", "check", folder / "cn-2020.yaml")
        bad = self.folder / "bad.yaml"
        bad.write_text("id: bad\nversion: 1\nfrob: 2\n")
        run = evalctl("rules", "check", bad, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("bad.yaml:3", run.stderr)
        same = evalctl("rules", "diff", "cn-2020", "cn-2020", "--lang", "en")
        self.assertEqual(same.stdout, "no difference\n")
        other = evalctl("rules", "diff", "cn-2020", "cn-sh-2024").stdout
        self.assertIn("execution.rate_rounding: half_up 2 → down 2\n", other)
        values = other.split("score_rounding")[0]  # the rest is the same
        self.assertEqual(values.count("→"), 2)  # of values, and of sources
        self.assertIn("(unverified) → 上海市宝山区", values)
        lists = evalctl("rules", "diff", "cn-2020", "cn-2021").stdout
        self.assertIn('  - - { name: "产出指标", weight: 50 }\n', lists)
        self.assertIn('  + - { name: "产出指标", weight: 40 }\n', lists)


class WithDaemon(EndToEnd):
    def setUp(self):
        super().setUp()
        self.evald = self.daemon()

    def ctl(self, *words, **more):
        return evalctl(*words, "--config", self.evald.config, **more)

    def submit(self, *files):
        return self.ctl("submit", "--fire-and-forget", *files)

    def submit_all(self):
        self.submit(*FORMS)
        return self.ctl("watch", *SHARD, "--from", "1", "--count", "11",
                        "--json")

    def verify(self):
        """The exit status, and the differences of the one shard."""
        run = self.ctl("verify", "--json", "--lang", "en", check=False)
        return run.returncode, lines(run)[0]["differences"]

    def test_submit_tells_every_outcome(self):
        def outcomes(*files, status=0):
            run = self.ctl("submit", "--json", *files, check=False)
            self.assertEqual(run.returncode, status, run.stderr)
            *answers, last = lines(run)
            self.assertEqual(last["answered"], len(answers))
            return [one["outcome"] for one in answers], answers

        def variant(**changes):
            path = self.evald.folder / "variant.json"
            path.write_text(json.dumps(dict(form(1), **changes)))
            return path
        self.assertEqual(outcomes(*FORMS)[0], ["committed"] * 11)
        again, answers = outcomes(*FORMS)
        self.assertEqual(again, ["unchanged"] * 11)
        self.assertEqual(len({one["seq"] for one in answers}), 1 if
                         answers[0]["seq"] == 0 else 11)
        self.assertEqual(outcomes(variant(reason="他"), status=1)[0],
                         ["conflict"])
        self.assertEqual(outcomes(variant(reason="他", revision=2))[0],
                         ["superseded"])
        self.assertEqual(outcomes(variant())[0], ["stale"])
        refused, (one,) = outcomes(variant(ruleset="no-such", revision=3),
                                   status=1)
        self.assertEqual(refused, ["rejected"])
        self.assertEqual([p["code"] for p in one["problems"]],
                         ["unknown_ruleset"])
        self.assertIn("11 jobs answered", self.ctl(
            "submit", "--lang", "en", *FORMS[1:], FORMS[1]).stdout)

    def test_ping(self):
        self.assertTrue(all(p["fine"] for p in lines(self.ctl("ping",
                                                              "--json"))))

    def test_with_its_output_closed_it_writes_nowhere_else(self):
        """A closed stdout must not leave its number to the socket of Redis."""
        self.submit_all()
        self.redis.call("CONFIG", "RESETSTAT")
        subprocess.run([EVALCTL, "list", *SHARD, "--config", self.evald.config],
                       preexec_fn=lambda: os.close(1), timeout=60, check=True)
        errors = self.redis.call("INFO", "errorstats").decode()
        self.assertNotIn("errorstat_", errors)

    def test_watch_prints_what_the_daemon_publishes(self):
        seen = self.reader(self.evald)
        watched = lines(self.submit_all())
        published = seen.until("event", 11)
        self.assertEqual(watched, published)

    def test_watch_says_what_a_new_epoch_may_mean(self):
        self.submit_all()
        watch = subprocess.Popen(
            [EVALCTL, "watch", *SHARD, "--from", "11", "--count", "2", "--lang",
             "en", "--config", self.evald.config], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        watch.stdout.readline()
        self.redis.call("HINCRBY", "evald:1:{310113000:2024}:aggregate",
                        "forms", 1)
        self.ctl("verify", "--repair")
        path = pathlib.Path(self.folder, "next.json")
        path.write_text(json.dumps(dict(form(1), revision=2)))
        self.ctl("submit", path)
        said = watch.communicate(timeout=60)[1]
        self.assertRegex(said, r"epoch \d+ begins: .* may be older")

    def test_a_division_that_nothing_is_stored_of_is_told(self):
        self.submit_all()
        for command in ("list", "aggregate", "verify", "report", "recalc"):
            with self.subTest(command=command):
                run = self.ctl(command, "310113001", "2024", "--lang", "en",
                               check=False)
                self.assertEqual((run.returncode, run.stdout), (1, ""))
                self.assertRegex(run.stderr, "nothing is stored (for|of) "
                                 "310113001,? 2024")
        for command in ("show", "explain"):
            run = self.ctl(command, "310113001", "2024", "X", "--lang", "en",
                           check=False)
            self.assertEqual((run.returncode, run.stdout), (1, ""))
            self.assertIn("no result of X in 310113001, 2024", run.stderr)

    def test_a_division_whose_forms_were_withdrawn_is_known(self):
        withdrawal = pathlib.Path(self.folder, "withdrawal.json")
        withdrawal.write_text(json.dumps(
            {"v": 1, "kind": "withdraw", "job_id": "w", "source": "t",
             "mof_div_code": "310113009", "fiscal_year": 2024,
             "pro_code": "X", "revision": 1}))
        self.ctl("submit", withdrawal)
        self.assertIn("0 of 0 forms", self.ctl(
            "list", "310113009", "2024", "--lang", "en").stdout)

    def test_list_holds_each_form_against_what_it_declared(self):
        self.submit_all()
        listed = lines(self.ctl("list", *SHARD, "--json"))
        self.assertEqual(len(listed), 11)
        self.assertTrue(all(entry["as_declared"] for entry in listed))
        totals = [float(entry["total"]) for entry in listed]
        self.assertEqual(totals, sorted(totals))
        worst = lines(self.ctl("list", *SHARD, "--worst", "2", "--json"))
        self.assertEqual(worst, listed[:2])
        self.assertEqual(worst[0]["pro_code"], POOR)
        self.assertEqual(self.ctl("list", *SHARD).stdout.count("✓"), 45)

    def test_a_declared_figure_that_differs_is_marked(self):
        job = form(2)
        job["funds"]["total"]["rate"] = "99.04"
        path = pathlib.Path(self.folder) / "job.json"
        path.write_text(json.dumps(job))
        self.submit(path)
        self.ctl("watch", *SHARD, "--from", "1", "--count", "1")
        self.assertIn("99.03 ✗ 99.04", self.ctl("list", *SHARD).stdout)
        shown = self.ctl("show", *SHARD, job["pro_code"], "--strict",
                         check=False)
        self.assertIn("A02", shown.stdout)

    def test_show_is_what_score_says(self):
        self.submit_all()
        offline = {v["pro_code"]: v for v in lines(
            evalctl("score", "--json", *FORMS))}
        for code, verdict in offline.items():
            shown = self.ctl("show", *SHARD, code, "--json")
            self.assertEqual(lines(shown), [verdict])
        explained = self.ctl("explain", *SHARD, POOR, "--lang", "zh").stdout
        self.assertIn("得分由来", explained)
        missing = self.ctl("show", *SHARD, "nothing", check=False)
        self.assertEqual(missing.returncode, 1)
        self.assertIn(f"no result of nothing in {SHARD[0]}, {SHARD[1]}",
                      missing.stderr)

    def test_show_outlives_the_ruleset_file(self):
        self.submit_all()
        other = pathlib.Path(self.folder) / "other"
        other.mkdir()
        national = SOURCE / "config" / "rulesets" / "cn-2020.yaml"
        (other / "cn-2020.yaml").write_bytes(national.read_bytes())
        address = f"unix:{self.redis.socket}"
        shown = evalctl("show", *SHARD, POOR, "--json", "--redis", address,
                        "--rulesets", other)
        self.assertEqual(lines(shown)[0]["ruleset"]["id"], "cn-sh-2024")

    def test_show_says_where_a_stored_result_was_changed(self):
        self.submit_all()
        stored = self.redis.call("HGET", KEY + "results", POOR)
        other = stored.replace("市管干部保健金".encode(), "市管干部保健费".encode())
        self.assertNotEqual(stored, other)
        self.redis.call("HSET", KEY + "results", POOR, other)
        run = self.ctl("show", *SHARD, POOR, check=False)
        self.assertEqual(run.returncode, 1)

    def test_verify_names_what_was_changed(self):
        self.submit_all()
        self.assertEqual(self.verify(), (0, []))
        self.redis.call("HINCRBY", KEY + "aggregate", "budget_fen", 1)
        status, differences = self.verify()
        self.assertEqual(status, 1)
        self.assertEqual(differences, [
            "aggregate: budget_fen is 722330001, the results give 722330000"])
        self.redis.call("HINCRBY", KEY + "aggregate", "budget_fen", -1)
        self.assertEqual(self.verify(), (0, []))
        self.redis.call("HDEL", KEY + "results", POOR)
        status, differences = self.verify()
        self.assertEqual(status, 1)
        self.assertTrue(any("grade_poor is 1" in d for d in differences))
        self.assertTrue(any("department" in d for d in differences))

    def test_verify_finds_a_hole_in_the_log(self):
        for number in (1, 2, 3):
            self.submit(FORMS[number - 1])
            self.ctl("watch", *SHARD, "--from", "1", "--count", str(number))
        self.redis.call("XDEL", KEY + "events", "2-0")
        self.assertEqual(self.verify(), (1, ["the log has a hole: 1 is "
                                             "followed by 3"]))
        watched = self.ctl("watch", *SHARD, "--from", "1", "--count", "2",
                           "--json")
        self.assertEqual([m["kind"] for m in lines(watched)],
                         ["event", "lost", "event"])

    def test_a_bad_job_is_told_here_or_lies_with_the_rejects(self):
        bad = pathlib.Path(self.folder) / "bad.json"
        bad.write_text(json.dumps(dict(form(1), revision=0)))
        here = self.ctl("submit", "--fire-and-forget", bad, check=False)
        self.assertEqual(here.returncode, 1)
        self.assertIn("revision", here.stderr)
        self.ctl("submit", "--fire-and-forget", "--unchecked", bad)
        rejects = wait_for("the reject", lambda: lines(
            self.ctl("rejects", "--json")))
        self.assertEqual(len(rejects), 1)
        self.assertEqual(rejects[0]["job_id"], "published-2024-01")
        self.assertEqual([p["key"] for p in rejects[0]["problems"]],
                         ["revision"])
        self.assertIn("revision", self.ctl("rejects").stdout)

    def test_aggregate(self):
        self.submit_all()
        sums = lines(self.ctl("aggregate", *SHARD, "--json"))[0]
        self.assertEqual(sums["forms"], 11)
        self.assertEqual(sums["budget_fen"], 722330000)
        self.assertEqual([d["forms"] for d in sums["departments"]], [11])
        self.assertIn("722.33", self.ctl("aggregate", *SHARD).stdout)
        empty = self.ctl("aggregate", "310114000", "2024", check=False)
        self.assertEqual(empty.returncode, 1)

    def test_a_thousand_jobs_from_one_file(self):
        path = pathlib.Path(self.folder) / "many.jsonl"
        path.write_text("".join(json.dumps(dict(
            form(1 + i % 11), pro_code=f"P{i}", job_id=f"j{i}")) + "\n"
            for i in range(1000)))
        self.submit(path)
        watched = self.ctl("watch", *SHARD, "--from", "1", "--count", "1000",
                           "--json")
        self.assertEqual([m["seq"] for m in lines(watched)],
                         list(range(1, 1001)))
        self.assertEqual(self.verify(), (0, []))


if __name__ == "__main__":
    main()
