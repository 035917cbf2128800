#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping, refusing to start, changing rulesets, --dev."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import frames
from harness import (EVALD, SLOWNESS, SOURCE, Daemon, EndToEnd, Process, Shard, free_port,
                     main, wait_for)

# What stands in the file, and what the refusal must name.
BAD_CONFIGURATIONS = [
    ("intake:\n  queue: many\n", ["bad.yaml:2", "intake.queue", "1000000"]),
    ("intake:\n  queue: 0\n", ["bad.yaml:2", "intake.queue", "1..1000000"]),
    ("intake:\n  queu: 5\n", ["bad.yaml:2", "queu", "queue"]),
    ("intakes:\n  queue: 5\n", ["bad.yaml:1", "intakes", "intake"]),
    ("log:\n  level: loud\n", ["bad.yaml:2", "log.level", "warning"]),
    ("doors:\n  jobs: tcp:/nowhere\n", ["bad.yaml:2", "doors.jobs"]),
    ("intake:\n  queue: 5\n  queue: 6\n", ["bad.yaml:3", "queue"]),
    ("intake: [1, 2\n", ["bad.yaml"]),
    ("- just\n- a list\n", ["bad.yaml:1"]),
    ("rulesets:\n  folder: /nonexistent\n", ["/nonexistent"]),
]


