// SPDX-License-Identifier: Apache-2.0
/*
 * The same work by BullMQ.
 *
 *   node bullmq.mjs work      a worker; says "ready", ends by SIGTERM
 *   node bullmq.mjs run       sends every job, waits for the last commit, prints
 *                             one line of JSON
 *
 * The environment says where everything is: PEER_REDIS (a socket),
 * PEER_LIBRARY, PEER_RULESET, PEER_FRAMES (of bench_frames), PEER_LUA,
 * PEER_CONCURRENCY.
 *
 * Best configuration found: jobs added in bulk, a thousand at a time, while the
 * workers run; finished jobs removed; automatic pipelining of all commands;
 * scoring in C through koffi, without a process between; one script call a
 * commit, and the commits of all jobs at work in one pipeline.
 */
import { Queue, Worker } from "bullmq";
import Redis from "ioredis";
import koffi from "koffi";
import { Unpackr } from "msgpackr";
import { readFileSync } from "node:fs";

const ROOM = 1 << 16, BULK = 1000, NAME = "forms", WARM = 16;
const env = process.env;

function connect() {
  return new Redis({ path: env.PEER_REDIS, maxRetriesPerRequest: null,
                     enableAutoPipelining: true });
}

function scorer() {
  const library = koffi.load(env.PEER_LIBRARY);
  const make = library.func("void *peer_scorer_new(const char *)");
  const score = library.func("size_t peer_score_packed(void *, " +
                             "const uint8_t *, size_t, uint8_t *, size_t)");
  const handle = make(env.PEER_RULESET), out = Buffer.alloc(ROOM);
  const unpackr = new Unpackr({ int64AsType: "string" });
  return (frame) => {
    const size = Number(score(handle, frame, frame.length, out, ROOM));
    if (size === 0) throw new Error("a job that cannot be scored");
    return unpackr.unpack(out.subarray(0, size));
  };
}

function work() {
  const store = connect(), score = scorer();
  store.defineCommand("commitJob", { numberOfKeys: 4,
                                     lua: readFileSync(env.PEER_LUA, "utf8") });
  const worker = new Worker(NAME, async (job) => {
    const [shard, project, result, form, event, deltas] =
      score(Buffer.from(job.data, "base64"));
    const key = `peer:{${shard}}:`;
    await store.commitJob(key + "results", key + "forms", key + "aggregate",
                          key + "events", project, Buffer.from(result),
                          Buffer.from(form), Buffer.from(event), ...deltas);
  }, { connection: connect(), concurrency: Number(env.PEER_CONCURRENCY),
       removeOnComplete: { count: 0 }, drainDelay: 1 });
  worker.on("failed", (_, error) => { console.error(error); process.exit(1); });
  worker.waitUntilReady().then(() => console.log("ready"));
  process.on("SIGTERM", () => process.exit(0));
}

function frames() {
  const data = readFileSync(env.PEER_FRAMES), found = [];
  for (let at = 0; at < data.length;) {
    const size = data.readUInt32LE(at);
    found.push(data.subarray(at + 4, at + 4 + size).toString("base64"));
    at += 4 + size;
  }
  return found;
}

async function waitUntil(store, count) {
  while (Number(await store.get("peer:done")) < count)
    await new Promise((again) => setTimeout(again, 5));
}

async function send(queue, jobs) {
  for (let first = 0; first < jobs.length; first += BULK)
    await queue.addBulk(jobs.slice(first, first + BULK)
      .map((data) => ({ name: "score", data,
                        opts: { removeOnComplete: true } })));
}

async function run() {
  const store = connect(), jobs = frames();
  const queue = new Queue(NAME, { connection: connect() });
  await send(queue, jobs.slice(0, WARM));
  await waitUntil(store, WARM);
  const begin = process.hrtime.bigint();
  await send(queue, jobs.slice(WARM));
  await waitUntil(store, jobs.length);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  const count = jobs.length - WARM;
  console.log(JSON.stringify({ jobs: count, seconds,
                               per_second: Math.round(count / seconds) }));
  process.exit(0);
}

if (process.argv[2] === "work") work();
else await run();
