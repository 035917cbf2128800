#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bad jobs: each is refused with its reason, counted, kept and told; and the
next good one is served."""
import math
import struct
import time

import msgpack

import frames
from harness import EndToEnd, main

GOOD = frames.form(1, 70000)


def with_(**changes):
    return msgpack.packb({**GOOD, **changes})


def without(key):
    return msgpack.packb({k: v for k, v in GOOD.items() if k != key})


def row(**changes):
    return with_(indicators=[{**GOOD["indicators"][0], **changes}])


def money(**changes):
    return with_(funds={"total": {**GOOD["funds"]["total"], **changes}})


def nested(depth):
    return with_(x_deep=eval("[" * depth + "]" * depth))  # pylint: disable=W0123


def twice(key):
    """The key a second time, at the end of the top map."""
    packed = msgpack.packb(GOOD)
    assert packed[0] == 0xDE or packed[0] & 0xF0 == 0x80
    head, rest = (3, len(GOOD)) if packed[0] == 0xDE else (1, len(GOOD))
    return (struct.pack(">BH", 0xDE, rest + 1) + packed[head:] +
            msgpack.packb(key) + msgpack.packb(GOOD[key]))


def invalid_utf8():
    packed = msgpack.packb({**GOOD, "pro_name": "AAAA"})
    return packed.replace(b"AAAA", b"A\xff\xfeA")


PACKED = msgpack.packb(GOOD)
SOURCE = GOOD["source"]

# (what, frame, code among the problems, key it names, whether told to source)
CASES = [
    ("an empty frame", b"", "truncated", "", False),
    ("half a job", PACKED[:len(PACKED) // 2], "false_count", None, None),
    ("all but a byte", PACKED[:-1], "truncated", None, None),
    ("a job and a byte", PACKED + b"\xc0", "trailing_bytes", None, None),
    ("two megabytes", with_(x_large="x" * 2_000_000), "oversized", None, None),
    ("sixty levels", nested(60), "too_deep", None, None),
    ("five bytes of a huge array", b"\xdd\xff\xff\xff\xff", "false_count", "",
     False),
    ("a false count inside", PACKED.replace(
        msgpack.packb("indicators") + b"\x94",
        msgpack.packb("indicators") + b"\xdd\x7f\xff\xff\xff"), "false_count",
     None, None),
    ("a key twice", twice("pro_code"), "duplicate_key", None, None),
    ("invalid UTF-8", invalid_utf8(), "invalid_utf8", None, None),
    ("an ext type", with_(x_ext=msgpack.ExtType(5, b"1")), "bad_byte", None,
     None),
    ("a map of 100 keys", with_(x_map={f"k{i}": i for i in range(100)}),
     "too_many_keys", None, None),
    ("no map", msgpack.packb([1, 2, 3]), "wrong_type", None, False),
    ("a number as a name", with_(pro_name=5), "wrong_type", "pro_name", True),
    ("a text as rows", with_(indicators="x"), "wrong_type", "indicators", True),
    ("an unknown key", with_(colour="red"), "unknown_key", "colour", True),
    ("an unknown key in a row", row(wieght="5"), "unknown_key",
     "indicators[0].wieght", True),
    ("no pro_code", without("pro_code"), "missing_key", "pro_code", True),
    ("no indicators", without("indicators"), "missing_key", "indicators", True),
    ("not a number", money(budget=math.nan), "not_finite",
     "funds.total.budget", True),
    ("infinity", row(weight=math.inf), "not_finite", "indicators[0].weight",
     True),
    ("a float of many digits", money(budget=0.1 + 0.2), "out_of_range",
     "funds.total.budget", True),
    ("a budget of 10^30", money(budget="1" + "0" * 30), "out_of_range",
     "funds.total.budget", True),
    ("a thousandth of a fen", with_(money_unit="元", funds={"total": {
        "opening": "1.001", "budget": "2", "executed": "2"}}), "out_of_range",
     "funds.total.opening", True),
    ("a year of the Qing", with_(fiscal_year=1793), "out_of_range",
     "fiscal_year", True),
    ("revision 0", with_(revision=0), "out_of_range", "revision", True),
    ("a budget in words", money(budget="三百"), "bad_number",
     "funds.total.budget", True),
    ("a thousands separator", money(budget="1,000.00"), "bad_number",
     "funds.total.budget", True),
    ("no rows", with_(indicators=[]), "empty_array", "indicators", True),
    ("600 rows", with_(indicators=GOOD["indicators"][:1] * 600), "too_long",
     "indicators", True),
    ("a long pro_code", with_(pro_code="9" * 41), "too_long", "pro_code", True),
    ("an empty pro_code", with_(pro_code=""), "empty_text", "pro_code", True),
    ("an escape sequence as a source", with_(source="a\x1b[2J"), "bad_text",
     "source", False),
    ("the same in one character", with_(job_id="a\x9b2J"), "bad_text", "job_id",
     None),
    ("a short division", with_(mof_div_code="310113"), "bad_text",
     "mof_div_code", True),
    ("an unknown operator", row(op="~"), "not_allowed", "indicators[0].op",
     True),
    ("rows whose scores add up past what a score may be", with_(indicators=[
        frames.quality("效益指标", "社会效益指标", f"服务能力{i}",
                       200000000000) for i in range(8)]), "out_of_range",
     "indicators[4].score", True),
    ("a job of tomorrow", with_(v=2), "bad_version", "v", True),
    ("an unknown kind", with_(kind="forget"), "bad_kind", "kind", True),
    ("an unknown ruleset", with_(ruleset="cn-mars-2024"), "unknown_ruleset",
     "ruleset", True),
]


class BadInput(EndToEnd):
    def setUp(self):
        super().setUp()
        self.evald = self.daemon()
        self.seen = self.reader(self.evald)
        self.push = self.producer(self.evald)

    def kept(self):
        """The rejects stream as [(id, {field: bytes})]."""
        return [(entry.decode(), dict(zip(fields[::2], fields[1::2])))
                for entry, fields in
                self.redis.call("XRANGE", "evald:1:rejects", "-", "+")]

    def good(self, number):
        before = len(self.seen.of("receipt"))
        self.push.send(frames.form(number, 60000))
        receipt = self.seen.until("receipt", before + 1)[-1]
        self.assertEqual(receipt["outcome"], "committed")

    def test_each_is_refused_and_the_next_one_served(self):
        for number, (what, frame, code, key, told) in enumerate(CASES, 1):
            with self.subTest(what):
                notices = len(self.seen.of("reject"))
                self.push.raw(frame)
                self.good(number + 100)
                entry, fields = self.kept()[-1]
                self.assertEqual(len(self.kept()), number, "kept once")
                self.check_bytes(frame, fields[b"frame"])
                problems = msgpack.unpackb(fields[b"problems"])
                self.check_problem(problems, code, key)
                self.seen.poll(0.05)
                new = self.seen.of("reject")[notices:]
                self.check_notice(new, entry, problems, told)
        self.check_counts()

    def check_bytes(self, frame, kept):
        if len(frame) <= 65536:
            self.assertEqual(kept, frame)
        else:
            self.assertEqual(kept, frame[:len(kept)])
            self.assertGreater(len(kept), 0)

    def check_problem(self, problems, code, key):
        fitting = [p for p in problems if p["code"] == code]
        self.assertTrue(fitting, f"{code} not among {problems}")
        if key is not None:
            self.assertIn(key, [p["key"] for p in fitting])
        for problem in problems:
            self.assertGreater(len(problem["text"]), 4)
            self.assertGreaterEqual(problem["offset"], 0)

    def check_notice(self, new, entry, problems, told):
        if told is None:
            return
        self.assertEqual(len(new), int(told))
        if told:
            self.assertEqual(new[0]["problems"], problems)
            self.assertEqual(new[0]["rejects_id"], entry)
            self.assertEqual(new[0]["job_id"], GOOD["job_id"])
            self.assertIn(f"reject.{SOURCE}",
                          [topic for topic, _ in self.seen.messages])

    def check_counts(self):
        metrics = self.evald.metrics()
        jobs = {k: v for k, v in metrics.items() if "outcome=" in k}
        by = {k.split('"')[1]: v for k, v in jobs.items()}
        self.assertEqual(by["rejected"], len(CASES))
        self.assertEqual(by["committed"], len(CASES))
        shard = self.assert_sound()
        self.assertEqual(shard.seq, len(CASES))

    def test_all_problems_of_a_job_are_told_at_once(self):
        self.push.raw(with_(colour="red", pro_code="", fiscal_year=1,
                            indicators=[], revision="one"))
        (notice,) = self.seen.until("reject", 1)
        codes = sorted(p["code"] for p in notice["problems"])
        self.assertEqual(codes, ["empty_array", "empty_text", "out_of_range",
                                 "unknown_key", "wrong_type"])

    def test_a_sum_past_64_bits_names_its_cells(self):
        """A budget each that fits; nine of them in one department do, too."""
        large = "999999999999"
        funds = {"total": {"opening": "1", "budget": large, "executed": large}}
        for number in range(9):
            self.push.send({**frames.form(5 * number, 0), "funds": funds})
        self.seen.until("receipt", 9)
        self.push.send({**frames.form(50, 0), "funds": funds})
        (notice,) = self.seen.until("reject", 1)
        self.assertEqual([(p["code"], p["key"]) for p in notice["problems"]],
                         [("out_of_range", "funds.total.budget"),
                          ("out_of_range", "funds.total.executed")])
        self.assertIn("合计", notice["problems"][0]["text"])
        self.good(100)
        self.assert_sound()

    def test_a_flood_of_garbage_is_bounded(self):
        """More than is kept: the rest is evicted and counted, memory stays."""
        for i in range(15000):
            self.push.raw(b"\xc1" * (i % 50 + 1))
        self.good(1)
        kept = self.redis.call("XLEN", "evald:1:rejects")
        evicted = int(self.redis.call("GET", "evald:1:rejects:evicted") or 0)
        self.assertEqual(kept + evicted, 15000)
        self.assertLess(kept, 11000)
        with open(f"/proc/{self.evald.process.pid}/status",
                  encoding="ascii") as status:
            (rss,) = [line for line in status if line.startswith("VmRSS")]
        self.assertLess(int(rss.split()[1]), 1_000_000)

    def test_an_enormous_frame_does_not_stop_the_door(self):
        self.push.raw(b"\x00" * 40_000_000)
        time.sleep(0.5)
        fresh = self.producer(self.evald)
        fresh.send(frames.form(7, 60000))
        self.seen.until("receipt", 1)


if __name__ == "__main__":
    main()
