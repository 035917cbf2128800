# SPDX-License-Identifier: Apache-2.0
"""evald for Python: a producer that loses no job, a reader that misses no event.

Debian packages: python3-zmq and python3-msgpack; for the reader python3-redis.
The protocol is docs/PROTOCOL.md, and include/evald/client.h says at length what
both promise: this is the same in Python. Nothing happens outside of a call;
there is no thread. A producer or a reader belongs to one thread at a time.
"""
import fcntl
import itertools
import os
import struct
import time
import zlib

import msgpack
import zmq

ACK, NACK, RETRY = 0, 1, 2
TICK = 1.0               # seconds of silence, then a ping
SILENCE_MAX = 60.0
MESSAGE_FRAMES = 256
FRAME_MAX = 32 << 20     # where the daemon has not said
SPAN_MAX = 1 << 20       # jobs from the oldest without an answer to the newest


class Outbox:
    """The jobs without an answer, in a file: docs/PROTOCOL.md, "The outbox"."""
    MAGIC = b"evald-o1"
    HEAD = struct.Struct("<IIQI")
    JOB, LATER, ANSWERED = 1, 2, 3
    TIDY_FROM = 1 << 20

    def __init__(self, path):
        self.path, self.jobs, self.next, self.torn = path, {}, 1, 0
        self.answers, self.dirty = [], False
        self.file = self._open_locked()
        try:
            self._load()
        except Exception:
            self.file.close()
            raise

    def _open_locked(self):
        while True:  # the lock is on the file; its name may be another's by now
            file = open(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND,
                                0o600), "r+b", buffering=0)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                raise BlockingIOError(
                    f"{self.path}: another producer has this outbox open")
            if os.path.exists(self.path) and os.path.samestat(
                    os.fstat(file.fileno()), os.stat(self.path)):
                return file
            file.close()

    def _load(self):
        data = self.file.read()
        if not data.startswith(self.MAGIC[:len(data)]):
            raise ValueError(f"{self.path}: this is no outbox of evald")
        if len(data) < len(self.MAGIC):
            return self._begin()
        end = self._replay(data)
        self.size, self.torn = end, len(data) - end
        if self.torn:  # keep what is cut: a failing disk may tear too much
            with open(self.path + ".torn", "ab") as aside:
                aside.write(data[end:])
                os.fsync(aside.fileno())
            self.file.truncate(end)

    def _begin(self):
        self.file.truncate(0)
        self.file.write(self.MAGIC)
        os.fsync(self.file.fileno())
        self.size = len(self.MAGIC)

    def _replay(self, data):
        at = len(self.MAGIC)
        while at + self.HEAD.size <= len(data):
            crc, size, number, kind = self.HEAD.unpack_from(data, at)
            end = at + self.HEAD.size + size
            if end > len(data) or zlib.crc32(data[at + 4:end]) != crc:
                break
            if kind == self.ANSWERED:
                self.jobs.pop(number, None)
            else:
                self.jobs[number] = (data[at + self.HEAD.size:end],
                                     kind == self.LATER)
                self.next = number + 1
            at = end
        return at

    def _record(self, number, kind, payload=b""):
        rest = struct.pack("<IQI", len(payload), number, kind) + payload
        return struct.pack("<I", zlib.crc32(rest)) + rest

    def _append(self, data):
        """Whole or not at all: no half record may stand before the next."""
        try:
            left = memoryview(data)
            while left:
                left = left[self.file.write(left):]
        except OSError:
            self.file.truncate(self.size)
            raise
        self.size += len(data)

    def put(self, number, frame, later):
        self._append(self._record(number, self.LATER if later else self.JOB,
                                  frame))
        self.dirty = True

    def answered(self, number):
        self.answers.append(self._record(number, self.ANSWERED))

    def sync(self):
        if self.dirty:
            os.fdatasync(self.file.fileno())
            self.dirty = False

    def write(self, jobs):
        """Writes the answers, and the file anew where most of it is answered."""
        if self.answers:
            self._append(b"".join(self.answers))
            self.answers = []
        needed = sum(len(job.frame) + self.HEAD.size for job in jobs.values()) \
            if self.size >= self.TIDY_FROM else self.size
        if self.size < self.TIDY_FROM or self.size // 2 < needed:
            return
        name = self.path + ".new"
        file = open(name, "w+b", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        data = self.MAGIC + b"".join(
            self._record(n, self.LATER if job.later else self.JOB, job.frame)
            for n, job in jobs.items())
        file.write(data)
        os.fsync(file.fileno())
        os.rename(name, self.path)
        self.file.close()
        self.file, self.size, self.dirty = file, len(data), False
        folder = os.open(os.path.dirname(self.path) or ".", os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def close(self, empty):
        if empty:
            self._begin()
        self.file.close()


class Job:
    __slots__ = ("frame", "later", "sent", "due")

    def __init__(self, frame, later):
        self.frame, self.later, self.sent, self.due = frame, later, False, 0.0


class Unwelcome(Exception):
    """Of poll and flush; another try would be answered the same."""


class Producer:
    """Every job that was taken is sent, again where needed, until it has an
    answer; then tell(number, "ack" | "nack", answer) is called. With an outbox
    (a file) a crash loses none; after one an answer may be told twice.

    lost(news) is called with mof_div_code, fiscal_year, epoch and seq where the
    store went back in time: what was acknowledged there with an older epoch and
    a higher seq may be lost; submit it again. It may be told again."""

    def __init__(self, endpoint="tcp://127.0.0.1:5702", source="client",
                 outbox=None, window=1024, bytes_max=256 << 20, silence=5.0,
                 tell=lambda number, kind, answer: None,
                 lost=lambda news: None):
        self.lost = lost
        self.endpoint, self.source, self.tell = endpoint, source, tell
        self.window_wanted = self.window = window
        self.bytes_max, self.bytes = bytes_max, 0
        self.silence = self.patience = silence
        self.outbox = Outbox(outbox) if outbox else None
        self.jobs, self.next, self.in_flight = {}, 1, 0
        if self.outbox:
            self.next = self.outbox.next
            for number, (frame, later) in self.outbox.jobs.items():
                self._add(number, Job(frame, later))
            self.outbox.jobs = {}
        self.taken_over, self.connections, self.retried = len(self.jobs), 0, 0
        self.durability, self.frame_max = "", FRAME_MAX
        self.socket, self.connected = None, False
        self.context = zmq.Context()

    def _add(self, number, job):
        self.jobs[number] = job
        self.bytes += len(job.frame)

    def has_room(self, size=0):
        oldest = next(iter(self.jobs), self.next)
        return (self.bytes + size <= self.bytes_max
                and self.next - oldest < SPAN_MAX)

    def submit(self, job, later=False):
        """Takes a job, a dict or its msgpack. BufferError where there is no
        room: poll, then try again."""
        frame = job if isinstance(job, bytes) else msgpack.packb(job)
        if not self.has_room(len(frame)):
            raise BufferError(f"{len(self.jobs)} jobs wait for their answers")
        number = self.next
        if self.outbox:
            self.outbox.put(number, frame, later)
        self.next += 1
        self._add(number, Job(frame, later))
        return number

    def sync(self):
        if self.outbox:
            self.outbox.sync()

    def poll(self, timeout=0.0):
        """Connects, sends, tells answers; returns when something came."""
        end = time.monotonic() + timeout
        while not self._step(end) and time.monotonic() < end:
            pass

    def flush(self, timeout=None):
        """Polls until every job has its answer; False where time ended."""
        end = time.monotonic() + (1e9 if timeout is None else timeout)
        while self.jobs and time.monotonic() < end:
            self._step(end)
        return not self.jobs

    def close(self):
        """Does not wait; what has no answer stays in the outbox."""
        self._hang_up()
        self.context.term()
        if self.outbox:
            self.outbox.close(not self.jobs)

    # A connection is one DEALER that libzmq may not mend by itself: were it to
    # reconnect in silence, the jobs in flight would be gone unnoticed.
    def _dial(self):
        self.socket = self.context.socket(zmq.DEALER)
        for option, value in ((zmq.LINGER, 0), (zmq.RECONNECT_IVL, -1),
                              (zmq.SNDHWM, 0), (zmq.RCVHWM, 0)):
            self.socket.setsockopt(option, value)
        self.socket.connect(self.endpoint)
        self.heard = self.pinged = self.asked = time.monotonic()
        self._send([b"hello", msgpack.packb({"v": 1, "source": self.source,
                                             "window": self.window_wanted})])

    def _hang_up(self):
        if self.socket:
            self.socket.close()
        self.socket, self.connected, self.in_flight = None, False, 0
        for job in self.jobs.values():
            job.sent, job.due = False, 0.0

    def _send(self, frames):
        """A send that finds no connection tells that it broke."""
        try:
            self.socket.send_multipart(frames, zmq.NOBLOCK)
            return True
        except zmq.Again:
            self._hang_up()
            return False

    def _keep(self, now):
        """Silence counts from when we asked: nobody may have polled long."""
        patience = self.patience if self.connected else min(TICK, self.patience)
        if self.asked and now - self.asked >= patience:
            if self.connected:
                self.patience = min(self.patience * 2, SILENCE_MAX)
            return self._hang_up()
        last = self.pinged if self.asked else self.heard
        if self.connected and now - last >= self._tick():
            self.pinged, self.asked = now, self.asked or now
            self._send([b"ping"])

    def _tick(self):
        return min(TICK, self.silence / 3)

    def _step(self, end):
        heard = self.socket is not None and self._hear(0)
        now = time.monotonic()
        if self.socket:
            self._keep(now)
        if not self.socket:
            self._dial()
        self._send_due(now)
        if heard or not self.socket:
            return heard
        waiting = self.in_flight < min(len(self.jobs), self.window)
        nap = 0.01 if self.connected and waiting else self._tick()
        return self._hear(max(0, min(nap, end - time.monotonic())))

    def _send_due(self, now):
        room = min(self.window, len(self.jobs)) - self.in_flight
        if not self.connected or room <= 0:
            return
        self.sync()  # nothing leaves before it is on disk
        due, at = list(itertools.islice(
            (n for n, job in self.jobs.items()
             if not job.sent and job.due <= now), room)), 0
        while at < len(due) and self.in_flight < self.window:
            run = self._run(due, at)
            at += len(run) or 1
            if not run:
                self._refuse(due[at - 1])
                continue
            first = self.jobs[run[0]]
            word = b"recalc-jobs" if first.later else b"jobs"
            if not self._send([word, struct.pack(">Q", run[0]),
                               *(self.jobs[n].frame for n in run)]):
                return
            for number in run:
                self.jobs[number].sent = True
            self.in_flight += len(run)

    def _run(self, due, at):
        """Jobs for one message: dense numbers, one kind, within the window."""
        run, most = [], min(MESSAGE_FRAMES, self.window - self.in_flight)
        later = self.jobs[due[at]].later
        for number in due[at:at + most]:
            job = self.jobs[number]
            if (run and number != run[-1] + 1) or job.later != later \
                    or len(job.frame) > self.frame_max:
                break
            run.append(number)
        return run

    def _refuse(self, number):
        """The daemon would cut the connection for it, at each resend again."""
        self._done(number, NACK, {"outcome": "rejected", "problems": [
            {"code": "oversized", "key": "", "offset": 0,
             "text": "消息超过允许的大小"}]})

    def _hear(self, wait):
        if not self.socket.poll(wait * 1000):
            return False
        for _ in range(64):
            try:
                word, *rest = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            self.heard, self.asked = time.monotonic(), 0
            if word == b"answers":
                self._answers(msgpack.unpackb(rest[0]))
            elif word == b"welcome":
                self._welcome(msgpack.unpackb(rest[0]))
            elif word == b"resend":
                self.lost(msgpack.unpackb(rest[0]))
            elif word == b"unwelcome":
                self._hang_up()
                raise Unwelcome("the daemon does not speak version 1 of the "
                                "protocol, which is this client's")
            elif word == b"ping" and not self._send([b"pong"]):
                break
        if self.outbox:
            self.outbox.write(self.jobs)
        return True

    def _welcome(self, welcome):
        self.connections += not self.connected
        self.connected = True
        self.window = min(self.window_wanted,
                          welcome.get("window") or self.window_wanted)
        self.frame_max = welcome.get("max_message_bytes") or FRAME_MAX
        self.durability = welcome.get("durability") or ""
        for news in welcome.get("resend") or ():
            self.lost(news)

    def _answers(self, answers):
        for number, kind, answer, *_ in answers:
            job = self.jobs.get(number)
            if not job or not job.sent:
                continue
            self.patience = self.silence
            if kind == RETRY:
                self.retried += 1
                wait = min(answer.get("after_ms") or 0, SILENCE_MAX * 1000)
                job.sent, job.due = False, time.monotonic() + wait / 1000
                self.in_flight -= 1
            else:
                self._done(number, kind, answer)

    def _done(self, number, kind, answer):
        self.tell(number, "ack" if kind == ACK else "nack", answer)
        if self.outbox:
            self.outbox.answered(number)
        job = self.jobs.pop(number)
        self.in_flight -= job.sent
        self.bytes -= len(job.frame)


def checksum(counters):
    """Of an aggregate's counters in their order, as messages carry it."""
    h = 14695981039346656037
    for value in counters:
        h = ((h ^ (value & (2**64 - 1))) * 1099511628211) % 2**64
    return f"{h:016x}"


class StoreAway(Exception):
    pass


class Shard:
    def __init__(self, division, year, epoch, seq):
        self.division, self.year = division, year
        self.epoch, self.seq = epoch, seq
        self.placed, self.shown = False, 0


class Reader:
    """Every event of the divisions and years that are followed, in the order of
    seq, each once: what PUB loses is read from the stream in Redis.

    `store` is a redis.Redis with a socket_timeout, or whatever has its hgetall
    and xrange and answers with bytes.
    tell(kind, news) is called with a dict that has at least mof_div_code,
    fiscal_year, epoch and seq, and with `kind` one of
      snapshot   the aggregate as Redis has it (counters): begin here
      event      a change; live is False where it came from the stream
      aggregate  the aggregate after a commit (counters), its checksum proven
      healed     the events from..to were missed and have been told
      lost       the events from..to cannot be told any more, as the stream
                 was cut off before log_begins; a snapshot follows
      epoch      the store went back in time; a snapshot follows
      behind     the daemon said that this reader was too slow and lost messages
                 from `from` on: all that is followed is compared with Redis
      away       Redis cannot be read: gaps stay open until it can
      differs    counters and checksum of an aggregate do not agree"""
    PAGE = 16
    EVENT = ("outcome", "pro_code", "revision", "job_id", "source", "total",
             "grade_index", "grade", "errors", "warnings", "infos",
             "dept_code", "form_digest", "ruleset", "checksum")
    OUTCOMES = ("committed", "unchanged", "superseded", "stale", "conflict",
                "withdrawn", "rejected", "not_found", "repaired")

    def __init__(self, store, tell, endpoint="tcp://127.0.0.1:5703", check=2.0):
        self.store, self._tell, self.check = store, tell, check
        self.shards, self.next_check, self.is_away = {}, 0.0, False
        self.doubt = None  # see _end_doubt
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVHWM, 100000)
        self.socket.connect(endpoint)

    def close(self):
        self.socket.close()
        self.context.term()

    def follow(self, division, year, epoch=0, seq=0):
        """epoch and seq: where you stand, as a news told you once; everything
        after is told. Without them a snapshot comes first."""
        shard = Shard(division, year, epoch, seq)
        if self.shards.setdefault((division, year), shard) is shard:
            self.next_check = 0.0
            for word in ("event", "aggregate"):
                self.socket.setsockopt_string(zmq.SUBSCRIBE,
                                              f"{word}.{division}.{year}")

    def poll(self, timeout=0.0):
        """Tells what came; waits up to `timeout` seconds for something."""
        end, self.told = time.monotonic() + timeout, False
        while True:
            now = time.monotonic()
            if self.doubt and now >= self.doubt["until"]:
                self._fell_behind()
            if now >= self.next_check:
                self._heal_all()
            until = self.doubt["until"] if self.doubt else end
            nap = min(end, until, self.next_check) - time.monotonic()
            if self.socket.poll(0 if self.told else max(0, nap) * 1000):
                for _ in range(256):
                    try:
                        _, body = self.socket.recv_multipart(zmq.NOBLOCK)
                    except zmq.Again:
                        break
                    self._message(body)
            if self.told or time.monotonic() >= end:
                return self.told

    def _say(self, shard, kind, **news):
        self.told = True
        self._tell(kind, {"mof_div_code": shard.division,
                          "fiscal_year": shard.year, "epoch": shard.epoch,
                          "seq": shard.seq, **news})

    def _message(self, body):
        try:
            message = msgpack.unpackb(body)
            shard = self.shards.get((message["mof_div_code"],
                                     message["fiscal_year"]))
        except (ValueError, KeyError, TypeError):
            return  # not for us
        if shard and not shard.placed and message["kind"] == "behind":
            self._heal_all()  # the connection lost something: whose, it
            return            # cannot tell
        if not shard or not shard.placed:
            return
        self._end_doubt(message)
        if message["kind"] == "behind":
            self.doubt = {**message, "until": time.monotonic() + 0.2}
        if message["kind"] not in ("event", "aggregate"):
            return
        if message["seq"] == 1:  # else it may be of a store that is gone, or
            shard.epoch = shard.epoch or message["epoch"]  # of a second epoch
        if message["epoch"] < shard.epoch:
            return
        event = message["kind"] == "event"
        before = message["seq"] - event  # an aggregate comes after its events
        if message["epoch"] != shard.epoch or before > shard.seq:
            self._heal(shard)
        if message["epoch"] != shard.epoch:
            return
        if event and message["seq"] == shard.seq + 1:
            shard.seq += 1
            self._say(shard, "event", live=True, **{
                key: value for key, value in message.items()
                if key in self.EVENT or key == "at_ms"})
        elif not event and message["seq"] >= shard.seq \
                and message["seq"] > shard.shown:
            self._aggregate(shard, message)

    def _end_doubt(self, message):
        """The daemon said that a reader of the topic lost a message. The next
        one on this connection is that very message, or it was this reader."""
        doubt, keys = self.doubt, ("mof_div_code", "fiscal_year", "epoch", "seq")
        if doubt and doubt["of"] == message["kind"] \
                and all(doubt[key] == message[key] for key in keys):
            self.doubt = None
        elif doubt:
            self._fell_behind()

    def _fell_behind(self):
        doubt, self.doubt = self.doubt, None
        self._say(self.shards[doubt["mof_div_code"], doubt["fiscal_year"]],
                  "behind", **{"from": doubt["seq"]})
        self._heal_all()

    def _heal_all(self):
        for shard in self.shards.values():
            self._heal(shard)
        self.next_check = time.monotonic() + self.check

    def _aggregate(self, shard, message):
        keys = list(message)
        counters = {key: message[key] for key in
                    keys[keys.index("checksum") + 1:keys.index("at_ms")]}
        if checksum(counters.values()) != message["checksum"]:
            return self._say(shard, "differs")
        shard.shown = message["seq"]
        self._say(shard, "aggregate", counters=counters,
                  checksum=message["checksum"], at_ms=message["at_ms"])

    def _heal(self, shard):
        try:
            self._catch_up(shard)
            self.is_away = False
        except StoreAway as error:
            if not self.is_away:
                self._say(shard, "away", reason=str(error))
            self.is_away = True

    def _ask(self, ask, *arguments):
        try:
            return ask(*arguments)
        except Exception as error:  # whatever the store's library raises
            raise StoreAway(str(error)) from error

    def _state(self, shard):
        key = f"evald:1:{{{shard.division}:{shard.year}}}:aggregate"
        fields = {name.decode(): value for name, value
                  in self._ask(self.store.hgetall, key).items()}
        fields.pop("commit", None)
        return {"epoch": 0, "seq": 0, "updated_ms": 0, "log_begins": 0,
                **{key: int(value) for key, value in fields.items()}}

    def _stand_at(self, shard, state):
        shard.placed = True
        shard.epoch, shard.seq = state.pop("epoch"), state.pop("seq")
        shard.shown = shard.seq
        self._say(shard, "snapshot", at_ms=state.pop("updated_ms"),
                  log_begins=state.pop("log_begins"), counters=state)

    def _catch_up(self, shard):
        """By the stream where it reaches back, else by a snapshot."""
        state = self._state(shard)
        if not shard.placed and not shard.epoch:
            return self._stand_at(shard, state)
        if shard.epoch and (state["epoch"] != shard.epoch
                            or state["seq"] < shard.seq):
            self._say(shard, "epoch")
            return self._stand_at(shard, state)
        shard.placed = True
        if state["seq"] == shard.seq:
            return
        first = shard.seq + 1
        whole = first >= state["log_begins"] and self._replay(shard)
        if shard.seq >= first:
            self._say(shard, "healed", **{"from": first, "to": shard.seq})
        if not whole or shard.seq < state["seq"]:
            state = self._state(shard)
            kind = "lost" if state["epoch"] == shard.epoch else "epoch"
            self._say(shard, kind, log_begins=state["log_begins"],
                      **{"from": shard.seq + 1, "to": state["seq"]})
            self._stand_at(shard, state)

    def _replay(self, shard):
        """Tells what the stream has behind shard.seq; False at a hole."""
        key = f"evald:1:{{{shard.division}:{shard.year}}}:events"
        while True:
            after = shard.seq
            page = self._ask(self.store.xrange, key, f"({after}-0", "+",
                             self.PAGE)
            for _, fields in page:
                _, epoch, first, _, at_ms, _, _, events = \
                    msgpack.unpackb(fields[b"b"])[:8]
                shard.epoch = shard.epoch or epoch
                if epoch != shard.epoch or first > shard.seq + 1:
                    return False
                for event in events[shard.seq + 1 - first:]:
                    shard.seq += 1
                    self._say(shard, "event", live=False, at_ms=at_ms,
                              **self._event(event))
            if len(page) < self.PAGE or shard.seq == after:
                return True

    def _event(self, packed):
        """An event of a batch, as the message would have it."""
        event = dict(zip(self.EVENT, packed))
        del event["grade_index"]
        event["outcome"] = self.OUTCOMES[event["outcome"]]
        event["checksum"] = f"{event['checksum']:016x}"
        if event["total"] is not None:
            whole, part = divmod(event["total"], 10**6)
            event["total"] = f"{whole}.{part:06}".rstrip("0").rstrip(".")
            event["form_digest"] = event["form_digest"].hex()
        return event
