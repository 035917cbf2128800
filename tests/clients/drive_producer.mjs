// SPDX-License-Identifier: Apache-2.0
// drive_producer.c for the Node client: see there.
import { Producer } from "evald-client";

const [endpoint, outbox, prefix, count, window, wait] = process.argv.slice(2);

function job(name) {
  const padding = name.includes("big") ? (1 << 20) + 100 : 0;
  const head = Buffer.from([0x81, 0xa6, ...Buffer.from("job_id"), 0xd9, name.length]);
  return Buffer.concat([head, Buffer.from(name), Buffer.alloc(padding)]);
}

function tell(number, kind, answer) {
  const codes = (answer.problems ?? []).map((problem) => problem.code);
  console.log([kind, number, answer.outcome, answer.job_id, ...codes].filter((one) => one != null).join(" "));
}

function lost({ mof_div_code, fiscal_year, epoch, seq }) {
  console.log("lost", mof_div_code, fiscal_year, epoch, seq);
}

let producer;
try {
  producer = await Producer.open({ endpoint, source: "drive", window: Number(window), silence: 600, tell, lost,
                                   outbox: outbox === "-" ? null : outbox });
} catch (error) {
  console.log(`open ${error.code} ${error.message}`);
  process.exit(1);
}
for (let i = 0; i < Number(count); i++)
  producer.submit(job(prefix + i + (prefix === "big" ? "big" : "")), { later: prefix === "later" });
console.log("submitted");
const done = await producer.flush(Number(wait)).catch((error) => {
  console.log(`flush UNSUPPORTED ${error.message}`);
  process.exit(1);
});
console.log("taken", producer.takenOver, "torn", producer.outbox?.torn ?? 0, "connections",
            producer.connections, "unanswered", producer.jobs.size);
await producer.close();
process.exitCode = done ? 0 : 1;
