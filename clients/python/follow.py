# SPDX-License-Identifier: Apache-2.0
"""Follows a division and year: follow.py DIVISION YEAR REDIS-SOCKET"""
import sys

import redis

import evald


def tell(kind, news):
    place = (news["mof_div_code"], news["fiscal_year"], news["seq"])
    if kind == "event":
        print(*place, news["pro_code"], news["outcome"], news["total"])
    elif "counters" in news:
        print(*place, kind, news["counters"].get("forms", 0), "forms")
    else:
        print(*place, kind, news.get("from", ""), news.get("to", ""))


division, year, socket = sys.argv[1:]
store = redis.Redis(unix_socket_path=socket, socket_timeout=2)
reader = evald.Reader(store, tell)
reader.follow(division, int(year))
while True:
    reader.poll(60)
