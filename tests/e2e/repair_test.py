#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Damage of every kind is planted in Redis; `evalctl verify` names it,
`--repair` mends it from the results, and readers and daemons notice."""
import json
import signal
import subprocess
import threading
import time

import frames
import msgpack
from harness import (EVALCTL, SLOWNESS, EndToEnd, Shard, checksum, evalctl,
                     main, wait_for)

PREFIX = "evald:1:{310113000:2024}:"
AGGREGATE, RESULTS = PREFIX + "aggregate", PREFIX + "results"
DEPARTMENTS, EVENTS = PREFIX + "departments", PREFIX + "events"


class Repair(EndToEnd):
    def setUp(self):
        super().setUp()
        self.evald = self.daemon()
        self.door = self.submitter(self.evald)
        self.door.submit({n: frames.frame(n, 60000 + n) for n in range(60)})
        self.epoch = Shard(self.redis).epoch

    def verify(self, *more, status=0):
        run = evalctl("verify", "310113000", "2024", "--json", "--lang", "en",
                      "--redis", f"unix:{self.redis.socket}", *more,
                      check=False)
        if status is not None:
            self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        return json.loads(run.stdout)

    def assert_sound(self, **shard):
        """The log of the present epoch; an older one may stay broken."""
        found = Shard(self.redis, **shard)
        found.batches = [b for b in found.batches if b[1] == found.epoch]
        wrong = [d for d in found.differences()
                 if not d.startswith("batch ")]
        self.assertEqual(wrong, [])
        self.assertEqual(self.verify()["differences"], [])
        return found

    def mend(self, word):
        """Verify names it by `word`; then it is repaired."""
        found = self.verify(status=1)["differences"]
        self.assertTrue(any(word in text for text in found), found)
        said = self.verify("--repair")
        self.assertEqual(said["left"], [])
        self.assertTrue(said["repaired"])
        shard = self.assert_sound()
        self.assertGreater(shard.epoch, self.epoch)
        self.epoch = shard.epoch
        last = shard.batches[-1]
        self.assertEqual((last[1], last[2], last[3], last[6]),
                         (shard.epoch, shard.seq, shard.seq, shard.counters))
        self.assertEqual(last[7][0][0], 8, "the outcome `repaired`")
        self.assertEqual(last[5], checksum(shard.counters))
        self.go_on(shard)
        return said

    def go_on(self, shard):
        """The daemon takes the repaired state over and counts on from it."""
        number = 1000 + shard.seq
        self.door.submit({number: frames.frame(number, 70000)})
        _, said = self.door.answers[number]
        self.assertEqual((said["outcome"], said["epoch"], said["seq"]),
                         ("committed", shard.epoch, shard.seq + 1))
        self.assert_sound()

    def test_nothing_wrong_nothing_done(self):
        before = self.redis.hash(AGGREGATE)
        self.assertEqual(self.verify("--repair")["differences"], [])
        self.assertEqual(self.redis.hash(AGGREGATE), before)

    def test_a_counter_was_changed(self):
        self.redis.call("HINCRBY", AGGREGATE, "forms", 3)
        self.redis.call("HINCRBY", AGGREGATE, "total_e6", -1)
        said = self.mend("forms is 63, the results give 60")
        self.assertEqual(len(said["differences"]), 2)

    def test_a_counter_is_missing_or_is_no_number(self):
        self.redis.call("HDEL", AGGREGATE, "forms")
        self.mend("forms is 0")
        self.redis.call("HSET", AGGREGATE, "executed_fen", "many")
        self.mend('executed_fen holds "many"')

    def test_seq_or_epoch_is_no_number(self):
        self.redis.call("HSET", AGGREGATE, "seq", "x")
        self.mend('seq holds "x"')
        self.redis.call("HSET", AGGREGATE, "epoch", "1e3")
        self.mend('epoch holds "1e3"')

    def test_a_department_is_missing_extra_wrong_or_unreadable(self):
        wrong = msgpack.unpackb(self.redis.call("HGET", DEPARTMENTS, "001"))
        wrong[1] += 1
        self.redis.call("HDEL", DEPARTMENTS, "002")
        self.redis.call("HSET", DEPARTMENTS, "001", msgpack.packb(wrong),
                        "004", b"\xc1", "999", msgpack.packb(["x"] + [0] * 27))
        found = " ".join(self.verify(status=1)["differences"])
        for words in ("department 001: forms", "department 002 is missing",
                      "department 004 cannot be read",
                      "department 999 is there, but no result"):
            self.assertIn(words, found)
        self.mend("department 002")
        names = {k.decode(): msgpack.unpackb(v)[0] for k, v in
                 self.redis.hash(DEPARTMENTS).items()}
        self.assertEqual(names, dict(frames.DEPARTMENTS))

    def test_seq_is_behind_the_stream(self):
        self.redis.call("HINCRBY", AGGREGATE, "seq", -20)
        self.mend("but the log goes on to 60")

    def test_seq_is_ahead_of_the_stream(self):
        self.redis.call("HINCRBY", AGGREGATE, "seq", 7)
        self.mend("the log ends at 60, the aggregate's seq is 67")

    def test_the_aggregate_is_missing(self):
        self.redis.call("DEL", AGGREGATE)
        self.mend("the aggregate is missing")

    def test_keys_of_another_type_are_set_aside(self):
        for key in (AGGREGATE, DEPARTMENTS, EVENTS, PREFIX + "forms"):
            with self.subTest(key=key):
                self.redis.call("DEL", key)
                self.redis.call("SET", key, "another program's")
                if key.endswith("forms"):  # nothing is computed from it
                    said = self.verify("--repair")
                    self.go_on(Shard(self.redis))
                else:
                    said = self.mend(f"{key} is a string and must be a")
                (aside,) = [text.split(" renamed to ")[1]
                            for text in said["repaired"] if "renamed" in text]
                self.assertEqual(self.redis.call("GET", aside),
                                 b"another program's")

    def test_results_of_another_type_are_left(self):
        self.redis.call("RENAME", RESULTS, "kept")
        self.redis.call("SET", RESULTS, "another program's")
        before = self.redis.hash(AGGREGATE)
        said = self.verify("--repair", status=1)
        self.assertIn(f"{RESULTS} is a string", said["left"][0])
        self.assertEqual(self.redis.hash(AGGREGATE), before)
        self.assertEqual(self.redis.call("GET", RESULTS), b"another program's")
        text = evalctl("verify", "--lang", "en", "--redis",
                       f"unix:{self.redis.socket}", check=False).stdout
        self.assertIn("nothing was added up: 1 difference", text)
        self.assertNotIn("0 results", text)
        self.assertIn(f"redis-cli RENAME {RESULTS} {RESULTS}:aside; then "
                      "evalctl verify 310113000 2024 --repair", text)

    def test_what_mends_it_is_named(self):
        look = lambda: evalctl("verify", "--lang", "en", "--redis",
                               f"unix:{self.redis.socket}", check=False).stdout
        remedy = "evalctl verify 310113000 2024 --repair"
        self.assertNotIn(remedy, look())
        self.redis.call("HINCRBY", AGGREGATE, "forms", 1)
        self.assertIn(f"  {remedy} sets it right from the results\n", look())
        self.redis.call("DEL", AGGREGATE)
        self.redis.call("SET", AGGREGATE, "another program's")
        self.assertIn(f"  {remedy} sets it right from the results\n", look())
        self.redis.call("DEL", AGGREGATE)
        self.spoil(3)
        self.assertNotIn("sets it right", look())
        self.assertIn("bring back what cannot be read", look())

    def spoil(self, *numbers):
        """Results that cannot be read; what they were, by their codes."""
        codes = [frames.form(n, 0)["pro_code"] for n in numbers]
        kept = {c: self.redis.call("HGET", RESULTS, c) for c in codes}
        for code in codes:
            self.redis.call("HSET", RESULTS, code, b"\xc1")
        return kept

    def everything(self):
        """All that a repair could touch."""
        return {key: self.redis.call("DUMP", key) for key in sorted(
            self.redis.call("KEYS", "*"))}

    def test_no_sum_leaves_out_what_cannot_be_read(self):
        kept = self.spoil(7, 8, 9)
        before = self.everything()
        said = self.verify("--repair", status=1)
        self.assertEqual((said["unreadable"], said["repaired"]), (3, []))
        self.assertIn("3 results cannot be read", said["refused"])
        self.assertIn("--without-unreadable", said["refused"])
        for code in kept:
            self.assertIn(f"the result of {code} cannot be read", said["left"])
        self.assertEqual(self.everything(), before)
        text = evalctl("verify", "--repair", "--lang", "en", "--redis",
                       f"unix:{self.redis.socket}", check=False).stdout
        self.assertIn("nothing was changed: 3 results cannot be read", text)
        for code, value in kept.items():
            self.redis.call("HSET", RESULTS, code, value)
        self.assert_sound()

    def test_nothing_is_set_aside_either(self):
        """Without its aggregate the shard would begin anew."""
        kept = self.spoil(7)
        self.redis.call("DEL", AGGREGATE)
        self.redis.call("SET", AGGREGATE, "another program's")
        before = self.everything()
        said = self.verify("--repair", status=1)
        self.assertIn("1 result cannot be read", said["refused"])
        self.assertEqual(self.everything(), before)
        self.redis.call("HSET", RESULTS, *next(iter(kept.items())))
        self.mend(f"{AGGREGATE} is a string")

    def test_told_to_it_leaves_them_out_and_says_so(self):
        kept = self.spoil(7, 8)
        said = self.verify("--repair", "--without-unreadable", status=1)
        self.assertIsNone(said["refused"])
        self.assertEqual(sorted(said["left"]),
                         [f"the result of {c} cannot be read" for c in kept])
        self.assertIn("2 results that cannot be read are in no sum now",
                      " ".join(said["repaired"]))
        for code in kept:
            self.assertEqual(self.redis.call("HGET", RESULTS, code), b"\xc1")
        self.assertEqual(self.redis.call("HGET", AGGREGATE, "forms"), b"58")
        run = evalctl("verify", "--without-unreadable", check=False)
        self.assertEqual(run.returncode, 2)

    def test_the_log_has_a_hole_or_an_entry_that_cannot_be_read(self):
        entries = self.redis.call("XRANGE", EVENTS, "-", "+")
        if len(entries) < 3:
            for n in range(100, 104):
                self.door.submit({n: frames.frame(n, 60000)})
            entries = self.redis.call("XRANGE", EVENTS, "-", "+")
        self.redis.call("XDEL", EVENTS, entries[1][0])
        self.mend("the log has a hole")
        last = int(self.redis.call("HGET", AGGREGATE, "seq"))
        self.redis.call("XADD", EVENTS, f"{last + 1}-0", "b", b"\xc1", "n", "x")
        self.redis.call("HINCRBY", AGGREGATE, "seq", 1)
        found = self.verify(status=1)["differences"]
        self.assertIn(f"log entry {last + 1} cannot be read", found)
        self.verify("--repair")
        self.redis.call("XDEL", EVENTS, f"{last + 1}-0")  # for our own eyes
        self.go_on(self.assert_sound())

    def test_a_shard_that_the_set_lacks_is_found(self):
        self.redis.call("DEL", "evald:1:shards")
        run = evalctl("verify", "--redis", f"unix:{self.redis.socket}",
                      "--repair", "--lang", "en")
        self.assertIn("missing in the set", run.stdout)
        self.assertEqual(self.redis.call("SMEMBERS", "evald:1:shards"),
                         [b"310113000:2024"])

    def test_readers_are_told_without_traffic(self):
        seen = self.reader(self.evald, "aggregate.310113000.2024")
        (first,) = seen.until("aggregate", 1)
        self.evald.stop()  # what a daemon holds in memory it would mend itself
        self.redis.call("HINCRBY", AGGREGATE, "forms", 5)
        self.evald.start()
        seen.close()
        seen = self.reader(self.evald, "aggregate.310113000.2024")
        self.assertEqual(seen.until("aggregate", 1)[0]["forms"], 65)
        self.verify("--repair")
        told = seen.until("aggregate", 2)[1]
        self.assertEqual((told["forms"], told["seq"]), (60, first["seq"] + 1))
        self.assertGreater(told["epoch"], first["epoch"])
        self.assertEqual(self.redis.call("GET", "evald:1:repairs"), b"1")

    def test_the_client_takes_a_snapshot(self):
        watch = subprocess.Popen(
            [EVALCTL, "watch", "310113000", "2024", "--json", "--from", "1",
             "--config", self.evald.config], stdout=subprocess.PIPE, text=True)
        self.addCleanup(watch.stdout.close)
        self.addCleanup(watch.wait)
        self.addCleanup(watch.kill)
        lines = []
        reads = threading.Thread(
            target=lambda: lines.extend(iter(watch.stdout.readline, "")))
        reads.start()
        self.addCleanup(reads.join)
        self.addCleanup(watch.kill)
        wait_for("all events", lambda: len(lines) >= 60)
        self.redis.call("HINCRBY", AGGREGATE, "forms", 5)
        self.verify("--repair")
        wait_for("the epoch", lambda: any('"epoch"' in line and "kind" in line
                 and json.loads(line)["kind"] == "epoch" for line in lines))

    def test_under_load_with_two_daemons(self):
        other = self.daemon(name="other")
        stop, faults = threading.Event(), []
        workers = [threading.Thread(target=self.load, args=(evald, k, stop,
                                                            faults))
                   for k, evald in enumerate((self.evald, other), 1)]
        for worker in workers:
            worker.start()
        try:
            repaired = 0
            for attempt in range(6):
                self.redis.call("HINCRBY", AGGREGATE, "forms", 7)
                self.redis.call("HSET", DEPARTMENTS, f"no{attempt}",
                                msgpack.packb(["x"] + [1] * 27))
                time.sleep(0.05)
                said = self.verify("--repair")
                repaired += "repaired" in said
        finally:
            stop.set()
            for worker in workers:
                worker.join()
        self.assertEqual(faults, [])
        self.assertGreater(repaired, 3)
        self.assertGreater(self.assert_sound().seq, 500)

    def load(self, evald, number, stop, faults):
        door = self.submitter(evald, source=f"load{number}")
        try:
            first = number * 10 ** 6
            while not stop.is_set():
                door.submit({n: frames.frame(n % 3000 + number * 10000, 60000,
                                             n // 3000)
                             for n in range(first, first + 200)})
                first += 200
        except Exception as fault:  # pylint: disable=broad-except
            faults.append(fault)

    def test_a_large_shard_is_mended_under_load(self):
        """Beyond 20,000 results it is scanned, in its turn."""
        self.door.submit({n: frames.frame(n, 60000) for n in range(60, 22000)})
        stop, faults = threading.Event(), []
        worker = threading.Thread(target=self.load,
                                  args=(self.evald, 1, stop, faults))
        worker.start()
        try:
            self.redis.call("HSET", DEPARTMENTS, "999",
                            msgpack.packb(["x"] + [1] * 27))
            said = self.verify("--repair")
        finally:
            stop.set()
            worker.join()
        self.assertEqual(faults, [])
        self.assertTrue(said["repaired"])
        self.assert_sound()

    def test_killed_in_the_middle(self):
        mended = 0
        for attempt in range(12):
            self.redis.call("HINCRBY", AGGREGATE, "forms", 1)
            self.redis.call("HDEL", DEPARTMENTS, "003")
            with subprocess.Popen(
                    [EVALCTL, "verify", "--repair", "--redis",
                     f"unix:{self.redis.socket}"],
                    stdout=subprocess.DEVNULL) as run:
                time.sleep(0.001 * attempt * SLOWNESS)
                run.send_signal(signal.SIGKILL)
                run.wait()
            differs = len(self.verify(status=None)["differences"])
            self.assertIn(differs, (0, 2), "all of it or nothing")
            mended += differs == 0
            self.verify("--repair")
            self.go_on(self.assert_sound())
        print(f"\n{mended} of 12 were mended before the kill")


class Trimmed(EndToEnd):
    """The log is cut off at its old end, and whoever asks is told so."""

    def test_the_log_is_trimmed_and_says_so(self):
        evald = self.daemon(settings="store:\n  events: 100\n")
        door = self.submitter(evald)
        door.wait_welcome()
        for n in range(450):
            door.submit({n: frames.frame(n, 60000)}, chunk=1)
        self.assertEqual(self.redis.call("XLEN", EVENTS), 100)
        self.assertEqual(self.redis.call("HGET", AGGREGATE, "log_begins"),
                         b"351")
        self.assertEqual(evald.metric("evald_log_events_cut_total"), 350)
        address = ("--redis", f"unix:{self.redis.socket}", "--lang", "en")
        said = json.loads(evalctl("verify", "--json", *address).stdout)
        (first,) = self.redis.call("XRANGE", EVENTS, "-", "+", "COUNT", "1")
        self.assertEqual(said["differences"], [])
        self.assertEqual(f"{said['log_begins']}-0".encode(), first[0])
        self.assertEqual(first[0], b"351-0")
        self.assertIn(f"the log begins at seq {said['log_begins']}",
                      evalctl("verify", *address).stdout)
        watch = evalctl("watch", "310113000", "2024", "--from", "1", "-c", "1",
                        "--json", "--config", evald.config)
        told = [json.loads(line) for line in watch.stdout.splitlines()]
        self.assertEqual((told[0]["kind"], told[0]["from"], told[0]["to"],
                          told[0]["log_begins"]), ("lost", 1, 350, 351))
        self.assertEqual(told[1]["seq"], 351)
        self.assertIn(
            "events 1 to 350 are no longer in the log, which begins at 351",
            evalctl("watch", "310113000", "2024", "--from", "1", "-c", "1",
                    "--lang", "en", "--config", evald.config).stderr)
        told = json.loads(evalctl("aggregate", "310113000", "2024", "--json",
                                  *address).stdout)
        self.assertEqual((told["seq"], told["log_begins"]), (450, 351))

    def test_a_repair_keeps_where_the_log_begins(self):
        """What is cut off stays promised to nobody, whatever became of the
        aggregate that said so; and a repair cuts nothing."""
        evald = self.daemon(settings="store:\n  events: 100\n")
        door = self.submitter(evald)
        for n in range(150):
            door.submit({n: frames.frame(n, 60000)}, chunk=1)
        address = ("--redis", f"unix:{self.redis.socket}", "--lang", "en")
        verify = lambda *more: json.loads(evalctl(
            "verify", "310113000", "2024", "--json", *address, *more,
            check=False).stdout)
        for damage in (("DEL", AGGREGATE), ("HDEL", AGGREGATE, "log_begins"),
                       ("SET", AGGREGATE, "another program's"),
                       ("HSET", AGGREGATE, "log_begins", "x")):
            with self.subTest(damage=damage):
                self.redis.call(*damage)
                self.assertNotEqual(verify()["differences"], [])
                entries = self.redis.call("XLEN", EVENTS)
                said = verify("--repair")
                self.assertEqual(said["left"], [])
                self.assertIn("log_begins set to 51", said["repaired"])
                self.assertEqual(verify()["differences"], [])
                self.assertEqual(
                    self.redis.call("HGET", AGGREGATE, "log_begins"), b"51")
                self.assertEqual(self.redis.call("XLEN", EVENTS), entries + 1)
        self.redis.call("HDEL", AGGREGATE, "log_begins")
        self.assertIn("the log begins at 51, but the aggregate says that it "
                      "has all from 1 on", verify()["differences"])
        verify("--repair")
        watch = evalctl("watch", "310113000", "2024", "--from", "1", "-c", "1",
                        "--json", "--config", evald.config)
        told = json.loads(watch.stdout.splitlines()[0])
        self.assertEqual((told["kind"], told["to"], told["log_begins"]),
                         ("lost", 50, 51))

    def test_a_log_that_is_gone_begins_with_the_repair(self):
        evald = self.daemon()
        self.submitter(evald).submit(
            {n: frames.frame(n, 60000) for n in range(20)})
        self.redis.call("DEL", EVENTS)
        address = ("--redis", f"unix:{self.redis.socket}")
        evalctl("verify", "--repair", *address)
        self.assertEqual(self.redis.call("HGET", AGGREGATE, "log_begins"),
                         b"21")
        evalctl("verify", *address)

    def test_a_batch_across_the_cut_stays_whole(self):
        evald = self.daemon(settings="store:\n  events: 100\n")
        door = self.submitter(evald)
        door.submit({n: frames.frame(n, 60000) for n in range(2000)})
        begins = int(self.redis.call("HGET", AGGREGATE, "log_begins"))
        self.assertEqual(begins, 1901)
        first = msgpack.unpackb(
            self.redis.call("XRANGE", EVENTS, "-", "+", "COUNT", "1")[0][1][1])
        self.assertLessEqual(first[2], begins)
        self.assertGreaterEqual(first[3], begins)
        self.assertEqual(evald.metric("evald_log_events_cut_total"),
                         begins - 1)

    def test_a_daemon_that_keeps_all_leaves_the_mark(self):
        evald = self.daemon(settings="store:\n  events: 10\n")
        self.submitter(evald).submit(
            {n: frames.frame(n, 60000) for n in range(40)})
        evald.stop()
        other = self.daemon(name="other")
        self.submitter(other).submit(
            {n: frames.frame(n, 60000) for n in range(40, 60)})
        self.assertEqual(self.redis.call("HGET", AGGREGATE, "log_begins"),
                         b"31")
        self.assertEqual(other.metric("evald_log_events_cut_total"), 0)


if __name__ == "__main__":
    main()