class Lifecycle(EndToEnd):
    def run_evald(self, *arguments):
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        return subprocess.run([str(a) for a in (EVALD, *arguments)],
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, check=False,
                              env=environment)

    def test_version_and_help(self):
        self.assertRegex(self.run_evald("--version").stdout, r"evald \d+\.\d+")
        shown = self.run_evald("--help")
        self.assertEqual(shown.returncode, 0)
        self.assertIn("--check-config", shown.stdout)
        self.assertEqual(self.run_evald("--no-such-thing").returncode, 2)

    def test_a_bad_configuration_does_not_start(self):
        path = pathlib.Path(self.folder) / "bad.yaml"
        for text, names in BAD_CONFIGURATIONS:
            for arguments in (["--check-config"], []):
                with self.subTest(text=text, arguments=arguments):
                    path.write_text(text)
                    run = self.run_evald("--config", path, *arguments)
                    self.assertNotEqual(run.returncode, 0)
                    for name in names:
                        self.assertIn(name, run.stderr + run.stdout)

    def test_the_shipped_configurations_are_good(self):
        for path in sorted((SOURCE / "config").glob("*.yaml")):
            run = self.run_evald("--config", path, "--check-config")
            self.assertEqual(run.returncode, 0, run.stderr)

    def rulesets(self):
        folder = pathlib.Path(self.folder) / "rulesets"
        shutil.copytree(SOURCE / "config" / "rulesets", folder)
        return folder

    def test_a_bad_ruleset_does_not_start(self):
        folder = self.rulesets()
        (folder / "cn-sh-2024.yaml").write_text("id: cn-sh-2024\nweigth: 5\n")
        path = pathlib.Path(self.folder) / "evald.yaml"
        path.write_text(f"rulesets:\n  folder: {folder}\n")
        run = self.run_evald("--config", path, "--check-config")
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("cn-sh-2024.yaml:", run.stderr + run.stdout)

    def test_a_bad_ruleset_never_replaces_a_good_one(self):
        folder = self.rulesets()
        evald = self.daemon(settings=f"rulesets:\n  folder: {folder}\n")
        seen, push = self.reader(evald), self.producer(evald)
        push.send(frames.form(1, 99999))
        first = seen.until("receipt", 1)[0]
        file = folder / "cn-sh-2024.yaml"
        good = file.read_text()
        file.write_text(good.replace("down 2", "sideways 2"))
        evald.process.send_signal(signal.SIGHUP)
        wait_for("the refusal", lambda: evald.metric(
            "evald_ruleset_reloads_failed_total") == 1)
        push.send(frames.form(2, 99999))
        second = seen.until("receipt", 2)[1]
        self.assertEqual((second["total"], second["ruleset"]),
                         (first["total"], first["ruleset"]))
        self.change_for_the_better(evald, seen, push, file, good)

    def change_for_the_better(self, evald, seen, push, file, good):
        """A sound change is taken: scores with one digit less."""
        file.write_text(good.replace("score_rounding: half_up 2",
                                     "score_rounding: half_up 0"))
        evald.process.send_signal(signal.SIGHUP)
        wait_for("the new rules",
                 lambda: "read anew" in evald.process.tail())
        push.send(frames.form(3, 77700))
        third = seen.until("receipt", 3)[2]
        self.assertEqual(third["outcome"], "committed")
        self.assertEqual(float(third["total"]), 85 + 8)
        self.assertEqual(len(self.redis.call("HKEYS", "evald:1:rulesets")), 2)

    def test_sigterm_drains(self):
        evald = self.daemon()
        seen, push = self.reader(evald), self.producer(evald)
        for number in range(20000):
            push.raw(frames.frame(number, 60000))
        seen.until("event", 100)
        self.assertEqual(evald.stop(), 0)
        seen.poll(0.5)
        shard = self.assert_sound()
        for event in seen.of("event"):
            self.assertEqual(shard.events[event["seq"]][1], event["pro_code"])
        evald.start()
        push.close()
        again = self.producer(evald)
        again.send(frames.form(10 ** 6, 60000))
        wait_for("the sequence to go on",
                 lambda: Shard(self.redis).seq > shard.seq)
        self.assertEqual(evald.stop(), 0)
        self.assert_sound()

    def test_idle_it_stops_at_once(self):
        evald = self.daemon()
        for number in (signal.SIGTERM, signal.SIGINT):
            begin = time.monotonic()
            self.assertEqual(evald.process.stop(number), 0)
            self.assertLess(time.monotonic() - begin, 5)
            evald.start()

    def test_killed_and_restarted_it_goes_on(self):
        evald = self.daemon()
        for attempt in range(3):
            push = self.producer(evald)
            for number in range(5000):
                push.raw(frames.frame(attempt * 5000 + number, 60000))
            wait_for("commits", lambda: evald.metric("evald_commits_total") > 2)
            evald.process.child.kill()
            evald.process.wait()
            wait_for("Redis to do what it was sent", self.redis.alone)
            self.assertEqual(list(Shard(self.redis).differences()), [])
            evald.start()
        self.assertEqual(evald.stop(), 0)
        self.assert_sound()

    def test_two_on_one_door(self):
        door = f"tcp://127.0.0.1:{free_port()}"
        configs = []
        for name in ("first", "second"):
            configs.append(pathlib.Path(self.folder) / f"{name}.yaml")
            configs[-1].write_text(
                f"doors:\n  jobs: {door}\n  metrics: off\n"
                f"  events: ipc://{self.folder}/{name}\n"
                f"redis:\n  address: unix:{self.redis.socket}\n")
        first, second = (Process([EVALD, "--config", config],
                                 config.with_suffix(".log"))
                         for config in configs)
        self.addCleanup(first.stop)
        self.addCleanup(second.stop)
        wait_for("one of them to give up", lambda: (
            first.child.poll() or second.child.poll()))
        refused = second if first.child.poll() is None else first
        self.assertIn(door, refused.tail())

    def test_two_on_one_path(self):
        """The second gives up, and the first keeps its door."""
        first = self.daemon()
        other = pathlib.Path(self.folder) / "other.yaml"
        other.write_text(first.config.read_text("utf-8").replace(
            str(first.port), str(free_port())))
        run = self.run_evald("--config", other)
        self.assertEqual(run.returncode, 1)
        self.assertIn("in use", run.stderr)
        seen, push = self.reader(first), self.producer(first)
        push.send(frames.form(1, 60000))
        self.assertEqual(seen.until("receipt", 1)[0]["outcome"], "committed")

    def test_what_is_no_socket_is_not_removed_for_a_door(self):
        path = pathlib.Path(self.folder) / "precious"
        path.write_text("data")
        config = pathlib.Path(self.folder) / "evald.yaml"
        config.write_text(f"doors:\n  jobs: ipc://{path}\n  metrics: off\n"
                          f"  events: ipc://{self.folder}/e\n"
                          f"redis:\n  address: unix:{self.redis.socket}\n")
        self.assertEqual(self.run_evald("--config", config).returncode, 1)
        self.assertEqual(path.read_text(), "data")

    def test_sigterm_keeps_its_time_with_redis_stopped(self):
        evald = self.daemon(settings="shutdown:\n  drain_ms: 1000\n")
        door = self.submitter(evald)
        door.submit({n: frames.frame(n, 60000) for n in range(10)})
        self.redis.process.send_signal(signal.SIGSTOP)
        door.send(100, [frames.frame(n, 70000) for n in range(100, 164)])
        door.poll(0.3)
        begin = time.monotonic()
        evald.process.send_signal(signal.SIGTERM)
        self.assertEqual(evald.process.wait(), 0)
        took = time.monotonic() - begin
        self.redis.process.send_signal(signal.SIGCONT)
        print(f"\nended in {took:.1f} s")
        # One round trip to Redis alone was waited for five seconds.
        self.assertLess(took, 4 * SLOWNESS)
        self.assertIn("could not be committed in time", evald.process.tail())

    def test_logs_do_not_tell_what_a_form_says(self):
        evald = self.daemon()
        seen, push = self.reader(evald), self.producer(evald)
        secret = {**frames.form(1, 60000), "pro_name": "机密项目甲"}
        push.send(secret)
        seen.until("receipt", 1)
        push.send({**secret, "revision": "机密项目乙"})
        seen.until("reject", 1)
        self.assertNotIn("机密项目", evald.process.tail(100000))


