#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Redis comes back with an older file: producers are asked to send again what
was acknowledged above it, and then nothing is missing."""
import sys

import frames
from harness import SOURCE, EndToEnd, Shard, main, wait_for

sys.path.insert(0, str(SOURCE / "clients" / "python"))
import evald

OTHER = {"division": "310115000"}


class Resend(EndToEnd):
    append_fsync = "always"  # what was answered is in the file that is copied

    def setUp(self):
        super().setUp()
        self.evald = self.daemon()
        self.door = self.submitter(self.evald)
        self.lost, self.answers = [], {}
        self.client = evald.Producer(
            self.evald.submit, source="client", tell=self.note,
            lost=self.lost.append)
        self.addCleanup(self.client.close)

    def note(self, number, kind, answer):
        self.assertEqual(kind, "ack")
        self.answers[number] = answer

    def send(self, numbers, **more):
        """Through the client; {job number: form number}."""
        sent = {self.client.submit(frames.form(n, 60000, **more)): n
                for n in numbers}
        self.assertTrue(self.client.flush(60))
        return sent

    def fall_back(self, between):
        """Redis as it was before `between` was called."""
        self.redis.save_files()
        between()
        self.redis.restore_files()

    def due(self, sent, news):
        return [form for number, form in sent.items()
                if self.answers[number]["epoch"] < news["epoch"]
                and self.answers[number]["seq"] > news["seq"]]

    def test_what_was_lost_is_asked_for_and_counted_once(self):
        self.door.wait_welcome()
        self.assertEqual(self.door.welcome["resend"], [])
        sent = self.send(range(10))
        self.send(range(100, 105), **OTHER)
        epoch = Shard(self.redis).epoch
        self.fall_back(lambda: sent.update(self.send(range(10, 25))))
        self.assertEqual(len(sent), 25)
        self.door.until("the word", lambda: any(
            r["mof_div_code"] == "310113000" for r in self.door.resends))
        news = next(r for r in self.door.resends
                    if r["mof_div_code"] == "310113000")
        self.assertEqual(self.door.resends, [news], "the other has it all")
        self.assertEqual((news["v"], news["fiscal_year"], news["seq"]),
                         (1, 2024, 10))
        self.assertGreater(news["epoch"], epoch)
        wait_for("the client's", lambda: self.client.poll(0.05)
                 or news in self.lost)
        self.assertEqual(self.due(sent, news), list(range(10, 25)))
        late = self.submitter(self.evald, source="late")
        self.assertIn(news, late.wait_welcome()["resend"])
        self.assertGreaterEqual(
            self.evald.metric("evald_resends_asked_total"), 2)
        self.assertEqual(set(self.answers[n]["outcome"]
                             for n in self.send(self.due(sent, news))),
                         {"committed"})
        shard = Shard(self.redis)
        self.assertEqual((len(shard.results), shard.seq, shard.epoch),
                         (25, 25, news["epoch"]))
        self.assert_sound()
        self.assert_sound(**OTHER)

    def test_nobody_is_asked_where_nothing_was_lost(self):
        self.send(range(10))
        self.redis.kill()
        self.redis.start()
        self.send(range(10, 20))
        self.door.wait_welcome()
        self.door.poll(0.1)
        self.assertEqual((self.door.resends, self.lost), ([], []))


class Unsure(EndToEnd):
    """Redis was started anew, and nobody lives who knew what it held."""
    append_fsync = "everysec"

    def restart(self):
        self.evald.stop()
        self.redis.kill()
        self.redis.start()
        self.evald.start()

    def test_it_may_have_lost_what_nobody_knows_of(self):
        self.evald = self.daemon()
        self.submitter(self.evald).submit(
            {n: frames.frame(n, 60000) for n in range(10)})
        before = Shard(self.redis)
        self.restart()
        seen = self.reader(self.evald, "aggregate.310113000.2024")
        (told,) = seen.until("aggregate", 1)
        self.assertEqual((told["seq"], told["forms"]), (before.seq, 10))
        self.assertGreater(told["epoch"], before.epoch)
        self.assertEqual(self.evald.metric("evald_epochs_total"), 1)
        self.assertIn("Redis was started anew since its last commit",
                      self.evald.process.log.read_text("utf-8"))
        door = self.submitter(self.evald, source="late")
        (asked,) = door.wait_welcome()["resend"]
        self.assertEqual((asked["epoch"], asked["seq"]),
                         (told["epoch"], before.seq))
        door.submit({20: frames.frame(20, 60000), 21: frames.frame(1, 60000)})
        said = [door.answers[n][1] for n in (20, 21)]
        self.assertEqual([(s["outcome"], s["seq"]) for s in said],
                         [("committed", 11), ("unchanged", 0)])
        self.assertEqual(said[0]["epoch"], told["epoch"])
        after = self.assert_sound()
        self.assertEqual((after.epoch, after.seq), (told["epoch"], 11))
        self.evald.stop()
        self.evald.start()  # now it is Redis that lives on: nothing is unsure
        self.assertEqual(self.evald.metric("evald_epochs_total"), 0)

    def test_always_cannot_tell_a_restart_from_a_file_put_back(self):
        self.redis.call("CONFIG", "SET", "appendfsync", "always")
        self.redis.append_fsync = "always"
        self.evald = self.daemon()
        self.submitter(self.evald).submit(
            {n: frames.frame(n, 60000) for n in range(10)})
        before = Shard(self.redis)
        self.restart()
        door = self.submitter(self.evald, source="late")
        (asked,) = door.wait_welcome()["resend"]
        self.assertEqual(asked["seq"], before.seq)
        self.assertGreater(asked["epoch"], before.epoch)
        door.submit({20: frames.frame(20, 60000), 21: frames.frame(1, 60000)})
        said = [door.answers[n][1] for n in (20, 21)]
        self.assertEqual([(s["outcome"], s["seq"]) for s in said],
                         [("committed", 11), ("unchanged", 0)])
        self.assertEqual(said[0]["epoch"], asked["epoch"])
        self.assert_sound()


if __name__ == "__main__":
    main()
