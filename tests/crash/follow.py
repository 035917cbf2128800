#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""follow.c for the Python client: see there."""
import decimal
import pathlib
import sys
import time

import redis

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "clients/python"))
import evald


def event(news):
    total = news["total"]
    return [news["checksum"], news["pro_code"], news["outcome"],
            news["revision"], news["job_id"],
            *([news["form_digest"], int(decimal.Decimal(total) * 10 ** 6)]
              if total else ["-", "-"]), int(news["live"])]


def counters(news):
    return [news.get("checksum", "0" * 16),
            *(f"{name}={value}" for name, value in news["counters"].items())]


def tell(kind, news):
    words = [kind, news["mof_div_code"], news["fiscal_year"], news["epoch"],
             news["seq"]]
    if kind == "event":
        words += event(news)
    elif "counters" in news:
        words += counters(news)
    elif kind in ("healed", "lost"):
        words += [news["from"], news["to"]]
    line = " ".join(str(word) for word in words)
    sys.stdout.write(f"{time.monotonic_ns() // 1000000} {line}\n")


def main(endpoint, address, check_ms, *shards):
    sys.stdout.reconfigure(line_buffering=True)
    store = redis.Redis(unix_socket_path=address.removeprefix("unix:"),
                        socket_timeout=1)
    reader = evald.Reader(store, tell, endpoint, int(check_ms) / 1000)
    for division, year in zip(shards[::2], shards[1::2]):
        reader.follow(division, int(year))
    while True:
        reader.poll(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
