/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/recalc_journal.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "wire/counters.h"
#include "wire/cursor.h"
#include "wire/job_codec.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VERSION = 1, RECORD_SHARD = 1, RECORD_SENT = 2, RECORD_DONE = 3 };
enum { NOT_SCORED = 1 }; /* how: 0, or this and the place in the list */

static const char magic[] = "evald-recalc";

static enum evald_status io_fault(const struct journal *journal,
                                  struct evald_fault *fault) {
  return evald_fault_set(fault, EVALD_IO, journal->path, "%s",
                         fault_reason(errno));
}

/* ---- chunks ---- */

void chunk_clear(struct chunk *chunk) {
  free(chunk->items);
  free(chunk->outcomes);
  *chunk = (struct chunk){.used = false};
}

void chunk_count(struct recalc *recalc, struct recalc_item *item,
                 const struct chunk_outcome *outcome) {
  if (outcome->scored)
    recalc_note(recalc, &item->mover, &outcome->after);
  else
    recalc->left[outcome->left]++;
}

/* ---- what is written ---- */

static enum evald_status append(struct journal *journal,
                                struct evald_fault *fault) {
  struct wire_bytes bytes = wire_buffer_bytes(&journal->record);
  if (journal->fd < 0) return EVALD_OK;
  if (wire_buffer_done(&journal->record) != EVALD_OK) return EVALD_MEMORY;
  for (size_t put = 0; put < bytes.size;) {
    ssize_t some = write(journal->fd, bytes.data + put, bytes.size - put);
    if (some < 0 && errno == EINTR) continue;
    if (some <= 0) return io_fault(journal, fault);
    put += (size_t)some;
  }
  return EVALD_OK;
}

static struct wire_buffer *begin(struct journal *journal, size_t fields,
                                 int kind) {
  wire_buffer_reset(&journal->record);
  wire_put_array(&journal->record, fields);
  wire_put_int(&journal->record, kind);
  return &journal->record;
}

static enum evald_status keep_shard(struct journal *journal,
                                    const struct journal_shard *shard) {
  if (journal->shard_count == journal->shard_room) {
    size_t room = journal->shard_room ? 2 * journal->shard_room : 64;
    struct journal_shard *bigger =
        realloc(journal->shards, room * sizeof *bigger);
    if (!bigger) return EVALD_MEMORY;
    journal->shards = bigger;
    journal->shard_room = room;
  }
  journal->shards[journal->shard_count++] = *shard;
  return EVALD_OK;
}

enum evald_status journal_shard(struct journal *journal,
                                const struct store_shard_key *shard,
                                const struct contribution *before,
                                struct evald_fault *fault) {
  const struct journal_shard kept = {*shard, *before};
  struct wire_buffer *record = begin(journal, 4, RECORD_SHARD);
  wire_put_string(record, shard->division);
  wire_put_int(record, shard->year);
  wire_put_array(record, CORE_COUNTER_COUNT);
  wire_put_counters(record, before);
  enum evald_status status = keep_shard(journal, &kept);
  return status == EVALD_OK ? append(journal, fault) : status;
}

static void put_standing(struct wire_buffer *out,
                         const struct standing *standing) {
  wire_put_int(out, standing->total);
  wire_put_uint(out, standing->rank);
  wire_put_string(out, standing->grade);
}

enum evald_status journal_sent(struct journal *journal,
                               const struct chunk *chunk,
                               struct evald_fault *fault) {
  const struct store_shard_key *shard = &chunk->items[0].mover.shard;
  struct wire_buffer *record = begin(journal, 5, RECORD_SENT);
  wire_put_uint(record, chunk->number);
  wire_put_string(record, shard->division);
  wire_put_int(record, shard->year);
  wire_put_array(record, chunk->count);
  for (size_t i = 0; i < chunk->count; i++) {
    const struct recalc_item *item = &chunk->items[i];
    wire_put_array(record, 6);
    wire_put_string(record, item->mover.code);
    wire_put_digest(record, &item->form);
    wire_put_digest(record, &item->mover.ruleset);
    put_standing(record, &item->mover.before);
  }
  return append(journal, fault);
}

enum evald_status journal_done(struct journal *journal,
                               const struct chunk *chunk,
                               struct evald_fault *fault) {
  struct wire_buffer *record = begin(journal, 3, RECORD_DONE);
  wire_put_uint(record, chunk->number);
  wire_put_array(record, chunk->count);
  for (size_t i = 0; i < chunk->count; i++) {
    const struct chunk_outcome *outcome = &chunk->outcomes[i];
    unsigned how = NOT_SCORED + (unsigned)outcome->left;
    wire_put_array(record, 4);
    wire_put_uint(record, outcome->scored ? 0 : how);
    put_standing(record, &outcome->after);
  }
  return append(journal, fault);
}

/* ---- what is read ---- */

struct replay {
  struct journal *journal;
  struct recalc *recalc;
  struct chunk *open;
  struct wire_cursor cursor;
};

