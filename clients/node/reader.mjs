// SPDX-License-Identifier: Apache-2.0
import { decode } from "@msgpack/msgpack";
import { Subscriber } from "zeromq";

const PAGE = 16;
const DOUBT = 200;
const EVENT = ["outcome", "pro_code", "revision", "job_id", "source", "total", "grade_index", "grade",
               "errors", "warnings", "infos", "dept_code", "form_digest", "ruleset", "checksum"];
const OUTCOMES = ["committed", "unchanged", "superseded", "stale", "conflict", "withdrawn",
                  "rejected", "not_found", "repaired"];

// Of an aggregate's counters in their order, as messages carry it.
export function checksum(counters) {
  let h = 14695981039346656037n;
  for (const value of counters)
    h = BigInt.asUintN(64, (h ^ BigInt.asUintN(64, BigInt(value))) * 1099511628211n);
  return h.toString(16).padStart(16, "0");
}

// An event of a batch, as the message would have it.
function unpack(packed) {
  const event = Object.fromEntries(EVENT.map((key, i) => [key, packed[i]]));
  for (const key of ["outcome", "revision", "errors", "warnings", "infos"]) event[key] = Number(event[key]);
  delete event.grade_index;
  event.outcome = OUTCOMES[event.outcome];
  event.checksum = BigInt(event.checksum).toString(16).padStart(16, "0");
  if (event.total !== null) {
    const digits = String(event.total).padStart(7, "0");
    event.total = `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, "");
    event.form_digest = Buffer.from(event.form_digest).toString("hex");
  }
  return event;
}

class StoreAway extends Error {}

// Every event of the divisions and years that are followed, in the order of seq,
// each once: what PUB loses is read from the stream in Redis.
//
// `store` is an ioredis client with a commandTimeout, or whatever has its
// hgetall and xrangeBuffer. tell(kind, news) gets an object with mof_div_code,
// fiscal_year, epoch and seq, and as `kind` one of
//   snapshot   the aggregate as Redis has it (counters): begin here
//   event      a change; live is false where it came from the stream
//   aggregate  the aggregate after a commit (counters), its checksum proven
//   healed     the events from..to were missed and have been told
//   lost       the events from..to cannot be told any more, as the stream was
//              cut off before log_begins; a snapshot follows
//   epoch      the store went back in time; a snapshot follows
//   behind     the daemon said that this reader was too slow and lost messages
//              from `from` on: all that is followed is compared with Redis
//   away       Redis cannot be read: gaps stay open until it can
//   differs    counters and checksum of an aggregate do not agree
// Follow first, then `await run()`, which ends with close().
export class Reader {
  constructor({ store, tell, endpoint = "tcp://127.0.0.1:5703", check = 2000 }) {
    Object.assign(this, { store, tell, check, shards: new Map(), away: false, work: Promise.resolve() });
    this.socket = new Subscriber({ linger: 0, receiveHighWaterMark: 100000 });
    this.socket.connect(endpoint);
  }

  // epoch and seq: where you stand, as a news told you once; everything after is
  // told. Without them a snapshot comes first.
  follow(division, year, epoch = 0, seq = 0) {
    const key = `${division}.${year}`;
    if (this.shards.has(key)) return;
    this.shards.set(key, { division, year, epoch, seq, placed: false, shown: 0 });
    this.socket.subscribe(`event.${key}`, `aggregate.${key}`);
  }

  async run() {
    const timer = setInterval(() => this.#turn(() => this.#checkAll()), this.check);
    await this.#turn(() => this.#checkAll());
    try {
      for await (const [, body] of this.socket) await this.#turn(() => this.#message(body));
    } finally {
      clearInterval(timer);
      clearTimeout(this.doubt?.timer);
    }
  }

  close() {
    this.socket.close();
  }

  // One thing at a time.
  #turn(work) {
    return (this.work = this.work.then(work));
  }

  async #checkAll() {
    for (const shard of this.shards.values()) await this.#heal(shard);
  }

  #say(shard, kind, news = {}) {
    this.tell(kind, { mof_div_code: shard.division, fiscal_year: shard.year,
                      epoch: shard.epoch, seq: shard.seq, ...news });
  }

  async #message(body) {
    let message;
    try {
      message = decode(body);
    } catch {
      return; // not for us
    }
    const shard = this.shards.get(`${message?.mof_div_code}.${message?.fiscal_year}`);
    if (shard && !shard.placed && message.kind === "behind") {
      return this.#checkAll(); // the connection lost something: whose, it cannot tell
    }
    if (!shard?.placed) return;
    await this.#endDoubt(message);
    if (message.kind === "behind") this.#doubt(message);
    if (message.kind !== "event" && message.kind !== "aggregate") return;
    // Else it may be of a store that is gone, or of a second epoch.
    if (message.seq === 1) shard.epoch ||= message.epoch;
    if (message.epoch < shard.epoch) return;
    const event = message.kind === "event";
    const before = message.seq - (event ? 1 : 0); // an aggregate comes after its events
    if (message.epoch !== shard.epoch || before > shard.seq) await this.#heal(shard);
    if (message.epoch !== shard.epoch) return;
    if (event && message.seq === shard.seq + 1) {
      shard.seq++;
      this.#say(shard, "event", { ...message, live: true });
    } else if (!event && message.seq >= shard.seq && message.seq > shard.shown) {
      this.#aggregate(shard, message);
    }
  }

  // The daemon said that a reader of the topic lost a message. The next one on
  // this connection is that very message, or it was this reader.
  #doubt(message) {
    const timer = setTimeout(() => this.#turn(() => this.#fellBehind(message)), DOUBT);
    this.doubt = { message, timer };
  }

  async #endDoubt(message) {
    if (!this.doubt) return;
    const { message: lost } = this.doubt;
    const same = lost.of === message.kind &&
      ["mof_div_code", "fiscal_year", "epoch", "seq"].every((key) => lost[key] === message[key]);
    if (!same) return this.#fellBehind(lost);
    clearTimeout(this.doubt.timer);
    this.doubt = null;
  }

  async #fellBehind(lost) {
    if (this.doubt?.message !== lost) return; // was settled meanwhile
    clearTimeout(this.doubt.timer);
    this.doubt = null;
    this.#say(this.shards.get(`${lost.mof_div_code}.${lost.fiscal_year}`), "behind", { from: lost.seq });
    await this.#checkAll();
  }

  #aggregate(shard, message) {
    const keys = Object.keys(message);
    const names = keys.slice(keys.indexOf("checksum") + 1, keys.indexOf("at_ms"));
    const counters = Object.fromEntries(names.map((name) => [name, message[name]]));
    if (checksum(Object.values(counters)) !== message.checksum) return this.#say(shard, "differs");
    shard.shown = message.seq;
    this.#say(shard, "aggregate", { counters, checksum: message.checksum, at_ms: message.at_ms });
  }

  async #heal(shard) {
    try {
      await this.#catchUp(shard);
      this.away = false;
    } catch (error) {
      if (!(error instanceof StoreAway)) throw error;
      if (!this.away) this.#say(shard, "away", { reason: error.message });
      this.away = true;
    }
  }

  async #ask(command, ...args) {
    try {
      return await this.store[command](...args);
    } catch (error) {
      throw new StoreAway(error.message);
    }
  }

  async #state(shard) {
    const { commit, ...fields } = await this.#ask("hgetall", `evald:1:{${shard.division}:${shard.year}}:aggregate`);
    const { epoch = 0, seq = 0, updated_ms = 0, log_begins = 0, ...counters } = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, Number(value)]));
    return { epoch, seq, at_ms: updated_ms, log_begins, counters };
  }

  #standAt(shard, { epoch, seq, at_ms, log_begins, counters }) {
    Object.assign(shard, { epoch, seq, placed: true, shown: seq });
    this.#say(shard, "snapshot", { at_ms, log_begins, counters });
  }

  // By the stream where it reaches back, else by a snapshot.
  async #catchUp(shard) {
    let state = await this.#state(shard);
    if (!shard.placed && !shard.epoch) return this.#standAt(shard, state);
    if (shard.epoch && (state.epoch !== shard.epoch || state.seq < shard.seq)) {
      this.#say(shard, "epoch");
      return this.#standAt(shard, state);
    }
    shard.placed = true;
    if (state.seq === shard.seq) return;
    const from = shard.seq + 1;
    const whole = from >= state.log_begins && (await this.#replay(shard));
    if (shard.seq >= from) this.#say(shard, "healed", { from, to: shard.seq });
    if (whole && shard.seq >= state.seq) return;
    state = await this.#state(shard);
    this.#say(shard, state.epoch === shard.epoch ? "lost" : "epoch",
              { from: shard.seq + 1, to: state.seq, log_begins: state.log_begins });
    this.#standAt(shard, state);
  }

  // Tells what the stream has behind shard.seq; false at a hole.
  async #replay(shard) {
    const key = `evald:1:{${shard.division}:${shard.year}}:events`;
    for (;;) {
      const after = shard.seq;
      const page = await this.#ask("xrangeBuffer", key, `(${after}-0`, "+", "COUNT", PAGE);
      for (const [, fields] of page) {
        const at = fields.findIndex((field, i) => i % 2 === 0 && field.toString() === "b");
        const [, epoch, first, , at_ms, , , events] = decode(fields[at + 1], { useBigInt64: true });
        shard.epoch ||= Number(epoch);
        if (Number(epoch) !== shard.epoch || Number(first) > shard.seq + 1) return false;
        for (const event of events.slice(shard.seq + 1 - Number(first))) {
          shard.seq++;
          this.#say(shard, "event", { ...unpack(event), at_ms: Number(at_ms), live: false });
        }
      }
      if (page.length < PAGE || shard.seq === after) return true;
    }
  }
}
