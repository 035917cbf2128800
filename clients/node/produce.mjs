// SPDX-License-Identifier: Apache-2.0
// Sends jobs from JSON Lines files: node produce.mjs FILE…
import fs from "node:fs";
import readline from "node:readline";
import { Producer } from "./evald.mjs";

function tell(number, kind, answer) {
  console.log(answer.job_id, answer.outcome, answer.total, answer.grade);
  for (const problem of answer.problems ?? []) console.log("   ", problem.key, problem.text);
}

const producer = await Producer.open({ source: "example", outbox: "example.outbox", tell });
for (const file of process.argv.slice(2)) {
  for await (const line of readline.createInterface(fs.createReadStream(file))) {
    while (!producer.hasRoom(line.length)) await producer.flush(100);
    producer.submit(JSON.parse(line));
  }
}
await producer.flush();
await producer.close();
