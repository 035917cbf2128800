/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_SUBSCRIPTIONS_H
#define DAEMON_SUBSCRIPTIONS_H

/*
 * What readers have subscribed to: prefixes of topics, each with the number of
 * readers that asked for it. XPUB tells of every subscription and its end,
 * also when a reader vanishes.
 */

#include "evald/status.h"
#include "evald/text.h"

struct subscription {
  char *prefix;
  size_t size;
  uint32_t readers;
};

struct subscriptions {
  struct subscription *items;
  size_t count, room;
  bool overflown;
};

/* Readers may ask for as much as they like: with more prefixes than this,
 * every topic counts as wanted until none is left (ZeroMQ still sends each
 * reader only what it asked for). */
enum { SUBSCRIPTIONS_MAX = 1024 };

void subscriptions_fini(struct subscriptions *subscriptions);

/* A subscription (`begins`) or its end. EVALD_MEMORY. */
enum evald_status subscriptions_note(struct subscriptions *subscriptions,
                                     struct evald_text prefix, bool begins);

/* Whether anybody may get a message of a topic that begins so. */
bool subscriptions_overlap(const struct subscriptions *subscriptions,
                           struct evald_text begin);

/* Whether anybody gets a message of that topic. */
bool subscriptions_match(const struct subscriptions *subscriptions,
                         struct evald_text topic);

#endif
