// SPDX-License-Identifier: Apache-2.0
// Follows a division and year: node follow.mjs DIVISION YEAR REDIS-SOCKET
import Redis from "ioredis";
import { Reader } from "./evald.mjs";

function tell(kind, news) {
  const place = [news.mof_div_code, news.fiscal_year, news.seq];
  if (kind === "event") console.log(...place, news.pro_code, news.outcome, news.total);
  else if (news.counters) console.log(...place, kind, news.counters.forms ?? 0, "forms");
  else console.log(...place, kind, news.from ?? "", news.to ?? "");
}

const [division, year, socket] = process.argv.slice(2);
const store = new Redis(socket, { commandTimeout: 2000 });
store.on("error", () => {}); // the reader tells
const reader = new Reader({ store, tell });
reader.follow(division, Number(year));
await reader.run();
