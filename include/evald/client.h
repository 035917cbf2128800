/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_CLIENT_H
#define EVALD_CLIENT_H

/*
 * The other side of evald's doors: a producer that loses no job, and a reader
 * that misses no event. Library evald-client; needs libzmq and nothing else.
 *
 * Both are driven by their caller: nothing happens but inside a call, there is
 * no thread of ours besides libzmq's own, and callbacks run inside _poll. A
 * producer or a reader belongs to one thread at a time. What they tell lives
 * until the callback returns. A callback may submit; it must not poll,
 * follow or close.
 *
 * Statuses common to both: EVALD_MEMORY; EVALD_IO for a file or an endpoint
 * that cannot be used, the fault says which. That the other side is not there
 * is no fault: it may come. evald_producer_look and EVALD_NEWS_AWAY tell.
 */

#include "evald/status.h"
#include "evald/text.h"

/*
 * The producer.
 *
 * Invariants
 *  1. A job that was taken (evald_producer_submit answered EVALD_OK) is sent,
 *     and sent again after a lost connection, a restarted daemon or a `retry`,
 *     until it has an answer, and then told once.
 *  2. With an outbox: from then on a crash of this process does not lose it,
 *     and from evald_producer_sync, or the _poll that sends it, a crash of the
 *     machine does not either. Who opens the outbox next takes it over.
 *  3. An answer is told before it is written down: after a crash between the
 *     two it is told again, never not at all. So an answer counts by its
 *     job_id, not by how often it comes.
 *  4. A job that is sent again after it was committed changes nothing: the
 *     answer then says `unchanged`, with the total and grade that are stored.
 *  5. At most `window` jobs are on their way. The rest waits here, within
 *     `bytes_max`, beyond which a submit answers EVALD_LIMIT: poll, then try
 *     again.
 * Jobs leave in the order of their submission, but for those told to retry.
 */
struct evald_producer;

/* What an answer is. */
enum evald_answer_kind {
  EVALD_ANSWER_ACK, /* decided: `outcome` says how */
  EVALD_ANSWER_NACK /* not a valid job: `problems` say why; do not resend */
};

struct evald_problem {
  struct evald_text code, key, text; /* docs/PROTOCOL.md, "Rejects" */
  uint64_t offset;                   /* byte in the frame */
};

/* Texts are absent, numbers 0, where the daemon did not say. Totals are
 * decimal text, digests hexadecimal. */
struct evald_answer {
  uint64_t number; /* as evald_producer_submit gave it */
  enum evald_answer_kind kind;
  struct evald_text job_id, outcome;
  struct evald_text mof_div_code, pro_code;
  int64_t fiscal_year, revision;
  uint64_t epoch, seq;
  struct evald_text total, grade, form_digest, ruleset;
  struct evald_text source, rejects_id; /* of a nack */
  const struct evald_problem *problems;
  size_t problem_count;

  /* Of the ack of a recalculation: by which ruleset, and what became of each
   * project, for evald_outcome_next. Absent from older daemons. */
  struct evald_text ruleset_digest, outcomes;
};

/* One project of a recalculation. Without a score (not found, refused) the
 * grade's name is absent and the rest 0. */
struct evald_outcome {
  struct evald_text outcome; /* "superseded"; absent where it is a new one */
  bool scored;
  int64_t total_e6;
  uint64_t grade; /* from 0, the best */
  struct evald_text grade_name;
  struct evald_digest form_digest;
};

/* Takes the first of `outcomes`, in the order of the job's projects; false
 * where there is none, or it cannot be read. Texts live as the answer does. */
bool evald_outcome_next(struct evald_text *outcomes, struct evald_outcome *out);

typedef void (*evald_answer_tell)(void *context,
                                  const struct evald_answer *answer);

/* Texts are copied. A zero takes the default in brackets. */
/* A store that went back in time: what was acknowledged of this division and
 * year with an older epoch and a higher seq may be lost, and is to be submitted
 * again. It may be told again. Called within _poll; the text lives until it
 * returns. */
struct evald_loss {
  struct evald_text mof_div_code;
  int64_t fiscal_year;
  uint64_t epoch, seq;
};
typedef void (*evald_loss_tell)(void *context, const struct evald_loss *loss);

