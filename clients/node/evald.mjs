// SPDX-License-Identifier: Apache-2.0
// evald for Node: a producer that loses no job, a reader that misses no event.
// The protocol is docs/PROTOCOL.md, and include/evald/client.h says at length
// what both promise: this is the same in JavaScript.
export { Producer } from "./producer.mjs";
export { Reader, checksum } from "./reader.mjs";
