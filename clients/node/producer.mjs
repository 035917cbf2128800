// SPDX-License-Identifier: Apache-2.0
import { decode, encode } from "@msgpack/msgpack";
import { Dealer } from "zeromq";
import { Outbox } from "./outbox.mjs";

const ACK = 0, RETRY = 2;
const TICK = 1000;          // ms of silence, then a ping
const SILENCE_MAX = 60000;
const MESSAGE_FRAMES = 256;
const FRAME_MAX = 32 << 20; // where the daemon has not said
const SPAN_MAX = 1 << 20;   // jobs from the oldest without an answer to the newest

// Every job that was taken is sent, again where needed, until it has an answer;
// then tell(number, "ack" | "nack", answer) is called. With an outbox (a file) a
// crash loses none; after one an answer may be told twice. It works by itself
// between open and close. lost({ mof_div_code, fiscal_year, epoch, seq }) is
// called where the store went back in time: what was acknowledged there with an
// older epoch and a higher seq may be lost; submit it again. It may come again.
export class Producer {
  static async open(options = {}) {
    const producer = new Producer();
    Object.assign(producer, {
      endpoint: "tcp://127.0.0.1:5702", source: "client", outbox: null,
      window: 1024, bytesMax: 256 << 20, silence: 5000, tell() {}, lost() {}, ...options,
      jobs: new Map(), bytes: 0, next: 1, inFlight: 0, connections: 0, retried: 0,
      durability: "", connected: false, frameMax: FRAME_MAX, asked: 0, closed: false,
    });
    producer.windowWanted = producer.window;
    producer.patience = producer.silence;
    if (options.outbox) {
      producer.outbox = await Outbox.open(options.outbox);
      producer.next = producer.outbox.next;
      for (const [number, job] of producer.outbox.jobs) producer.#add(number, job.frame, job.later);
      producer.outbox.jobs.clear();
    }
    producer.takenOver = producer.jobs.size;
    producer.#dial();
    producer.timer = setInterval(() => producer.#keep(), Math.min(TICK, producer.silence / 3));
    return producer;
  }

  #add(number, frame, later) {
    this.jobs.set(number, { frame, later, sent: false, due: 0 });
    this.bytes += frame.length;
  }

  hasRoom(size = 0) {
    const [oldest = this.next] = this.jobs.keys();
    return this.bytes + size <= this.bytesMax && this.next - oldest < SPAN_MAX;
  }

  // Takes a job, an object or its msgpack. Throws where there is no room (wait
  // for answers) or where the outbox cannot be written.
  submit(job, { later = false } = {}) {
    const frame = job instanceof Uint8Array ? job : encode(job);
    if (!this.hasRoom(frame.length)) throw new Error(`${this.jobs.size} jobs wait for their answers`);
    const number = this.next;
    this.outbox?.put(number, frame, later);
    this.next++;
    this.#add(number, frame, later);
    this.#soon();
    return number;
  }

  sync() {
    this.outbox?.sync();
  }

