/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/shard.h"
#include "unit.h"

static struct evald_digest digest(uint8_t value) {
  return (struct evald_digest){{value}};
}

static struct shard_claim claim(int64_t revision, uint8_t form,
                                uint8_t ruleset) {
  return (struct shard_claim){SHARD_EVALUATE, revision, digest(form),
                              digest(ruleset)};
}

static struct project stored(uint8_t state) {
  return (struct project){.state = state,
                          .revision = 5,
                          .form_digest = digest(1),
                          .ruleset_digest = digest(1)};
}

static void an_evaluation_is_decided(void **state) {
  (void)state;
  struct project absent = {0}, here = stored(PROJECT_EVALUATED),
                 gone = stored(PROJECT_WITHDRAWN);
  const struct {
    const struct project *project;
    struct shard_claim claim;
    enum wire_outcome outcome;
  } cases[] = {
      {&absent, claim(1, 1, 1), WIRE_OUTCOME_COMMITTED},
      {&here, claim(4, 1, 1), WIRE_OUTCOME_STALE},
      {&here, claim(4, 1, 2), WIRE_OUTCOME_STALE},
      {&here, claim(5, 1, 1), WIRE_OUTCOME_UNCHANGED},
      {&here, claim(5, 2, 1), WIRE_OUTCOME_CONFLICT},
      {&here, claim(5, 2, 2), WIRE_OUTCOME_CONFLICT},
      {&here, claim(5, 1, 2), WIRE_OUTCOME_SUPERSEDED},
      {&here, claim(6, 1, 1), WIRE_OUTCOME_SUPERSEDED},
      {&here, claim(6, 2, 1), WIRE_OUTCOME_SUPERSEDED},
      {&gone, claim(5, 1, 1), WIRE_OUTCOME_STALE},
      {&gone, claim(6, 1, 1), WIRE_OUTCOME_SUPERSEDED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(shard_decide(cases[i].project, &cases[i].claim),
                     cases[i].outcome);
}

static void a_withdrawal_is_decided(void **state) {
  (void)state;
  struct project absent = {0}, here = stored(PROJECT_EVALUATED),
                 gone = stored(PROJECT_WITHDRAWN);
  const struct {
    const struct project *project;
    int64_t revision;
    enum wire_outcome outcome;
  } cases[] = {
      {&absent, 1, WIRE_OUTCOME_WITHDRAWN}, {&here, 4, WIRE_OUTCOME_STALE},
      {&here, 5, WIRE_OUTCOME_WITHDRAWN},   {&here, 6, WIRE_OUTCOME_WITHDRAWN},
      {&gone, 4, WIRE_OUTCOME_STALE},       {&gone, 5, WIRE_OUTCOME_UNCHANGED},
      {&gone, 6, WIRE_OUTCOME_WITHDRAWN},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct shard_claim wish = {.wish = SHARD_WITHDRAW,
                               .revision = cases[i].revision};
    assert_int_equal(shard_decide(cases[i].project, &wish), cases[i].outcome);
  }
}

static struct contribution one_form(int64_t budget) {
  struct contribution part = {0};
  part.counter[CORE_COUNTER_FORMS] = 1;
  part.counter[CORE_COUNTER_BUDGET] = budget;
  return part;
}

static struct shard fresh(void) {
  struct shard shard;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  static const int64_t counters[CORE_COUNTER_COUNT];
  struct shard_seen seen = {
      .stream_seq = -1, .commit = "", .run = "r1", .counters = counters};
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_true(shard.known);
  assert_int_equal(shard.epoch, 1);
  assert_int_equal(shard.seq, 0);
  return shard;
}

/* A store that was wiped together with every daemon begins elsewhere, so that
 * no reader takes the new numbers for those it holds. */
static void a_new_shard_begins_at_the_time(void **state) {
  (void)state;
  static const int64_t counters[CORE_COUNTER_COUNT];
  struct shard_seen seen = {.stream_seq = -1,
                            .commit = "",
                            .run = "r1",
                            .counters = counters,
                            .now_ms = 1800000000000};
  struct shard shard;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_int_equal(shard.epoch, 1800000000000);
  seen.now_ms += 7;
  seen.exists = true;
  seen.seq = 3;
  seen.epoch = 5; /* what is written is believed, however small */
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_int_equal(shard.epoch, 5);
  seen.seq = 2;
  assert_int_equal(shard_see(&shard, &seen), SHARD_FELL_BACK);
  assert_int_equal(shard.epoch, 1800000000007); /* 6 may have been told */
  seen.seq = 1;
  seen.epoch = shard.epoch;
  shard.seq = 2;
  assert_int_equal(shard_see(&shard, &seen), SHARD_FELL_BACK);
  assert_int_equal(shard.epoch,
                   1800000000008); /* within the same millisecond */
  shard_fini(&shard);
}

static struct shard_seen at(int64_t epoch, int64_t seq, const char *run) {
  static const int64_t counters[CORE_COUNTER_COUNT];
  return (struct shard_seen){.exists = true,
                             .epoch = epoch,
                             .seq = seq,
                             .stream_seq = -1,
                             .commit = "x",
                             .run = run,
                             .counters = counters,
                             .now_ms = 1000};
}

/* Nobody knows what was published by others before Redis was started anew, also
 * not the one whose commit is the last that is left: others may have written
 * behind it. Readers are told to look again, once for each start. */
static void a_redis_that_was_restarted_begins_an_epoch(void **state) {
  (void)state;
  struct shard shard;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  struct shard_seen seen = at(40, 9, "r1");
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_int_equal(shard.epoch, 40);
  seen = at(40, 9, "r2");
  seen.restarted = true;
  assert_int_equal(shard_see(&shard, &seen), SHARD_UNSURE);
  assert_int_equal(shard.epoch, 1000);
  seen.now_ms = 2000;
  assert_int_equal(shard_see(&shard, &seen), SHARD_AS_KNOWN);
  shard_forget(&shard);
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_int_equal(shard.epoch, 1000); /* nobody has heard of it yet */
  seen.run = "r3"; /* another may have written at 1000, and lost it */
  assert_int_equal(shard_see(&shard, &seen), SHARD_UNSURE);
  assert_int_equal(shard.epoch, 2000);
  seen = at(1500, 10, "r3"); /* another was first: its epoch is good */
  seen.commit = "y";
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_int_equal(shard.epoch, 1500);
  shard_fini(&shard);
}

/* Where nothing that was answered can be missing, who holds the last commit
 * goes on; who does not cannot know. */
static void a_redis_that_keeps_all_is_believed_by_who_knows(void **state) {
  (void)state;
  struct shard shard, other;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  shard_init(&other, 0, EVALD_TEXT("310113000"), 2024);
  struct shard_seen seen = at(40, 9, "r1");
  seen.keeps = true;
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  seen.run = "r2";
  seen.restarted = true;
  assert_int_equal(shard_see(&shard, &seen), SHARD_AS_KNOWN);
  assert_int_equal(shard.epoch, 40);
  assert_int_equal(shard_see(&other, &seen), SHARD_UNSURE);
  assert_int_equal(other.epoch, 1000);
  seen.seq = 10; /* written by another before that start */
  seen.commit = "y";
  assert_int_equal(shard_see(&shard, &seen), SHARD_UNSURE);
  assert_int_equal(shard.epoch, 1000);
  shard_fini(&shard);
  shard_fini(&other);
}

/* Two that waited to be the first on an empty store: one was, and all was lost.
 * The other's number for its epoch may be that of the first. */
static void an_epoch_chosen_before_a_restart_is_not_used_after_it(
    void **state) {
  (void)state;
  struct shard shard;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  struct shard_seen nothing = at(0, 0, "r1");
  nothing.exists = false;
  nothing.commit = "";
  assert_int_equal(shard_see(&shard, &nothing), SHARD_MOVED);
  assert_int_equal(shard.epoch, 1000);
  assert_int_equal(shard_see(&shard, &nothing), SHARD_AS_KNOWN);
  nothing.run = "r2";
  nothing.now_ms = 1001;
  assert_int_equal(shard_see(&shard, &nothing), SHARD_MOVED);
  assert_int_equal(shard.epoch, 1001);
  shard_fini(&shard);
}

/* `floor` was an epoch of this shard too, perhaps, before it was forgotten. */
static void a_forgotten_shard_does_not_come_back_under_an_old_epoch(
    void **state) {
  (void)state;
  struct shard shard;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  struct shard_seen seen = at(40, 9, "r1");
  seen.floor = 5000;
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_int_equal(shard.epoch, 5001); /* the clock went back */
  shard_fini(&shard);
}

static uint32_t department(struct shard *shard, const char *key) {
  uint32_t number =
      shard_department(shard, evald_text_of(key), evald_text_of(key));
  shard->departments.items[number].known = true;
  return number;
}

static int64_t budget_of(const struct shard *shard, uint32_t number) {
  return shard->departments.items[number].sum.counter[CORE_COUNTER_BUDGET];
}

/* A load that another's first commit cuts in two: the aggregate was read before
 * it, the stream's end after it. What was read must not pass for what there is
 * by its sequence alone. */
static void a_first_commit_of_another_is_seen(void **state) {
  (void)state;
  static const int64_t counters[CORE_COUNTER_COUNT];
  struct shard shard;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  struct shard_seen before = {
      .stream_seq = 1, .commit = "", .run = "r1", .counters = counters};
  assert_int_equal(shard_see(&shard, &before), SHARD_MOVED);
  assert_int_equal(shard.seq, 1);
  struct shard_seen after = {.exists = true,
                             .epoch = 1,
                             .seq = 1,
                             .stream_seq = -1,
                             .commit = "x",
                             .run = "r1"};
  assert_int_equal(shard_see(&shard, &after), SHARD_MOVED);
  assert_false(shard.known);
  shard_fini(&shard);
}

/* A form comes, changes its amount and its department, and is withdrawn. */
static void old_goes_out_and_new_comes_in(void **state) {
  (void)state;
  struct shard shard = fresh();
  struct project project = {0};
  uint32_t a = department(&shard, "a"), b = department(&shard, "b");
  struct contribution part = one_form(100);
  struct shard_claim wish = claim(1, 1, 1);
  shard_begin(&shard);
  assert_int_equal(shard_apply(&shard, &project, &wish, a, &part), EVALD_OK);
  assert_int_equal(shard.seq, 1);
  assert_int_equal(budget_of(&shard, a), 100);
  part = one_form(250);
  wish = claim(2, 2, 1);
  assert_int_equal(shard_apply(&shard, &project, &wish, b, &part), EVALD_OK);
  assert_int_equal(budget_of(&shard, a), 0);
  assert_int_equal(budget_of(&shard, b), 250);
  assert_int_equal(shard.sum.counter[CORE_COUNTER_FORMS], 1);
  assert_int_equal(shard.sum.counter[CORE_COUNTER_BUDGET], 250);
  shard_commit(&shard);
  shard_begin(&shard);
  part = (struct contribution){0};
  wish.wish = SHARD_WITHDRAW;
  assert_int_equal(shard_apply(&shard, &project, &wish, b, &part), EVALD_OK);
  assert_int_equal(shard.sum.counter[CORE_COUNTER_FORMS], 0);
  assert_int_equal(budget_of(&shard, b), 0);
  assert_int_equal(shard.seq, 3);
  shard_undo(&shard);
  assert_int_equal(shard.seq, 2);
  assert_int_equal(shard.sum.counter[CORE_COUNTER_BUDGET], 250);
  assert_false(shard.departments.items[b].known);
  assert_true(shard.departments.items[a].known);
  shard_fini(&shard);
}

static void a_sum_that_does_not_fit_changes_nothing(void **state) {
  (void)state;
  struct shard shard = fresh();
  struct project first = {0}, second = {0};
  uint32_t a = department(&shard, "a");
  struct contribution part = one_form(INT64_MAX);
  struct shard_claim wish = claim(1, 1, 1);
  shard_begin(&shard);
  assert_int_equal(shard_apply(&shard, &first, &wish, a, &part), EVALD_OK);
  assert_int_equal(shard_apply(&shard, &second, &wish, a, &part), EVALD_RANGE);
  assert_int_equal(shard_misfits(&shard, &second, a, &part),
                   1 << CORE_COUNTER_BUDGET);
  shard.sum.counter[CORE_COUNTER_BUDGET] = 0; /* and of the department alone */
  assert_int_equal(shard_misfits(&shard, &second, a, &part),
                   1 << CORE_COUNTER_BUDGET);
  shard.sum.counter[CORE_COUNTER_BUDGET] = INT64_MAX;
  assert_int_equal(shard_misfits(&shard, &first, a, &part),
                   0); /* in its place */
  uint32_t b = department(&shard, "b");
  shard.departments.items[b].sum.counter[CORE_COUNTER_BUDGET] = 1;
  assert_int_equal(shard_misfits(&shard, &first, b, &part),
                   1 << CORE_COUNTER_BUDGET);
  assert_int_equal(shard.seq, 1);
  assert_int_equal(second.state, PROJECT_ABSENT);
  assert_int_equal(shard.sum.counter[CORE_COUNTER_FORMS], 1);
  assert_int_equal(budget_of(&shard, a), INT64_MAX);
  shard_fini(&shard);
}

static void what_others_wrote_is_taken_over(void **state) {
  (void)state;
  struct shard shard = fresh();
  int64_t counters[CORE_COUNTER_COUNT] = {9};
  struct shard_seen seen = {.exists = true,
                            .epoch = 1,
                            .seq = 4,
                            .stream_seq = -1,
                            .commit = "x",
                            .run = "r1"};
  uint32_t generation = shard.generation;
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_false(shard.known);
  seen.counters = counters;
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  assert_true(shard.known);
  assert_int_equal(shard.seq, 4);
  assert_int_equal(shard.sum.counter[0], 9);
  assert_true(shard.generation > generation);
  assert_int_equal(shard_see(&shard, &seen), SHARD_AS_KNOWN);
  seen.commit = "y"; /* the same seq by another hand */
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  shard_fini(&shard);
}

static void a_store_that_fell_back_is_noticed(void **state) {
  (void)state;
  struct shard shard = fresh();
  int64_t counters[CORE_COUNTER_COUNT] = {0};
  struct shard_seen seen = {.exists = true,
                            .epoch = 2,
                            .seq = 9,
                            .stream_seq = 9,
                            .commit = "x",
                            .run = "r1",
                            .counters = counters};
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  seen.seq = seen.stream_seq = 7;
  seen.commit = "w";
  assert_int_equal(shard_see(&shard, &seen), SHARD_FELL_BACK);
  assert_int_equal(shard.epoch, 3);
  assert_int_equal(shard.seq, 7);
  assert_int_equal(shard_see(&shard, &seen), SHARD_AS_KNOWN);
  struct shard_seen nothing = {
      .stream_seq = -1, .commit = "", .run = "r1", .counters = counters};
  assert_int_equal(shard_see(&shard, &nothing), SHARD_FELL_BACK);
  assert_int_equal(shard.epoch, 4);
  assert_int_equal(shard.seq, 0);
  shard_fini(&shard);
}

static void the_log_keeps_the_last_changes(void **state) {
  (void)state;
  struct shard shard;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  shard.seq = 100;
  assert_int_equal(shard_log_begins(&shard, 0), 0);
  assert_int_equal(shard_log_begins(&shard, 100), 0);
  shard.seq = 101;
  assert_int_equal(shard_log_begins(&shard, 100), 2);
  shard.log_begins = 90; /* another daemon keeps less, or did */
  assert_int_equal(shard_log_begins(&shard, 100), 90);
  assert_int_equal(shard_log_begins(&shard, 0), 90);
  assert_int_equal(shard_log_begins(&shard, 5), 97);
  shard.log_begins = 400; /* nobody's: the last change is kept all the same */
  assert_int_equal(shard_log_begins(&shard, 5), 101);
  shard_fini(&shard);
}

static void where_the_log_begins_is_read_in_full(void **state) {
  (void)state;
  static const int64_t counters[CORE_COUNTER_COUNT];
  struct shard_seen seen = {.exists = true,
                            .epoch = 40,
                            .seq = 9,
                            .stream_seq = -1,
                            .commit = "x",
                            .run = "r1",
                            .log_begins = 4,
                            .counters = counters};
  struct shard shard;
  shard_init(&shard, 0, EVALD_TEXT("310113000"), 2024);
  (void)shard_see(&shard, &seen);
  assert_int_equal(shard.log_begins, 4);
  seen.counters = NULL; /* then it was not asked for */
  seen.log_begins = 0;
  assert_int_equal(shard_see(&shard, &seen), SHARD_AS_KNOWN);
  assert_int_equal(shard.log_begins, 4);
  shard_fini(&shard);
}

/* What was read at a mark is still so while only works that were read ahead
 * have changed the shard: at that very seq by the same batch, in that epoch. */
static void what_was_read_ahead_stands_or_not(void **state) {
  (void)state;
  static const int64_t counters[CORE_COUNTER_COUNT];
  struct shard shard = fresh();
  const struct shard_seen seen = {.exists = true,
                                  .epoch = 3,
                                  .seq = 20,
                                  .stream_seq = -1,
                                  .commit = "theirs",
                                  .run = "r1",
                                  .counters = counters};
  assert_int_equal(shard_see(&shard, &seen), SHARD_MOVED);
  const struct shard_mark at = {3, 20, "theirs"}, other = {3, 20, "other"},
                          before = {3, 19, "x"}, ahead = {3, 21, "x"},
                          epoch = {2, 20, "theirs"};
  assert_true(shard_stands(&shard, &at));
  assert_false(shard_stands(&shard, &other));
  assert_false(shard_stands(&shard, &before));
  assert_false(shard_stands(&shard, &ahead));
  assert_false(shard_stands(&shard, &epoch));
  shard.seq = 30; /* works that were read ahead */
  assert_true(shard_stands(&shard, &at));
  assert_true(shard_stands(&shard, &ahead));
  shard.seq = 31; /* and a live one */
  shard_mix(&shard);
  assert_false(shard_stands(&shard, &at));
  assert_true(shard_stands(&shard, &(struct shard_mark){3, 31, "ours"}));
  shard_forget(&shard);
  assert_false(shard_stands(&shard, &(struct shard_mark){3, 31, "ours"}));
  shard_fini(&shard);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_evaluation_is_decided),
      cmocka_unit_test(a_withdrawal_is_decided),
      cmocka_unit_test(a_new_shard_begins_at_the_time),
      cmocka_unit_test(a_redis_that_was_restarted_begins_an_epoch),
      cmocka_unit_test(a_redis_that_keeps_all_is_believed_by_who_knows),
      cmocka_unit_test(an_epoch_chosen_before_a_restart_is_not_used_after_it),
      cmocka_unit_test(a_forgotten_shard_does_not_come_back_under_an_old_epoch),
      cmocka_unit_test(a_first_commit_of_another_is_seen),
      cmocka_unit_test(old_goes_out_and_new_comes_in),
      cmocka_unit_test(a_sum_that_does_not_fit_changes_nothing),
      cmocka_unit_test(what_others_wrote_is_taken_over),
      cmocka_unit_test(the_log_keeps_the_last_changes),
      cmocka_unit_test(where_the_log_begins_is_read_in_full),
      cmocka_unit_test(what_was_read_ahead_stands_or_not),
      cmocka_unit_test(a_store_that_fell_back_is_noticed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
