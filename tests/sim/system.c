/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/system.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* What src/ asks of the C library, answered by the world: see the list of
 * --wrap in CMakeLists.txt. */

/* ---- memory ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static uint64_t allocations, refused;

void sim_refuse_memory(uint64_t number) {
  allocations = 0;
  refused = number;
}

uint64_t sim_allocations(void) {
  return allocations;
}

bool sim_memory_refused(void) {
  if (sim_self() == NULL || ++allocations != refused) return false;
  errno = ENOMEM;
  return true;
}

void *__wrap_malloc(size_t size) {
  return sim_memory_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
  return sim_memory_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
  return sim_memory_refused() ? NULL : __real_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return sim_memory_refused() ? NULL : __real_aligned_alloc(alignment, size);
}

void *sim_take(size_t size) {
  void *memory = __real_calloc(1, size > 0 ? size : 1);
  if (memory == NULL) abort();
  return memory;
}

void *sim_grow(void *memory, size_t size) {
  memory = __real_realloc(memory, size);
  if (memory == NULL) abort();
  return memory;
}

/* ---- time and chance ---- */

int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);

int __wrap_clock_gettime(clockid_t clock, struct timespec *out) {
  int64_t now = sim_now();
  if (clock == CLOCK_REALTIME) now += 1700000000LL * SIM_S;
  *out = (struct timespec){now / SIM_S, now % SIM_S * 1000};
  return 0;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *left) {
  (void)left;
  sim_sleep(time->tv_sec * SIM_S + time->tv_nsec / 1000);
  return 0;
}

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags) {
  unsigned char *to = out;
  (void)flags;
  for (size_t i = 0; i < size; i++)
    to[i] = (unsigned char)sim_random(256);
  return (ssize_t)size;
}

/* ---- threads ---- */

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument);
int __wrap_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_sigmask(int how, const sigset_t *set, sigset_t *old);

struct thread {
  void *(*body)(void *);
  void *argument;
};

static void run_thread(void *argument) {
  struct thread thread = *(struct thread *)argument;
  free(argument);
  (void)thread.body(thread.argument);
}

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *argument) {
  (void)attributes;
  struct thread *thread = sim_take(sizeof *thread);
  *thread = (struct thread){body, argument};
  *out = (pthread_t)(uintptr_t)sim_start(sim_self(), run_thread, thread);
  return 0;
}

static bool is_done(void *task) {
  return sim_is_done(task);
}

int __wrap_pthread_join(pthread_t thread, void **result) {
  (void)result;
  (void)sim_wait(is_done, (void *)(uintptr_t)thread, -1);
  return 0;
}

int __wrap_pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
  (void)how, (void)set, (void)old;
  return 0;
}

/* ---- eventfds ---- */

enum { EVENTFDS_MAX = 4096 };
static struct {
  bool open;
  uint64_t count;
} eventfds[EVENTFDS_MAX];

int __wrap_eventfd(unsigned count, int flags);

int __wrap_eventfd(unsigned count, int flags) {
  (void)flags;
  int number = 0;
  while (number < EVENTFDS_MAX && eventfds[number].open)
    number++;
  if (number == EVENTFDS_MAX) abort();
  eventfds[number].open = true;
  eventfds[number].count = count;
  return SIM_FD_EVENTS + number;
}

bool sim_eventfd_readable(int fd) {
  return eventfds[fd - SIM_FD_EVENTS].count > 0;
}

static ssize_t read_eventfd(int fd, void *out) {
  uint64_t *count = &eventfds[fd - SIM_FD_EVENTS].count;
  if (*count == 0) {
    errno = EAGAIN;
    return -1;
  }
  memcpy(out, count, sizeof *count);
  *count = 0;
  return sizeof *count;
}

/* ---- signals ---- */

int __wrap_signalfd(int fd, const sigset_t *set, int flags);
ssize_t __real_read(int fd, void *out, size_t size);
ssize_t __wrap_read(int fd, void *out, size_t size);
int __real_close(int fd);
int __wrap_close(int fd);

void sim_signal(struct sim_process *process, int number) {
  process->signals |= 1U << number;
}

int __wrap_signalfd(int fd, const sigset_t *set, int flags) {
  (void)fd, (void)set, (void)flags;
  return SIM_FD_SIGNALS;
}

ssize_t __wrap_read(int fd, void *out, size_t size) {
  if (fd >= SIM_FD_EVENTS) return read_eventfd(fd, out);
  if (fd != SIM_FD_SIGNALS) return __real_read(fd, out, size);
  struct sim_process *self = sim_self();
  struct signalfd_siginfo info = {0};
  for (unsigned number = 0; number < 32; number++) {
    if (!(self->signals & 1U << number)) continue;
    self->signals &= ~(1U << number);
    info.ssi_signo = number;
    memcpy(out, &info, sizeof info);
    return sizeof info;
  }
  errno = EAGAIN;
  return -1;
}

int __wrap_close(int fd) {
  if (fd >= SIM_FD_EVENTS) eventfds[fd - SIM_FD_EVENTS].open = false;
  return fd >= SIM_FD_SIGNALS ? 0 : __real_close(fd);
}

/* The daemons' log, where the run tells what happens in it. */
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t __wrap_write(int fd, const void *data, size_t size) {
  if (fd == STDERR_FILENO && sim_self() != NULL) {
    sim_note("%s: %.*s", sim_self()->name, (int)size - 1, (const char *)data);
    return (ssize_t)size;
  }
  if (fd < SIM_FD_EVENTS) return __real_write(fd, data, size);
  uint64_t more;
  memcpy(&more, data, sizeof more);
  eventfds[fd - SIM_FD_EVENTS].count += more;
  return (ssize_t)size;
}
