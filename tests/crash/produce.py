#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""produce.c for the Python client: see there."""
import pathlib
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "clients/python"))
import evald

FIELDS = ("job_id", "outcome", "mof_div_code", "fiscal_year", "pro_code",
          "revision", "epoch", "seq", "form_digest", "total", "ruleset")


def say(*words):
    line = " ".join(str(word) for word in words)
    sys.stdout.write(f"{time.monotonic_ns() // 1000000} {line}\n")


def tell(_number, kind, answer):
    values = [answer.get(name) for name in FIELDS]
    said = ["-" if value in (None, "") else value for value in values]
    say(kind, *(said if kind == "ack" else said[:1]))


def records(path):
    data, at = pathlib.Path(path).read_bytes(), 0
    while at < len(data):
        size, later = struct.unpack_from("<IB", data, at)
        yield data[at + 5:at + 5 + size], bool(later)
        at += 5 + size


def main(endpoint, outbox, jobs, first, window):
    sys.stdout.reconfigure(line_buffering=True)
    producer = evald.Producer(endpoint, "crash-python", outbox,
                              window=int(window), silence=0.8, tell=tell)
    say("open", producer.taken_over)
    for index, (frame, later) in enumerate(records(jobs)):
        if index < int(first):
            continue
        while len(producer.jobs) >= int(window):
            producer.poll(0.02)
        producer.submit(frame, later)
        say("sub", index)
    producer.flush()
    producer.close()
    say("end")


if __name__ == "__main__":
    main(*sys.argv[1:])