static struct store_shard_key get_shard(struct wire_cursor *cursor) {
  struct store_shard_key shard = {.year = 0};
  fault_copy(shard.division, sizeof shard.division, wire_get_text(cursor));
  shard.year = (int)wire_get_int(cursor);
  if (!store_shard_valid(&shard)) wire_cursor_fail(cursor);
  return shard;
}

static struct standing get_standing(struct wire_cursor *cursor) {
  evald_decimal total = wire_get_int(cursor);
  uint64_t rank = wire_get_uint(cursor);
  if (rank > UINT8_MAX) wire_cursor_fail(cursor);
  return standing_of(total, (uint8_t)rank, wire_get_text(cursor));
}

static struct chunk *chunk_numbered(struct chunk *open, uint64_t number) {
  for (int i = 0; i < JOURNAL_CHUNKS; i++)
    if (open[i].used && open[i].number == number) return &open[i];
  return NULL;
}

static struct chunk *chunk_free(struct chunk *open) {
  for (int i = 0; i < JOURNAL_CHUNKS; i++)
    if (!open[i].used) return &open[i];
  return NULL;
}

static void replay_shard(struct replay *replay) {
  struct journal_shard shard = {.shard = get_shard(&replay->cursor)};
  wire_get_counters(&replay->cursor, wire_get_array(&replay->cursor),
                    &shard.before);
  if (!replay->cursor.failed && keep_shard(replay->journal, &shard) != EVALD_OK)
    wire_cursor_fail(&replay->cursor);
}

static void get_item(struct wire_cursor *cursor,
                     const struct store_shard_key *shard,
                     struct recalc_item *item) {
  wire_want_array(cursor, 6);
  *item = (struct recalc_item){.mover.shard = *shard};
  fault_copy(item->mover.code, sizeof item->mover.code, wire_get_text(cursor));
  item->form = wire_get_digest(cursor);
  item->mover.ruleset = wire_get_digest(cursor);
  item->mover.before = get_standing(cursor);
}

static void replay_sent(struct replay *replay) {
  struct wire_cursor *cursor = &replay->cursor;
  uint64_t number = wire_get_uint(cursor);
  struct store_shard_key shard = get_shard(cursor);
  size_t count = wire_get_array(cursor);
  struct chunk *chunk = chunk_free(replay->open);
  if (count > WIRE_PROJECTS_MAX) wire_cursor_fail(cursor);
  if (cursor->failed) return;
  struct recalc_item *items = calloc(count + 1, sizeof *items);
  if (!items || !chunk) wire_cursor_fail(cursor);
  for (size_t i = 0; i < count && !cursor->failed; i++)
    get_item(cursor, &shard, &items[i]);
  if (cursor->failed || count == 0) {
    wire_cursor_fail(cursor);
    free(items);
    return;
  }
  *chunk = (struct chunk){
      .used = true, .number = number, .items = items, .count = count};
  if (number > replay->journal->chunks) replay->journal->chunks = number;
}

static struct chunk_outcome get_outcome(struct wire_cursor *cursor) {
  wire_want_array(cursor, 4);
  uint64_t how = wire_get_uint(cursor);
  if (how > RECALC_LEFT_COUNT) wire_cursor_fail(cursor);
  return (struct chunk_outcome){
      .scored = how == 0,
      .left = how > 0 ? (enum recalc_left)(how - NOT_SCORED) : RECALC_ALREADY,
      .after = get_standing(cursor)};
}

static void replay_done(struct replay *replay) {
  struct wire_cursor *cursor = &replay->cursor;
  struct wire_cursor whole;
  struct chunk *chunk = chunk_numbered(replay->open, wire_get_uint(cursor));
  if (!chunk || wire_get_array(cursor) != chunk->count) {
    wire_cursor_fail(cursor);
    return;
  }
  whole = *cursor; /* counted only where all of it is there */
  for (size_t i = 0; i < chunk->count; i++)
    (void)get_outcome(cursor);
  for (size_t i = 0; i < chunk->count && !cursor->failed; i++) {
    struct chunk_outcome outcome = get_outcome(&whole);
    chunk_count(replay->recalc, &chunk->items[i], &outcome);
  }
  if (!cursor->failed) chunk_clear(chunk);
}

static void replay_record(struct replay *replay) {
  static const struct {
    size_t fields;
    void (*read)(struct replay *replay);
  } kinds[] = {[RECORD_SHARD] = {4, replay_shard},
               [RECORD_SENT] = {5, replay_sent},
               [RECORD_DONE] = {3, replay_done}};
  size_t fields = wire_get_array(&replay->cursor);
  uint64_t kind = wire_get_uint(&replay->cursor);
  if (kind < RECORD_SHARD || kind > RECORD_DONE || fields != kinds[kind].fields)
    wire_cursor_fail(&replay->cursor);
  else
    kinds[kind].read(replay);
}

