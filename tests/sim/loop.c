/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#define FIBERS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBERS 1
#endif
#endif
#ifdef FIBERS
#include <sanitizer/common_interface_defs.h>
#endif

enum {
  TASKS_MAX = 256,
  STACK = 512 * 1024,
  STEPS_MAX = 3000000,
  SLICE_US = 4 /* what a turn of a task takes, about */
};

struct sim_task {
  ucontext_t context;
  void *stack, *fiber;
  sim_body *body;
  void *argument;
  struct sim_process *process;
  bool done, ready_now;
  int64_t until; /* -1: without limit */
  sim_ready *ready;
  void *ready_context;
};

struct event {
  int64_t at;
  uint64_t order;
  sim_event *what;
  void *context;
  uint64_t number;
};

static struct {
  uint64_t random;
  int64_t now;
  struct sim_task tasks[TASKS_MAX];
  int task_count;
  struct sim_task *running;
  ucontext_t home;
  void *home_fiber;
  const void *home_stack;
  size_t home_size;
  struct event *events;
  size_t event_count, event_room;
  uint64_t event_order, steps;
  bool failed;
} sim;

static void *stacks[TASKS_MAX]; /* kept from run to run */
bool sim_verbose;

/* ---- chance ---- */

/* splitmix64 */
static uint64_t draw(void) {
  uint64_t z = sim.random += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

uint64_t sim_random(uint64_t below) {
  return below > 0 ? draw() % below : draw();
}

bool sim_chance(unsigned per_mille) {
  return sim_random(1000) < per_mille;
}

int64_t sim_now(void) {
  return sim.now;
}

/* ---- telling ---- */

void sim_note(const char *format, ...) {
  va_list arguments;
  if (!sim_verbose) return;
  (void)fprintf(stderr, "%10.6f  ", (double)sim.now / SIM_S);
  va_start(arguments, format);
  (void)vfprintf(stderr, format, arguments);
  va_end(arguments);
  (void)fputc('\n', stderr);
}

void sim_fail(const char *format, ...) {
  va_list arguments;
  if (sim.failed) return;
  sim.failed = true;
  (void)fprintf(stderr, "%10.6f  FAILED: ", (double)sim.now / SIM_S);
  va_start(arguments, format);
  (void)vfprintf(stderr, format, arguments);
  va_end(arguments);
  (void)fputc('\n', stderr);
}

bool sim_failed(void) {
  return sim.failed;
}

/* ---- switching ---- */

static void leave_home(struct sim_task *task) {
#ifdef FIBERS
  __sanitizer_start_switch_fiber(&sim.home_fiber, task->stack, STACK);
#else
  (void)task;
#endif
}

static void back_home(void) {
#ifdef FIBERS
  __sanitizer_finish_switch_fiber(sim.home_fiber, NULL, NULL);
#endif
}

static void leave_task(struct sim_task *task, bool for_good) {
#ifdef FIBERS
  __sanitizer_start_switch_fiber(for_good ? NULL : &task->fiber, sim.home_stack,
                                 sim.home_size);
#else
  (void)task, (void)for_good;
#endif
}

static void back_in_task(struct sim_task *task) {
#ifdef FIBERS
  __sanitizer_finish_switch_fiber(task->fiber, &sim.home_stack, &sim.home_size);
#else
  (void)task;
#endif
}

static void enter(void) {
  struct sim_task *task = sim.running;
  back_in_task(task);
  task->body(task->argument);
  task->done = true;
  if (task->process != NULL) task->process->tasks--;
  leave_task(task, true);
  (void)setcontext(&sim.home);
}

static void turn(struct sim_task *task) {
  sim.running = task;
  sim.now += 1 + (int64_t)(draw() % SLICE_US);
  leave_home(task);
  (void)swapcontext(&sim.home, &task->context);
  back_home();
  sim.running = NULL;
}

static void *stack_of(int number) {
  if (stacks[number] != NULL) return stacks[number];
  void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) abort();
  return stacks[number] = stack;
}

struct sim_task *sim_start(struct sim_process *process, sim_body *body,
                           void *argument) {
  if (sim.task_count == TASKS_MAX) abort();
  int number = sim.task_count++; /* not used again: somebody may yet join it */
  struct sim_task *task = &sim.tasks[number];
  *task = (struct sim_task){.stack = stack_of(number),
                            .body = body,
                            .argument = argument,
                            .process = process,
                            .until = sim.now};
  if (process != NULL) process->tasks++;
  (void)getcontext(&task->context);
  task->context.uc_stack.ss_sp = task->stack;
  task->context.uc_stack.ss_size = STACK;
  makecontext(&task->context, enter, 0);
  return task;
}

