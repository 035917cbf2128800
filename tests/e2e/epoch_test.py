#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No pair of epoch and seq is told twice for different changes: whichever of
two daemons survives a Redis that comes back older, and where none does."""
import os
import pathlib
import sys
import types

import frames
from harness import (SOURCE, Daemon, EndToEnd, Redis, free_port, main,
                     wait_for)

sys.path.insert(0, str(SOURCE / "clients" / "python"))
import evald

SETTINGS = "store:\n  durability: {}\n"


class Epochs(EndToEnd):
    append_fsync = "always"  # what was answered is in the file that is copied

    def setUp(self):
        super().setUp()
        self.told = {}  # (epoch, seq): the project
        self.named = types.SimpleNamespace(
            socket=pathlib.Path(self.folder) / "store.sock")
        self.name(self.redis)

    def name(self, redis):
        """What the daemons take for their Redis from now on."""
        self.redis, other = redis, self.named.socket.with_suffix(".new")
        other.symlink_to(redis.socket)
        os.replace(other, self.named.socket)

    def send(self, daemon, numbers):
        """Through the acknowledged door; the epochs that were told."""
        epochs = set()

        def tell(_, kind, answer):
            self.assertEqual((kind, answer["outcome"]), ("ack", "committed"))
            place = answer["epoch"], answer["seq"]
            self.assertNotIn(place, self.told,
                             f"{answer['pro_code']} is told of it as well")
            self.told[place] = answer["pro_code"]
            epochs.add(answer["epoch"])

        client = evald.Producer(daemon.submit, tell=tell)
        for number in numbers:
            client.submit(frames.form(number, 60000))
        self.assertTrue(client.flush(60))
        client.close()
        return epochs

    def pair(self, mode):
        """Two daemons, of which the first commits last, and the epoch."""
        ones = [Daemon(self.folder, name, self.named, SETTINGS.format(mode))
                for name in ("one", "two")]
        for daemon in ones:
            self.addCleanup(daemon.stop)
        epoch, = self.send(ones[1], range(3)) | self.send(ones[0], range(3, 6))
        return *ones, epoch

    def kill(self, daemon):
        daemon.process.child.kill()
        daemon.process.child.wait()

    def assert_grew(self, epochs, epoch):
        self.assertEqual(len(epochs), 1)
        self.assertGreater(min(epochs), epoch)
        self.assert_sound()

    def test_the_one_that_did_not_write_last_survives(self):
        """What is left is its own last commit, under which others wrote."""
        one, two, epoch = self.pair("everysec")
        self.redis.save_files()
        self.assertEqual(self.send(two, range(10, 15)), {epoch})
        self.kill(two)
        self.redis.restore_files()
        self.assert_grew(self.send(one, range(20, 25)), epoch)

    def test_none_survives(self):
        one, two, epoch = self.pair("always")
        self.redis.save_files()
        self.assertEqual(self.send(two, range(10, 15)), {epoch})
        self.kill(one)
        self.kill(two)
        self.redis.restore_files()
        one.start()
        self.assert_grew(self.send(one, range(20, 25)), epoch)

    def test_a_redis_that_kept_all_goes_on(self):
        one, _, epoch = self.pair("always")
        self.redis.kill()
        self.redis.start()
        self.assertEqual(self.send(one, range(20, 25)), {epoch})
        self.assertEqual(one.metric("evald_epochs_total"), 0)
        self.assert_sound()

    def another(self, name):
        folder = pathlib.Path(self.folder) / name
        folder.mkdir()
        redis = Redis(folder, self.append_fsync, free_port())
        self.addCleanup(redis.kill)  # writing its file, it would not stop
        return redis

    def replica(self, primary):
        replica = self.another("replica")
        replica.call("REPLICAOF", "127.0.0.1", primary.port)
        wait_for("the replica", lambda: b"master_link_status:up" in
                 replica.call("INFO", "replication"))
        return replica

    def test_a_replica_takes_over_that_had_fallen_behind(self):
        """Behind the same address; not even `always` speaks for it."""
        self.name(self.another("primary"))
        one, two, epoch = self.pair("always")
        replica = self.replica(self.redis)
        replica.call("REPLICAOF", "NO", "ONE")
        self.assertEqual(self.send(two, range(10, 15)), {epoch})
        self.kill(two)
        self.redis.kill()
        self.name(replica)
        self.assert_grew(self.send(one, range(20, 25)), epoch)


if __name__ == "__main__":
    main()
