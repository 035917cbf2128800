// SPDX-License-Identifier: Apache-2.0
// follow.c for the Node client: see there.
import fs from "node:fs";
import { Reader } from "evald-client";
import Redis from "ioredis";

const [endpoint, address, check, ...shards] = process.argv.slice(2);

// Exact: a total is decimal text.
function millionths(total) {
  const [whole, rest = ""] = total.split(".");
  return BigInt(whole + rest.padEnd(6, "0"));
}

function event(news) {
  const scored = news.total != null;
  return [news.checksum, news.pro_code, news.outcome, news.revision, news.job_id,
          scored ? news.form_digest : "-", scored ? millionths(news.total) : "-", Number(news.live)];
}

function details(kind, news) {
  if (kind === "event") return event(news);
  if (news.counters)
    return [news.checksum ?? "0".repeat(16),
            ...Object.entries(news.counters).map(([name, value]) => `${name}=${value}`)];
  return kind === "healed" || kind === "lost" ? [news.from, news.to] : [];
}

function tell(kind, news) {
  const ms = process.hrtime.bigint() / 1000000n;
  const words = [kind, news.mof_div_code, news.fiscal_year, news.epoch, news.seq, ...details(kind, news)];
  fs.writeSync(1, `${ms} ${words.join(" ")}\n`);
}

const store = new Redis(address.replace("unix:", ""), { commandTimeout: 1000 });
store.on("error", () => {});
const reader = new Reader({ store, tell, endpoint, check: Number(check) });
for (let i = 0; i < shards.length; i += 2) reader.follow(shards[i], Number(shards[i + 1]));
await reader.run();
