# SPDX-License-Identifier: Apache-2.0
"""drive_producer.c for the Python client: see there."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "clients/python"))
import evald


def tell(number, kind, answer):
    codes = [problem["code"] for problem in answer.get("problems") or []]
    print(kind, number, answer["outcome"],
          *filter(None, [answer.get("job_id")]), *codes, flush=True)


def lost(news):
    print("lost", news["mof_div_code"], news["fiscal_year"], news["epoch"],
          news["seq"], flush=True)


def job(name):
    padding = bytes((1 << 20) + 100) if "big" in name else b""
    return b"\x81\xa6job_id\xd9" + bytes([len(name)]) + name.encode() + padding


def main(endpoint, outbox, prefix, count, window, wait_ms):
    try:
        producer = evald.Producer(
            endpoint, "drive", outbox=None if outbox == "-" else outbox,
            window=int(window), silence=0.6, tell=tell, lost=lost)
    except BlockingIOError as error:
        print("open INTERFERED", error)
        return 1
    except ValueError as error:
        print("open INVALID", error)
        return 1
    tail = "big" if prefix == "big" else ""
    for i in range(int(count)):
        producer.submit(job(f"{prefix}{i}{tail}"), later=prefix == "later")
    print("submitted", flush=True)
    try:
        done = producer.flush(int(wait_ms) / 1000)
    except evald.Unwelcome as error:
        print("flush UNSUPPORTED", error)
        return 1
    torn = producer.outbox.torn if producer.outbox else 0
    print("taken", producer.taken_over, "torn", torn, "connections",
          producer.connections, "unanswered", len(producer.jobs))
    producer.close()
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
