// SPDX-License-Identifier: Apache-2.0
// The jobs without an answer, in a file: docs/PROTOCOL.md, "The outbox".
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const MAGIC = Buffer.from("evald-o1");
const HEAD = 20;
const JOB = 1, LATER = 2, ANSWERED = 3;
const TIDY_FROM = 1 << 20;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

function crc32(data) {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}

function record(number, kind, payload = Buffer.alloc(0)) {
  const out = Buffer.alloc(HEAD + payload.length);
  out.writeUInt32LE(payload.length, 4);
  out.writeBigUInt64LE(BigInt(number), 8);
  out.writeUInt32LE(kind, 16);
  out.set(payload, HEAD);
  out.writeUInt32LE(crc32(out.subarray(4)), 0);
  return out;
}

// Node has no flock(2): a child holds the lock, and dies with our end of its
// pipe. A producer that was killed leaves it for a moment: hence the patience.
function lock(file, patience = 10) {
  return new Promise((resolve, reject) => {
    const holder = spawn("flock", ["-n", "-x", file, "sh", "-c", "echo; exec cat"],
                         { stdio: ["pipe", "pipe", "ignore"] });
    holder.on("error", reject);
    holder.stdin.on("error", () => {});
    holder.stdout.once("data", () => {
      for (const one of [holder, holder.stdin, holder.stdout]) one.unref();
      resolve(holder);
    });
    holder.once("exit", () => {
      if (patience > 0) setTimeout(() => lock(file, patience - 1).then(resolve, reject), 50);
      else reject(Object.assign(new Error(`${file}: another producer has this outbox open`),
                                { code: "INTERFERED" }));
    });
  });
}

function unlock(holder) {
  return new Promise((resolve) => {
    holder.removeAllListeners("exit");
    holder.once("exit", resolve);
    holder.ref();
    holder.stdin.end();
  });
}

function syncFolder(file) {
  const folder = fs.openSync(path.dirname(file), "r");
  fs.fsyncSync(folder);
  fs.closeSync(folder);
}

export class Outbox {
  static async open(file) {
    const outbox = new Outbox();
    outbox.path = file;
    outbox.jobs = new Map(); // number → {frame, later}: those without an answer
    Object.assign(outbox, { next: 1, torn: 0, answers: [], dirty: false });
    fs.closeSync(fs.openSync(file, "a", 0o600));
    outbox.holder = await lock(file);
    outbox.fd = fs.openSync(file, "a+");
    try {
      outbox.#load(fs.readFileSync(file));
    } catch (error) {
      fs.closeSync(outbox.fd);
      await unlock(outbox.holder);
      throw error;
    }
    return outbox;
  }

  #load(data) {
    const begin = data.subarray(0, MAGIC.length);
    if (!begin.equals(MAGIC.subarray(0, begin.length)))
      throw Object.assign(new Error(`${this.path}: this is no outbox of evald`), { code: "INVALID" });
    if (data.length < MAGIC.length) return this.#begin();
    const end = this.#replay(data);
    this.size = end;
    this.torn = data.length - end;
    if (this.torn > 0) { // keep what is cut: a failing disk may tear too much
      fs.appendFileSync(`${this.path}.torn`, data.subarray(end), { flush: true });
      fs.ftruncateSync(this.fd, end);
    }
  }

  #begin() {
    fs.ftruncateSync(this.fd, 0);
    fs.writeSync(this.fd, MAGIC);
    fs.fsyncSync(this.fd);
    this.size = MAGIC.length;
  }

  #replay(data) {
    let at = MAGIC.length;
    while (at + HEAD <= data.length) {
      const end = at + HEAD + data.readUInt32LE(at + 4);
      if (end > data.length || crc32(data.subarray(at + 4, end)) !== data.readUInt32LE(at)) break;
      const number = Number(data.readBigUInt64LE(at + 8)), kind = data.readUInt32LE(at + 16);
      if (kind === ANSWERED) {
        this.jobs.delete(number);
      } else {
        this.jobs.set(number, { frame: data.subarray(at + HEAD, end), later: kind === LATER });
        this.next = number + 1;
      }
      at = end;
    }
    return at;
  }

  // Whole or not at all: no half record may stand before the next.
  #append(data) {
    try {
      for (let at = 0; at < data.length;) at += fs.writeSync(this.fd, data, at);
    } catch (error) {
      fs.ftruncateSync(this.fd, this.size);
      throw error;
    }
    this.size += data.length;
  }

  put(number, frame, later) {
    this.#append(record(number, later ? LATER : JOB, frame));
    this.dirty = true;
  }

  answered(number) {
    this.answers.push(record(number, ANSWERED));
  }

  sync() {
    if (this.dirty) fs.fdatasyncSync(this.fd);
    this.dirty = false;
  }

  write() {
    if (this.answers.length > 0) this.#append(Buffer.concat(this.answers));
    this.answers = [];
  }

  // Writes the file anew where most of it is answered. Nothing may be put
  // meanwhile that is not in `jobs`: so it is written after the lock was had.
  async tidy(jobs, bytes) {
    if (this.size < TIDY_FROM || this.size / 2 < bytes + HEAD * jobs.size) return;
    const name = `${this.path}.new`;
    fs.writeFileSync(name, "", { mode: 0o600 });
    const holder = await lock(name);
    this.write();
    fs.writeFileSync(name, Buffer.concat([MAGIC, ...[...jobs].map(
      ([number, job]) => record(number, job.later ? LATER : JOB, job.frame))]));
    const fd = fs.openSync(name, "a+");
    fs.fsyncSync(fd);
    fs.renameSync(name, this.path);
    fs.closeSync(this.fd);
    const old = this.holder;
    Object.assign(this, { fd, holder, size: fs.fstatSync(fd).size, dirty: false });
    syncFolder(this.path);
    await unlock(old);
  }

  async close(empty) {
    this.write();
    if (empty) this.#begin();
    fs.closeSync(this.fd);
    await unlock(this.holder);
  }
}
