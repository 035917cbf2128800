# SPDX-License-Identifier: Apache-2.0
"""drive_reader.c for the Python client: see there."""
import decimal
import pathlib
import sys

import redis

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "clients/python"))
import evald


def tell(kind, news):
    if kind == "event":
        total = news["total"]
        print("event", int(news["live"]), news["mof_div_code"], news["epoch"],
              news["seq"], news["pro_code"], news["outcome"],
              int(decimal.Decimal(total) * 100) if total else -1,
              news["form_digest"] if total else "-", news["checksum"],
              flush=True)
    elif kind == "healed":
        print(kind, news["from"], news["to"], flush=True)
    elif kind == "lost":
        print(kind, news["from"], news["to"], "begins", news["log_begins"],
              flush=True)
    elif "counters" in news:
        print(kind, news["epoch"], news["seq"], "forms",
              news["counters"].get("forms", 0), flush=True)
    else:
        print(kind, flush=True)


endpoint, socket, division, year, epoch, seq = sys.argv[1:]
store = redis.Redis(unix_socket_path=socket, socket_timeout=2)
reader = evald.Reader(store, tell, endpoint, 0.4)
reader.follow(division, int(year), int(epoch), int(seq))
while True:
    reader.poll(1)
