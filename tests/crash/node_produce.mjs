// SPDX-License-Identifier: Apache-2.0
// produce.c for the Node client: see there.
import fs from "node:fs";
import { Producer } from "evald-client";

const FIELDS = ["job_id", "outcome", "mof_div_code", "fiscal_year", "pro_code",
                "revision", "epoch", "seq", "form_digest", "total", "ruleset"];
const [endpoint, outbox, jobs, first, window] = process.argv.slice(2);

function say(...words) {
  const ms = process.hrtime.bigint() / 1000000n;
  fs.writeSync(1, `${ms} ${words.join(" ")}\n`);
}

function tell(_number, kind, answer) {
  const said = FIELDS.map((name) => answer[name] ?? "-").map((value) => value === "" ? "-" : value);
  say(kind, ...(kind === "ack" ? said : said.slice(0, 1)));
}

function* records(data) {
  for (let at = 0; at < data.length;) {
    const size = data.readUInt32LE(at);
    yield { frame: data.subarray(at + 5, at + 5 + size), later: data[at + 4] !== 0 };
    at += 5 + size;
  }
}

const producer = await Producer.open({ endpoint, source: "crash-node", outbox, window: Number(window),
                                       silence: 800, tell });
say("open", producer.takenOver);
let index = 0;
for (const { frame, later } of records(fs.readFileSync(jobs))) {
  if (index >= Number(first)) {
    while (producer.jobs.size >= Number(window)) await new Promise((resolve) => setTimeout(resolve, 2));
    producer.submit(frame, { later });
    say("sub", index);
  }
  index++;
}
await producer.flush();
await producer.close();
say("end");