  // Whether every job has its answer, within so many ms. Throws where the daemon
  // speaks another version of the protocol.
  async flush(wait = Infinity) {
    const end = Date.now() + wait;
    while (this.jobs.size > 0 && Date.now() < end && !this.failure)
      await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.failure) throw this.failure;
    return this.jobs.size === 0;
  }

  // Does not wait for answers; what has none stays in the outbox.
  async close() {
    this.closed = true;
    clearInterval(this.timer);
    this.#hangUp();
    await this.pumping;
    await this.outbox?.close(this.jobs.size === 0);
  }

  // A connection is one DEALER that libzmq may not mend by itself: were it to
  // reconnect in silence, the jobs in flight would be gone unnoticed.
  #dial() {
    const socket = new Dealer({ linger: 0, reconnectInterval: -1, sendHighWaterMark: 0,
                                receiveHighWaterMark: 0, sendTimeout: 0 });
    this.socket = socket;
    this.pinged = this.asked = Date.now();
    socket.connect(this.endpoint);
    this.#listen(socket);
    this.#send(socket, ["hello", encode({ v: 1, source: this.source, window: this.windowWanted })]);
  }

  #hangUp() {
    this.socket?.close();
    this.socket = null;
    this.connected = false;
    this.inFlight = 0;
    for (const job of this.jobs.values()) Object.assign(job, { sent: false, due: 0 });
  }

  // A send that finds no connection tells that it broke.
  async #send(socket, frames) {
    try {
      await socket.send(frames);
      return true;
    } catch {
      if (this.socket === socket) this.#hangUp();
      return false;
    }
  }

  async #listen(socket) {
    try {
      for await (const [word, body] of socket) {
        if (this.socket !== socket) break;
        this.heard = Date.now();
        this.asked = 0;
        if (word.toString() === "answers") this.#answers(decode(body));
        else if (word.toString() === "welcome") this.#welcome(decode(body));
        else if (word.toString() === "resend") this.lost(decode(body));
        else if (word.toString() === "unwelcome") this.#unwelcome();
        else if (word.toString() === "ping") this.#send(socket, ["pong"]);
        this.#soon();
      }
    } catch (error) {
      if (this.socket === socket) throw error;
    }
  }

  // Silence counts from when we asked: the program may have been busy.
  #keep() {
    const now = Date.now();
    if (!this.socket) return this.#dial();
    const patience = this.connected ? this.patience : Math.min(TICK, this.patience);
    if (this.asked && now - this.asked >= patience) {
      if (this.connected) this.patience = Math.min(this.patience * 2, SILENCE_MAX);
      this.#hangUp();
      return this.#dial();
    }
    const last = this.asked ? this.pinged : this.heard;
    if (this.connected && now - last >= Math.min(TICK, this.silence / 3)) {
      this.pinged = now;
      this.asked ||= now;
      this.#send(this.socket, ["ping"]);
    }
    this.#soon();
  }

  // One sending at a time; what is submitted together shares one fsync.
  #soon() {
    this.pumping ??= new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#pump()).finally(() => { this.pumping = null; });
  }

  async #pump() {
    await this.outbox?.tidy(this.jobs, this.bytes);
    while (!this.closed && this.connected && this.inFlight < this.window) {
      const run = this.#run();
      if (run.length === 0) break;
      this.sync(); // nothing leaves before it is on disk
      const first = Buffer.alloc(8), socket = this.socket;
      first.writeBigUInt64BE(BigInt(run[0]));
      const jobs = run.map((number) => this.jobs.get(number));
      for (const job of jobs) job.sent = true;
      this.inFlight += run.length;
      const word = jobs[0].later ? "recalc-jobs" : "jobs";
      await this.#send(socket, [word, first, ...jobs.map((job) => job.frame)]);
    }
    const due = [...this.jobs.values()].filter((job) => !job.sent).map((job) => job.due);
    if (!this.closed && this.connected && this.inFlight < this.window && due.length > 0)
      setTimeout(() => this.#soon(), Math.max(1, Math.min(...due) - Date.now()));
  }

  // Jobs for one message: dense numbers, one kind, within the window.
  #run() {
    const run = [], now = Date.now();
    const most = Math.min(MESSAGE_FRAMES, this.window - this.inFlight);
    for (const [number, job] of this.jobs) {
      if (job.sent || job.due > now) continue;
      if (job.frame.length > this.frameMax) {
        this.#refuse(number);
        continue;
      }
      const fits = run.length === 0 ||
        (number === run.at(-1) + 1 && job.later === this.jobs.get(run[0]).later);
      if (!fits || run.length === most) break;
      run.push(number);
    }
    return run;
  }

  // The daemon would cut the connection for it, at each resend again.
  #refuse(number) {
    this.#done(number, "nack", { outcome: "rejected", problems: [
      { code: "oversized", key: "", offset: 0, text: "消息超过允许的大小" }] });
    this.outbox?.write();
  }

  // Another try would be answered the same.
  #unwelcome() {
    this.failure = new Error("the daemon does not speak version 1 of the protocol, which is this client's");
    clearInterval(this.timer);
    this.#hangUp();
  }

  #welcome(welcome) {
    if (!this.connected) this.connections++;
    this.connected = true;
    this.window = Math.min(this.windowWanted, welcome.window || this.windowWanted);
    this.frameMax = welcome.max_message_bytes || FRAME_MAX;
    this.durability = welcome.durability ?? "";
    for (const news of welcome.resend ?? []) this.lost(news);
  }

  #answers(answers) {
    for (const [number, kind, answer] of answers) {
      const job = this.jobs.get(number);
      if (!job?.sent) continue;
      this.patience = this.silence;
      if (kind === RETRY) {
        this.retried++;
        Object.assign(job, { sent: false, due: Date.now() + Math.min(answer.after_ms ?? 0, SILENCE_MAX) });
        this.inFlight--;
      } else {
        this.#done(number, kind === ACK ? "ack" : "nack", answer);
      }
    }
    this.outbox?.write();
  }

  #done(number, kind, answer) {
    this.tell(number, kind, answer);
    this.outbox?.answered(number);
    const job = this.jobs.get(number);
    this.jobs.delete(number);
    if (job.sent) this.inFlight--;
    this.bytes -= job.frame.length;
  }
}