bool sim_is_done(const struct sim_task *task) {
  return task->done;
}

struct sim_process *sim_self(void) {
  return sim.running != NULL ? sim.running->process : NULL;
}

bool sim_wait(sim_ready *ready, void *context, int64_t us) {
  struct sim_task *task = sim.running;
  if (task == NULL) abort();
  task->ready = ready;
  task->ready_context = context;
  task->until = us < 0 ? -1 : sim.now + us;
  leave_task(task, false);
  (void)swapcontext(&task->context, &sim.home);
  back_in_task(task);
  return task->ready_now;
}

void sim_sleep(int64_t us) {
  (void)sim_wait(NULL, NULL, us);
}

/* ---- events: a heap, the earliest first ---- */

static bool earlier(const struct event *a, const struct event *b) {
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(size_t a, size_t b) {
  struct event kept = sim.events[a];
  sim.events[a] = sim.events[b];
  sim.events[b] = kept;
}

void sim_later(int64_t us, sim_event *what, void *context, uint64_t number) {
  if (sim.event_count == sim.event_room) {
    sim.event_room = sim.event_room > 0 ? 2 * sim.event_room : 64;
    sim.events = sim_grow(sim.events, sim.event_room * sizeof *sim.events);
  }
  size_t at = sim.event_count++;
  sim.events[at] =
      (struct event){sim.now + us, sim.event_order++, what, context, number};
  for (; at > 0 && earlier(&sim.events[at], &sim.events[(at - 1) / 2]);
       at = (at - 1) / 2)
    swap(at, (at - 1) / 2);
}

static struct event first_event(void) {
  struct event first = sim.events[0];
  sim.events[0] = sim.events[--sim.event_count];
  for (size_t at = 0, child; (child = 2 * at + 1) < sim.event_count;
       at = child) {
    if (child + 1 < sim.event_count &&
        earlier(&sim.events[child + 1], &sim.events[child]))
      child++;
    if (!earlier(&sim.events[child], &sim.events[at])) break;
    swap(child, at);
  }
  return first;
}

static void run_events(void) {
  while (sim.event_count > 0 && sim.events[0].at <= sim.now) {
    struct event event = first_event();
    event.what(event.context, event.number);
  }
}

/* ---- the loop ---- */

static bool can_run(struct sim_task *task) {
  if (task->done) return false;
  sim.running = task; /* it is its own question */
  task->ready_now = task->ready != NULL && task->ready(task->ready_context);
  sim.running = NULL;
  return task->ready_now || (task->until >= 0 && task->until <= sim.now);
}

static struct sim_task *choose(void) {
  struct sim_task *chosen = NULL;
  uint64_t seen = 0;
  for (int i = 0; i < sim.task_count; i++)
    if (can_run(&sim.tasks[i]) && draw() % ++seen == 0) chosen = &sim.tasks[i];
  return chosen;
}

/* Nobody can go on: the clock jumps to where somebody can. */
static bool jump(void) {
  int64_t next = INT64_MAX;
  if (sim.event_count > 0) next = sim.events[0].at;
  for (int i = 0; i < sim.task_count; i++) {
    const struct sim_task *task = &sim.tasks[i];
    if (!task->done && task->until >= 0 && task->until < next)
      next = task->until;
  }
  if (next == INT64_MAX) return false;
  if (next > sim.now) sim.now = next;
  return true;
}

bool sim_run(sim_ready *over, void *context, int64_t us) {
  int64_t limit = sim.now + us;
  while (!over(context)) {
    if (sim.now >= limit || sim.failed) return false;
    if (++sim.steps > STEPS_MAX) {
      sim_fail("the world runs in circles");
      return false;
    }
    run_events();
    struct sim_task *task = choose();
    if (task != NULL)
      turn(task);
    else if (!jump())
      return false;
  }
  return true;
}

void sim_begin(uint64_t seed) {
  struct event *events = sim.events;
  size_t room = sim.event_room;
  memset(&sim, 0, sizeof sim);
  sim.events = events;
  sim.event_room = room;
  sim.random = seed * 0xD1342543DE82EF95U + 1;
  sim.now = 1000 * (int64_t)SIM_S;
}

void sim_end(void) {
  free(sim.events);
  sim.events = NULL;
  sim.event_room = sim.event_count = 0;
}