struct evald_producer_options {
  const char *endpoint; /* ["tcp://127.0.0.1:5702"] */
  const char *source;   /* the name under which jobs come, for the daemon's log
                           and metrics ["client"] */
  const char *outbox;   /* a file, made where there is none; NULL: none, and a
                           crash loses what has no answer */
  uint32_t window;      /* [1024]; the daemon may grant less */
  uint64_t bytes_max;   /* [256 MiB] of frames without an answer */
  int silence_ms;       /* [5000] after so long without a word, connect anew;
                           longer each time, up to a minute */
  evald_answer_tell tell; /* may be NULL */
  evald_loss_tell lost;   /* may be NULL */
  void *context;
};

/* Opens the outbox and takes over the jobs in it. Connects in _poll.
 *  EVALD_INTERFERED  another producer has this outbox open
 *  EVALD_INVALID     the file is no outbox; it is left as it is
 * An outbox whose end was torn by a crash is cut behind its last whole record;
 * what was cut is kept beside it in `<outbox>.torn`, and look() counts it. */
enum evald_status evald_producer_open(
    const struct evald_producer_options *options, struct evald_producer **out,
    struct evald_fault *fault);

/* Closes without waiting. What has no answer stays in the outbox. NULL does
 * nothing. */
void evald_producer_close(struct evald_producer *producer);

/* Takes a job: the msgpack map of docs/PROTOCOL.md, copied. Does not block on
 * the network. `number` (may be NULL) rises by one with each job of an outbox.
 *  EVALD_LIMIT  no room at present: nothing was taken
 *  EVALD_IO     the outbox could not be written: nothing was taken */
enum evald_status evald_producer_submit(struct evald_producer *producer,
                                        const void *frame, size_t size,
                                        uint64_t *number,
                                        struct evald_fault *fault);

/* The same for a job that may wait until live ones are served. */
enum evald_status evald_producer_submit_later(struct evald_producer *producer,
                                              const void *frame, size_t size,
                                              uint64_t *number,
                                              struct evald_fault *fault);

/* fsync of the outbox; nothing to do without one. */
enum evald_status evald_producer_sync(struct evald_producer *producer,
                                      struct evald_fault *fault);

/* Connects where needed, sends what the window allows, tells answers. Waits
 * up to `wait_ms` (-1: without limit) for something to happen, and returns when
 * it has: EVALD_OK, or EVALD_TIMEOUT where nothing did.
 *  EVALD_UNSUPPORTED  the daemon speaks another version of the protocol; the
 *                     jobs are kept, and the next poll tries again */
enum evald_status evald_producer_poll(struct evald_producer *producer,
                                      int wait_ms, struct evald_fault *fault);

/* Polls until every job has its answer; EVALD_TIMEOUT after `wait_ms`. */
enum evald_status evald_producer_flush(struct evald_producer *producer,
                                       int wait_ms, struct evald_fault *fault);

/* How things stand. */
struct evald_producer_state {
  bool connected;      /* the daemon has welcomed this connection */
  uint64_t unanswered; /* jobs without an answer, sent or not */
  uint64_t in_flight;  /* sent, on this connection */
  uint64_t taken_over; /* jobs found in the outbox at opening */
  uint64_t torn_bytes; /* cut from its end at opening */
  uint64_t acked, nacked, retried;
  uint64_t connections;  /* welcomes; each after the first resent what was in
                            flight */
  char durability[32];   /* what an ack promises: "always"; "" before */
  char retry_reason[32]; /* of the last retry */
};
void evald_producer_look(const struct evald_producer *producer,
                         struct evald_producer_state *out);

/*
 * The reader.
 *
 * PUB loses messages when one joins, when one is slow, when a connection
 * breaks, in silence. So the reader believes sequence numbers only: it knows
 * the last `seq` of each division and year that it follows, fetches what is
 * missing from the stream in Redis, in order, and says so.
 *
 * Invariants, per division and year
 *  1. Events are told with seq rising by one, each once; or EVALD_NEWS_LOST and
 *     EVALD_NEWS_SNAPSHOT say that and where it is otherwise.
 *  2. A gap, also one at the very end, is found within `check_ms` of quiet.
 *  3. After EVALD_NEWS_EPOCH nothing told before counts: the store went back to
 *     an older state, or was repaired. EVALD_NEWS_SNAPSHOT follows at once.
 */
