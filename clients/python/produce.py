# SPDX-License-Identifier: Apache-2.0
"""Sends jobs from JSON Lines files: produce.py FILE…"""
import json
import sys

import evald


def tell(number, kind, answer):
    print(answer.get("job_id"), answer["outcome"], answer.get("total"),
          answer.get("grade"))
    for problem in answer.get("problems", []):
        print("   ", problem["key"], problem["text"])


producer = evald.Producer(source="example", outbox="example.outbox", tell=tell)
for path in sys.argv[1:]:
    for line in open(path, encoding="utf-8"):
        while not producer.has_room(len(line)):
            producer.poll(1)
        producer.submit(json.loads(line))
        producer.poll()
producer.flush()
producer.close()
