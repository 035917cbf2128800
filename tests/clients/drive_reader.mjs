// SPDX-License-Identifier: Apache-2.0
// drive_reader.c for the Node client: see there.
import { Reader } from "evald-client";
import Redis from "ioredis";

const [endpoint, path, division, year, epoch, seq] = process.argv.slice(2);

function tell(kind, news) {
  if (kind === "event")
    console.log(kind, Number(news.live), news.mof_div_code, news.epoch, news.seq, news.pro_code, news.outcome,
                news.total ? Math.round(Number(news.total) * 100) : -1, news.form_digest ?? "-", news.checksum);
  else if (kind === "healed") console.log(kind, news.from, news.to);
  else if (kind === "lost") console.log(kind, news.from, news.to, "begins", news.log_begins);
  else if (news.counters) console.log(kind, news.epoch, news.seq, "forms", news.counters.forms ?? 0);
  else console.log(kind);
}

const store = new Redis(path, { commandTimeout: 2000 });
store.on("error", () => {});
const reader = new Reader({ store, tell, endpoint, check: 400 });
reader.follow(division, Number(year), Number(epoch), Number(seq));
await reader.run();