struct evald_reader;

/* X(name, what it is) */
#define EVALD_NEWS_LIST(X)                                                     \
  X(SNAPSHOT, "the aggregate as Redis has it: begin here")                     \
  X(EVENT, "a change; `live` is false where it came from the stream")          \
  X(AGGREGATE, "the aggregate after a commit; its checksum was proven")        \
  X(HEALED, "events from..to were missed and have been told from the stream")  \
  X(LOST,                                                                      \
    "events from..to cannot be told any more, as the stream was cut off "      \
    "before `log_begins`; a snapshot follows")                                 \
  X(EPOCH, "the store went back in time, or was repaired; a snapshot follows") \
  X(BEHIND, "the daemon said that this reader was too slow and lost messages " \
            "from `from` on: all that is followed is compared with Redis")     \
  X(AWAY, "Redis cannot be read: gaps stay open until it can")                 \
  X(DIFFERS, "counters and checksum of an aggregate do not agree")

enum evald_news_kind {
#define X(name, what) EVALD_NEWS_##name,
  EVALD_NEWS_LIST(X)
#undef X
      EVALD_NEWS_COUNT
};

/* "SNAPSHOT"; "?" outside the list. */
const char *evald_news_name(enum evald_news_kind kind);

/* A named integer of the aggregate: docs/PROTOCOL.md, "Counters". */
struct evald_counter {
  const char *name;
  int64_t value;
};

struct evald_event {
  struct evald_text pro_code, job_id, source, outcome, grade, department,
      ruleset;
  int64_t revision;
  bool has_total; /* false in a withdrawal */
  int64_t total_e6;
  uint32_t errors, warnings, infos;
  struct evald_digest form_digest;
};

struct evald_news {
  enum evald_news_kind kind;
  const char *mof_div_code;
  int fiscal_year;
  uint64_t epoch, seq; /* where the reader stands after this */
  uint64_t checksum;   /* of the aggregate there; 0: not known */
  int64_t at_ms;       /* Unix time of the commit; 0: not known */
  bool live;
  const struct evald_event *event;      /* EVENT, else NULL */
  const struct evald_counter *counters; /* SNAPSHOT, AGGREGATE, else NULL */
  size_t counter_count;
  uint64_t from, to;   /* HEALED, LOST */
  uint64_t log_begins; /* SNAPSHOT, LOST: the stream can be replayed from this
                          seq on; 0: from its beginning, or not known */
  const char *reason;  /* AWAY, else NULL */
};

typedef void (*evald_news_tell)(void *context, const struct evald_news *news);

struct evald_reader_options {
  const char *endpoint; /* ["tcp://127.0.0.1:5703"] */
  const char *redis;    /* ["127.0.0.1:6379"]; "host:port", "unix:/path" */
  const char *user, *password; /* NULL: no AUTH */
  int check_ms;                /* [2000] */
  evald_news_tell tell;
  void *context;
};

/* EVALD_IO for an endpoint that cannot be used. */
enum evald_status evald_reader_open(const struct evald_reader_options *options,
                                    struct evald_reader **out,
                                    struct evald_fault *fault);
void evald_reader_close(struct evald_reader *reader);

/* Follows a division (nine digits) and year. `epoch` and `seq` are where the
 * caller stands, as a news told it once: everything after is told. 0 and 0:
 * nowhere, then a snapshot comes first. EVALD_RANGE for what is no division or
 * year; following one twice changes nothing. */
enum evald_status evald_reader_follow(struct evald_reader *reader,
                                      const char *mof_div_code, int fiscal_year,
                                      uint64_t epoch, uint64_t seq);

/* Tells what came; waits up to `wait_ms` (-1: without limit) for something.
 * EVALD_TIMEOUT where nothing did. Reading from Redis may take up to two
 * seconds more. */
enum evald_status evald_reader_poll(struct evald_reader *reader, int wait_ms,
                                    struct evald_fault *fault);

#endif
