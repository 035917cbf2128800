#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: submit_test.py EVALCTL EXAMPLES-FOLDER

evalctl submit against a scripted door: what it says, and how it exits."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from door import Door, retry

EVALCTL, FORMS = "", []


def answer(correlation, frame, outcome="committed", **more):
    job = msgpack.unpackb(frame)
    return [correlation, 0, {
        "job_id": job["job_id"], "outcome": outcome, "epoch": 1,
        "seq": correlation, "total": "99.9", "grade": "优", "revision": 1,
        "mof_div_code": job["mof_div_code"], "pro_code": job["pro_code"],
        "fiscal_year": job["fiscal_year"], "form_digest": "0" * 32, **more}]


class Submit(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.outbox = os.path.join(self.folder.name, "outbox")
        self.door = Door()

    def tearDown(self):
        self.door.close()
        self.folder.cleanup()

    def submit(self, *words):
        """Starts evalctl; the end of it is a function."""
        run = subprocess.Popen(
            [EVALCTL, "submit", "--submit", self.door.endpoint, "--lang", "en",
             *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        said = []
        reader = threading.Thread(target=lambda: said.extend(run.communicate()))
        reader.start()

        def end():
            reader.join(30)
            return run.returncode, said[0], said[1]
        end.runs = reader.is_alive
        return end

    def test_all_answered(self):
        end = self.submit(*FORMS)
        jobs = self.door.jobs(11)
        self.assertEqual(self.door.hellos[0]["source"], "evalctl")
        for i, (peer, _, number, frame) in enumerate(jobs):
            self.door.answer(peer, answer(
                number, frame, "unchanged" if i % 2 else "committed"))
        status, out, err = end()
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, "11 jobs answered by .*, durability always:\n"
                              " +6  stored\n +5  same revision")

    def test_lines_of_json(self):
        end = self.submit("--json", *FORMS[:2])
        for peer, _, number, frame in self.door.jobs(2):
            self.door.answer(peer, answer(number, frame))
        status, out, _ = end()
        *answers, last = map(json.loads, out.splitlines())
        self.assertEqual(status, 0)
        self.assertEqual([one["outcome"] for one in answers],
                         ["committed", "committed"])
        self.assertEqual(answers[0]["pro_code"],
                         json.loads(FORMS[0].read_text())["pro_code"])
        self.assertEqual((last["sent"], last["answered"], last["rejected"],
                          last["outcomes"]["committed"]), (2, 2, 0, 2))

    def test_a_rejected_job_is_told_and_exits_1(self):
        end = self.submit(*FORMS[:2])
        (peer, _, number, frame), second = self.door.jobs(2)
        self.door.answer(peer, [number, 1, {
            "job_id": "the-job", "outcome": "rejected", "rejects_id": "1-0",
            "problems": [{"code": "unknown_ruleset", "key": "ruleset",
                          "offset": 7, "text": "没有"}]}])
        self.door.answer(peer, answer(*second[2:]))
        status, out, err = end()
        self.assertEqual(status, 1)
        self.assertIn("the-job: not a valid job\n  ruleset: no such ruleset",
                      err)
        self.assertIn("1  stored", out)

    def test_a_conflict_exits_1(self):
        end = self.submit(FORMS[0])
        (peer, _, number, frame), = self.door.jobs(1)
        self.door.answer(peer, answer(number, frame, "conflict"))
        self.assertEqual(end()[0], 1)

    def test_what_is_rejected_here_is_not_sent(self):
        bad = pathlib.Path(self.folder.name) / "bad.json"
        bad.write_text(FORMS[0].read_text().replace(
            '"revision": 1', '"revision": 0'))
        end = self.submit(bad, FORMS[1])
        (peer, _, number, frame), = self.door.jobs(1)
        self.door.answer(peer, answer(number, frame))
        status, out, err = end()
        self.assertEqual(status, 1)
        self.assertIn("revision", err)
        self.assertIn("1  rejected here and not sent", out)

    def test_nobody_there_is_3(self):
        self.door.close()
        status, _, err = self.submit("--wait", 1, FORMS[0])()
        self.assertEqual(status, 3)
        self.assertIn("nobody answers", err)

    def test_a_store_that_is_away_is_3_with_its_reason(self):
        end = self.submit("--wait", 2, FORMS[0])
        (peer, _, number, _), = self.door.jobs(1)
        self.door.answer(peer, retry(number, 60000))
        while end.runs():
            self.door.quiet(0.1)
        status, _, err = end()
        self.assertEqual(status, 3)
        self.assertIn("its Redis cannot be reached; evalctl ping says more "
                      "(store_away)", err)

    def many(self, count):
        file = pathlib.Path(self.folder.name) / "many.jsonl"
        job = json.loads(FORMS[0].read_text())
        file.write_text("".join(
            json.dumps({**job, "job_id": f"many-{n}"}, ensure_ascii=False)
            + "\n" for n in range(count)))
        return file

    def test_giving_up_counts_what_was_never_sent(self):
        jobs = 9000  # more than evalctl holds at once
        bad = pathlib.Path(self.folder.name) / "bad.json"
        bad.write_text(FORMS[0].read_text().replace(
            '"revision": 1', '"revision": 0'))
        end = self.submit("--wait", 2, "--json", FORMS[1], self.many(jobs), bad)
        peer, _, number, frame = self.door.jobs(1)[0]
        self.door.answer(peer, answer(number, frame))
        while end.runs():
            self.door.quiet(0.1)
        status, out, err = end()
        said = json.loads(out.splitlines()[-1])
        self.assertEqual(status, 3)
        self.assertEqual((said["answered"], said["rejected"]), (1, 1))
        self.assertGreater(said["unanswered"], 0)
        self.assertGreater(said["unsent"], 0)
        self.assertEqual(said["answered"] + said["unanswered"], said["sent"])
        self.assertEqual(said["sent"] + said["unsent"] + said["rejected"],
                         jobs + 2)
        self.assertIn("Send the files again", err)

    def test_giving_up_says_so_in_words(self):
        self.door.close()
        status, out, err = self.submit("--wait", 1, "--outbox", self.outbox,
                                       self.many(9000))()
        self.assertEqual(status, 3)
        self.assertRegex(out, "(?s)0 jobs answered.* sent, without an answer\n"
                              ".* never sent\n")
        self.assertIn("Those that were sent are in the outbox, the others are "
                      "not", err)

    def test_on_a_terminal_it_says_that_it_waits_and_how_long(self):
        self.door.close()
        ours, theirs = os.openpty()
        run = subprocess.Popen(
            [EVALCTL, "submit", "--submit", self.door.endpoint, "--lang", "en",
             "--wait", "2", FORMS[0]], stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        said = b""
        try:
            while more := os.read(ours, 4096):
                said += more
        except OSError:
            pass  # the other end is closed
        os.close(ours)
        run.communicate()
        self.assertEqual(run.returncode, 3)
        self.assertIn(f"waiting for evald at {self.door.endpoint}, for 2 s at "
                      "most", said.decode())
        self.assertIn("for 1 s at most", said.decode())

    def test_an_outbox_carries_on(self):
        self.door.close()
        status, _, err = self.submit("--wait", 1, "--outbox", self.outbox,
                                     *FORMS[:3])()
        self.assertEqual(status, 3)
        self.assertIn("outbox", err)
        self.door = Door(port=self.door.port)
        end = self.submit("--outbox", self.outbox, FORMS[3])
        for peer, _, number, frame in self.door.jobs(4):
            self.door.answer(peer, answer(number, frame))
        status, out, err = end()
        self.assertEqual(status, 0)
        self.assertIn("3 jobs without an answer were in the outbox", err)
        self.assertIn("4 jobs answered", out)


if __name__ == "__main__":
    EVALCTL = sys.argv[1]
    FORMS = sorted(pathlib.Path(sys.argv[2]).glob("*.json"))
    unittest.main(argv=sys.argv[:1])