/* Reads all whole records; answers where the last of them ends, 0 where it is
 * not the journal of `what`. */
static size_t replay(struct replay *replay, const char *what) {
  wire_want_array(&replay->cursor, 3);
  bool ours =
      evald_text_equal(wire_get_text(&replay->cursor), evald_text_of(magic)) &&
      wire_get_uint(&replay->cursor) == VERSION &&
      evald_text_equal(wire_get_text(&replay->cursor), evald_text_of(what));
  size_t good = ours ? wire_cursor_offset(&replay->cursor) : 0;
  while (ours && wire_peek(&replay->cursor) != WIRE_TYPE_END) {
    replay_record(replay);
    if (replay->cursor.failed) break;
    good = wire_cursor_offset(&replay->cursor);
  }
  return good;
}

/* ---- the file ---- */

static bool find_folder(char out[JOURNAL_PATH]) {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  if (state && state[0] == '/')
    fault_print(out, JOURNAL_PATH, "%s", state);
  else if (home && home[0] == '/')
    fault_print(out, JOURNAL_PATH, "%s/.local/state", home);
  else
    return false;
  for (char *slash = strchr(out + 1, '/'); slash;
       slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(out, 0700);
    *slash = '/';
  }
  (void)mkdir(out, 0700);
  return true;
}

static enum evald_status find_path(struct journal *journal, const char *what,
                                   struct evald_fault *fault) {
  char folder[JOURNAL_PATH], hex[EVALD_DIGEST_HEX];
  if (!find_folder(folder))
    return evald_fault_set(fault, EVALD_IO, "HOME", "%s",
                           _("neither XDG_STATE_HOME nor HOME is set"));
  struct evald_digest digest = digest_of(what, strlen(what));
  evald_digest_print(&digest, hex);
  size_t size = fault_print(journal->path, JOURNAL_PATH, "%s/evald", folder);
  (void)mkdir(journal->path, 0700);
  fault_print(journal->path + size, JOURNAL_PATH - size, "/recalc-%.12s", hex);
  return EVALD_OK;
}

static enum evald_status write_head(struct journal *journal, const char *what,
                                    struct evald_fault *fault) {
  wire_buffer_reset(&journal->record);
  wire_put_array(&journal->record, 3);
  wire_put_string(&journal->record, magic);
  wire_put_int(&journal->record, VERSION);
  wire_put_string(&journal->record, what);
  return append(journal, fault);
}

static enum evald_status take_over(struct journal *journal, const char *what,
                                   size_t size, struct replay *state,
                                   struct evald_fault *fault) {
  void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, journal->fd, 0);
  if (bytes == MAP_FAILED) return io_fault(journal, fault);
  state->cursor = wire_cursor_of((struct wire_bytes){bytes, size});
  size_t good = replay(state, what);
  (void)munmap(bytes, size);
  if (good == 0)
    return evald_fault_set(fault, EVALD_INVALID, journal->path, "%s",
                           _("this is not the journal of this "
                             "recalculation; remove it and begin anew"));
  if (ftruncate(journal->fd, (off_t)good) != 0) return io_fault(journal, fault);
  return EVALD_OK;
}

enum evald_status journal_open(struct journal *journal, const char *what,
                               bool resume, struct recalc *recalc,
                               struct chunk *open_chunks,
                               struct evald_fault *fault) {
  struct stat stat;
  struct replay state = {journal, recalc, open_chunks, {0}};
  *journal = (struct journal){.fd = -1};
  enum evald_status status = find_path(journal, what, fault);
  if (status != EVALD_OK) return status;
  int fd = open(journal->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return io_fault(journal, fault);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &stat) != 0) {
    (void)close(fd);
    return evald_fault_set(fault, EVALD_INTERFERED, journal->path, "%s",
                           _("another evalctl is at this recalculation"));
  }
  if (stat.st_size > 0 && !resume) {
    (void)close(fd);
    return evald_fault_set(
        fault, EVALD_INVALID, journal->path, "%s",
        _("this recalculation was begun and not ended: go on with --resume, or "
          "remove the file, and the summary counts what is left alone"));
  }
  journal->fd = fd;
  if (stat.st_size == 0) return write_head(journal, what, fault);
  return take_over(journal, what, (size_t)stat.st_size, &state, fault);
}

void journal_close(struct journal *journal) {
  if (journal->fd >= 0) (void)close(journal->fd);
  wire_buffer_fini(&journal->record);
  free(journal->shards);
  *journal = (struct journal){.fd = -1};
}

void journal_remove(struct journal *journal) {
  if (journal->fd >= 0) (void)unlink(journal->path);
}

const struct contribution *journal_before(const struct journal *journal,
                                          const struct store_shard_key *shard) {
  for (size_t i = 0; i < journal->shard_count; i++)
    if (store_shard_equal(&journal->shards[i].shard, shard))
      return &journal->shards[i].before;
  return NULL;
}