class Dev(EndToEnd):
    def children(self, pid):
        out = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(pid)],
                             capture_output=True, text=True, check=False).stdout
        return [int(line.split()[0]) for line in out.splitlines()
                if "redis-server" in line]

    def test_it_owns_a_redis_and_keeps_its_data(self):
        evald = Daemon(self.folder, name="dev",
                       arguments=["--dev", f"{self.folder}/home"])
        self.addCleanup(evald.stop)
        (redis,) = self.children(evald.process.pid)
        seen, push = self.reader(evald), self.producer(evald)
        push.send(frames.form(1, 60000))
        seen.until("event", 1)
        self.assertEqual(evald.stop(), 0)
        self.assertFalse(pathlib.Path(f"/proc/{redis}").exists(),
                         "its redis-server went with it")
        evald.start()
        again = self.reader(evald)
        fresh = self.producer(evald)
        fresh.send(frames.form(2, 60000))
        self.assertEqual(again.until("event", 1)[0]["seq"], 2)

    def start_dev(self, folder, **more):
        return subprocess.run(
            [EVALD, "--dev", *([folder] if folder else [])], check=False,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, **more)

    def test_a_long_path_works_and_leaves_nothing_in_tmp(self):
        before = set(os.listdir("/tmp"))
        evald = Daemon(self.folder, name="dev", arguments=[
            "--dev", f"{self.folder}/{'long' * 25}"])
        self.addCleanup(evald.stop)
        (socket,) = re.findall(r"private Redis: unix:(/tmp/\S+)/redis.sock",
                               evald.process.tail())
        self.assertEqual(evald.stop(), 0)
        self.assertNotIn(pathlib.Path(socket).name,
                         set(os.listdir("/tmp")) - before)

    def test_a_second_one_says_for_what_it_waits(self):
        home = f"{self.folder}/home"
        evald = Daemon(self.folder, name="dev", arguments=["--dev", home])
        self.addCleanup(evald.stop)
        run = self.start_dev(home, env={**os.environ, "LC_ALL": "C.UTF-8"})
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"another evald --dev holds {home}; waiting 10 s",
                      run.stderr)
        self.assertIn("stop it, or name another folder: evald --dev DIR",
                      run.stderr)
        self.assertTrue(evald.ready())

    def test_a_path_is_not_cut(self):
        path = pathlib.Path(self.folder) / ("x" * 150) / ("y" * 150)
        run = self.start_dev(str(path))
        self.assertEqual(run.returncode, 1)
        self.assertIn("too long", run.stderr)
        self.assertFalse(path.parent.exists())

    def test_it_trusts_no_folder_of_others_in_tmp(self):
        """Without a home the folder lies in /tmp, where anybody may make it."""
        bare = {key: value for key, value in os.environ.items()
                if key not in ("HOME", "XDG_STATE_HOME")}
        path = pathlib.Path(f"/tmp/evald-{os.geteuid()}")
        if path.exists() or path.is_symlink():
            self.skipTest(f"{path} exists")
        path.symlink_to(self.folder)
        self.addCleanup(path.unlink)
        run = self.start_dev("", env={**bare, "LC_ALL": "C.UTF-8"})
        self.assertEqual(run.returncode, 1)
        self.assertIn("--dev DIR", run.stderr)

    def test_with_its_output_closed_it_works(self):
        evald = Daemon(self.folder, name="dev",
                       arguments=["--dev", f"{self.folder}/home"])
        evald.stop()
        child = subprocess.Popen(
            [str(EVALD), *map(str, evald.arguments)],
            preexec_fn=lambda: [os.close(fd) for fd in (0, 1, 2)])
        evald.process.child = child
        self.addCleanup(evald.stop)
        wait_for("evald without output", evald.ready)
        for fd in (0, 1, 2):
            self.assertEqual(os.readlink(f"/proc/{child.pid}/fd/{fd}"),
                             "/dev/null")
        self.assertEqual(evald.stop(), 0)


if __name__ == "__main__":
    main()
