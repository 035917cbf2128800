# SPDX-License-Identifier: Apache-2.0
"""A city's years recalculated while it works, with kills on the way.

Loads made-up forms of 17 divisions and three years, shows what another ruleset
would do (and that nothing was written), does it beside live traffic with
evalctl killed once and the daemon killed once, goes back by the first ruleset
without kills, and does it once more with nobody else there. Exits with 1 where
a summary differs from what was shown, the way back does not lead back, a form
was scored twice, or verify finds a difference.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from .keeping import settle
from .rig import (ROOT, Build, Failure, Process, call, configuration, free_port,
                  run)

YEARS = "2022,2023,2024"
LIVE_YEAR = "2025"  # a city works on another year than those it recalculates
SETTLED = ("forms", "already", "moved", "regraded", "migration", "before", "after",
           "without_form", "unreadable", "withdrawn")

def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class City:
    """A Redis, a daemon, and what is asked of them."""

    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.port = free_port()
        self.config = os.path.join(folder, "evald.yaml")
        rulesets = os.path.join(folder, "rulesets")
        shutil.copytree(os.path.join(ROOT, "config", "rulesets"), rulesets)
        shutil.copy(options.ruleset, rulesets)
        file = options.durability != "memory"
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(configuration(folder, self.port, "cn-2020", rulesets)
                      + f"store:\n  durability: {options.durability}\n")
        self.redis = Process(
            ["redis-server", "--port", "0", "--unixsocket", self.socket,
             "--dir", folder, "--save", "", "--loglevel", "warning",
             "--enable-debug-command", "local",
             "--appendonly", "yes" if file else "no",
             "--appendfsync", options.durability if file else "no"],
            lambda: self.command("PING") == "PONG", "redis-server")
        self.evald = None
        self.start()

    @property
    def socket(self):
        return os.path.join(self.folder, "redis.sock")

    @property
    def submit(self):
        return f"ipc://{self.folder}/submit"

    def command(self, *words):
        done = subprocess.run(["redis-cli", "-s", self.socket, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, check=False)
        return done.stdout.strip()

    def page(self, name):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{name}",
                                        timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def metric(self, name):
        found = re.search(rf"^{name} (\S+)$", self.page("metrics"), re.M)
        return float(found[1]) if found else 0.0

    def start(self):
        """How many seconds until it is ready."""
        begin = time.monotonic()
        program = os.path.join(Build.folder, "src", "daemon", "evald")
        self.evald = Process([program, "--config", self.config,
                              "--log-level", "error"],
                             lambda: self.page("readyz") != "", "evald")
        return time.monotonic() - begin

    def kill(self):
        self.evald.child.kill()
        self.evald.child.wait()

    def stop(self):
        self.evald.stop()
        self.redis.stop()

    def evalctl(self, *words):
        return [os.path.join(Build.folder, "src", "ctl", "evalctl"), *words,
                "--config", self.config]

    def forms(self, *words):
        return [os.path.join(Build.folder, "tests", "bench", "bench_forms"),
                "--seed", str(self.options.seed), *words]

    def load(self):
        return run(*self.forms("--count", str(self.options.forms),
                               "--send", self.submit))

    def verify(self):
        lines = call(*self.evalctl("verify", "--json")).splitlines()
        return [json.loads(line) for line in lines]

    def wait_packed(self):
        """Until the daemon has compressed what it stored: the state of forms
        that have lain for a while. How many values that were."""
        settle(self, 3600)
        return self.metric("evald_packed_values_total")

    def what_if(self, ruleset):
        """Without a daemon: what writes then is evalctl."""
        self.evald.stop()
        before = self.command("DEBUG", "DIGEST")
        lines = call(*self.evalctl("recalc", "all", YEARS, "--ruleset", ruleset,
                                   "--what-if", "--json")).splitlines()
        same = self.command("DEBUG", "DIGEST") == before and len(before) == 40
        ready = self.start()
        return json.loads(lines[-1]), same, ready


class Live:
    """Somebody who submits forms of the present year, so many a second."""

    turn = 0

    def __init__(self, city):
        Live.turn += 1
        options = city.options
        self.log = os.path.join(city.folder, f"live.{Live.turn}")
        self.child = subprocess.Popen(
            city.forms("--year", LIVE_YEAR, "--years", "1", "--first",
                       str(Live.turn * 10_000_000), "--count", "10000000",
                       "--rate", str(options.live), "--log", self.log,
                       "--send", city.submit), stdout=subprocess.PIPE,
            text=True)
        time.sleep(1)

    def stop(self):
        """[(Unix time of the answer, seconds waited), …], by time"""
        self.child.send_signal(signal.SIGTERM)
        said = json.loads(self.child.communicate(timeout=150)[0])
        if said["answered"] != said["sent"] or said["nacked"]:
            raise Failure(f"live traffic: {said}")
        with open(self.log, encoding="ascii") as lines:
            pairs = (line.split() for line in lines)
            return [(int(at) / 1e6, int(wait) / 1e6) for at, wait in pairs]


def waits_of(answers):
    waits = sorted(round(wait * 1e6) for _, wait in answers)
    return {"jobs": len(waits), "p50_us": waits[len(waits) // 2],
            "p99_us": waits[len(waits) * 99 // 100], "max_us": waits[-1]}


def outage(answers, killed):
    """(begin, end) of the longest silence within ten seconds of the kill."""
    times = [at for at, _ in answers if killed - 1 <= at <= killed + 10]
    return max(zip(times, times[1:]), key=lambda pair: pair[1] - pair[0])


def without(answers, span):
    """Those that neither waited through the span nor for those that did."""
    begin, end = span[0], span[1] + (span[1] - span[0])
    return [(at, wait) for at, wait in answers
            if at <= begin or at - wait >= end]


class Recalculation:
    """evalctl recalc at work."""

    def __init__(self, city, ruleset=None, resume=False):
        self.city, self.begin = city, time.monotonic()
        self.base = city.metric("evald_evaluated_total")
        self.child = subprocess.Popen(
            city.evalctl("recalc", "all", YEARS, "--json",
                         *(["--ruleset", ruleset] if ruleset else []),
                         *(["--resume"] if resume else [])),
            stdout=subprocess.PIPE, text=True)

    def until(self, scored):
        """Until about so many were scored, live forms among them."""
        while self.city.metric("evald_evaluated_total") - self.base < scored:
            if self.child.poll() is not None:
                raise Failure("the recalculation ended before it was killed")
            time.sleep(0.05)

    def kill(self):
        self.child.kill()
        self.child.communicate()
        return time.monotonic() - self.begin

    def end(self):
        """(seconds, the summary)"""
        out = self.child.communicate()[0]
        if self.child.returncode != 0:
            raise Failure(f"evalctl recalc: {self.child.returncode}")
        return time.monotonic() - self.begin, json.loads(out.splitlines()[-1])


class Trial:
    def __init__(self, city):
        self.city, self.options = city, city.options
        self.figures, self.wrong = {"forms": city.options.forms}, []
        self.ruleset = os.path.splitext(
            os.path.basename(city.options.ruleset))[0]

    def note(self, name, value):
        self.figures[name] = value
        say(f"{name}: {value}")

    def check(self, what, fine):
        say(f"{'fine' if fine else 'WRONG'}: {what}")
        if not fine:
            self.wrong.append(what)

    def seqs(self):
        """The changes that the recalculated years have seen."""
        lines = self.city.verify()
        self.check("verify finds no difference",
                   not any(line["differences"] for line in lines))
        return sum(line["seq"] for line in lines
                   if str(line["fiscal_year"]) in YEARS)

    def agree(self, what, shown, done):
        different = [key for key in SETTLED if shown[key] != done[key]]
        self.check(f"{what}{': ' if different else ''}{different or ''}",
                   not different)

    def load(self):
        say(f"loading {self.options.forms} forms")
        loaded = self.city.load()
        self.note("load_seconds", round(loaded["seconds"], 1))
        if self.options.packed:
            self.note("packed_values", self.city.wait_packed())
        memory = self.city.command("INFO", "memory")
        self.note("redis_mib", int(re.search(r"used_memory:(\d+)",
                                             memory)[1]) >> 20)

    def show(self):
        shown, same, ready = self.city.what_if(self.ruleset)
        self.note("what_if_seconds", shown["milliseconds"] / 1000)
        self.note("start_with_full_store_seconds", round(ready, 2))
        self.check("--what-if wrote nothing", same)
        return shown

    def alone(self):
        """Live traffic with nothing beside it."""
        live = Live(self.city)
        time.sleep(self.options.seconds)
        self.note("live_alone", waits_of(live.stop()))

    def killed(self, shown):
        """evalctl dies at a quarter, the daemon at a half of what is left."""
        city, quarter = self.city, self.options.forms // 4
        seqs, live = self.seqs(), Live(city)
        first = Recalculation(city, self.ruleset)
        first.until(quarter)
        seconds = first.kill()
        second = Recalculation(city, self.ruleset, resume=True)
        second.until(quarter)
        away = time.time()
        city.kill()
        self.note("daemon_back_seconds", round(city.start(), 2))
        more, done = second.end()
        self.note("recalc_killed_seconds", round(seconds + more, 1))
        answers = live.stop()
        silence = outage(answers, away)
        self.note("live_silence_at_kill_seconds",
                  round(silence[1] - silence[0], 2))
        self.note("live_beside_killed", waits_of(without(answers, silence)))
        self.agree("what --what-if showed is what was done", shown, done)
        self.check("each form was scored again once",
                   self.seqs() == seqs + self.options.forms)

    def back(self, shown):
        live = Live(self.city)
        seconds, done = Recalculation(self.city).end()
        self.note("recalc_beside_live_seconds", round(seconds, 1))
        self.note("live_beside", waits_of(live.stop()))
        self.check("the way back leads back",
                   done["after"] == shown["before"] and
                   done["before"] == shown["after"])

    def undisturbed(self, shown):
        seconds, done = Recalculation(self.city, self.ruleset).end()
        self.note("recalc_undisturbed_seconds", round(seconds, 1))
        self.note("recalc_per_second", round(self.options.forms / seconds))
        self.agree("undisturbed it does the same", shown, done)
        self.seqs()

    def run(self):
        self.load()
        shown = self.show()
        self.alone()
        self.killed(shown)
        self.back(shown)
        self.undisturbed(shown)
        alone, beside = self.figures["live_alone"], self.figures["live_beside"]
        self.note("live_p99_ratio",
                  round(beside["p99_us"] / alone["p99_us"], 2))


def read_options():
    parser = argparse.ArgumentParser(
        prog="scripts/recalc-trial", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forms", type=int, default=1_000_000)
    parser.add_argument("--live", type=int, default=1000,
                        help="live jobs a second (1000)")
    parser.add_argument("--seconds", type=float, default=20,
                        help="how long live traffic is measured alone (20)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ruleset", metavar="FILE",
                        default=os.path.join(ROOT, "tests", "bench",
                                             "strict.yaml"),
                        help="the other ruleset (tests/bench/strict.yaml)")
    parser.add_argument("--durability", default="memory",
                        choices=["memory", "everysec", "always"])
    parser.add_argument("--unpacked", dest="packed", action="store_false",
                        help="do not wait until the store is compressed")
    parser.add_argument("--build", default=Build.folder,
                        help="build folder (build/release)")
    parser.add_argument("--json", action="store_true",
                        help="the figures as one JSON object")
    return parser.parse_args()


def main():
    options = read_options()
    Build.folder = os.path.abspath(options.build)
    folder = tempfile.mkdtemp(prefix="evald-trial-")
    os.environ["XDG_STATE_HOME"] = os.path.join(folder, "state")
    city = None
    try:
        city = City(folder, options)
        trial = Trial(city)
        trial.run()
    except Failure as failure:
        sys.exit(f"scripts/recalc-trial: {failure}")
    finally:
        if city:
            city.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(trial.figures))
    for what in trial.wrong:
        print(f"WRONG: {what}", file=sys.stderr)
    return 1 if trial.wrong else 0
