/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/memory.h"

#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

static _Thread_local unsigned left; /* requests until one is refused; 0: none */
static _Thread_local bool was_refused;
bool memory_may_leak, memory_stays_away;

static bool refuse(void) {
  if (left == 0 || --left > 0) return false;
  left = memory_stays_away;
  was_refused = true;
  errno = ENOMEM;
  return true;
}

/* X(what is returned, name, parameters, arguments) */
#define REQUESTS(X)                                                            \
  X(void *, malloc, (size_t size), (size))                                     \
  X(void *, calloc, (size_t count, size_t size), (count, size))                \
  X(void *, realloc, (void *memory, size_t size), (memory, size))              \
  X(char *, strdup, (const char *text), (text))                                \
  X(void *, aligned_alloc, (size_t unit, size_t size), (unit, size))           \
  X(FILE *, open_memstream, (char **text, size_t *size), (text, size))         \
  X(ZSTD_CCtx *, ZSTD_createCCtx, (void), ())                                  \
  X(ZSTD_DCtx *, ZSTD_createDCtx, (void), ())                                  \
  X(ZSTD_CDict *, ZSTD_createCDict,                                            \
    (const void *bytes, size_t size, int level), (bytes, size, level))         \
  X(ZSTD_DDict *, ZSTD_createDDict, (const void *bytes, size_t size),          \
    (bytes, size))

#ifdef EVALD_DEEP

/* The program's malloc takes the place of the C library's for everybody, shared
 * libraries and the C library itself; what is not given back is counted. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

static _Thread_local long held;

static void *counted(void *memory) {
  held += memory != NULL;
  return memory;
}

void *malloc(size_t size) {
  return refuse() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
  return refuse() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size) {
  if (refuse()) return NULL;
  void *moved = __libc_realloc(memory, size);
  held += (moved != NULL) - (memory != NULL && (moved != NULL || size == 0));
  return moved;
}

void free(void *memory) {
  held -= memory != NULL;
  __libc_free(memory);
}

static long memory_held(void) {
  return held;
}

#else

static long memory_held(void) {
  return 0; /* the sanitizers' build knows */
}

#define X(type, name, parameters, arguments)                                   \
  type __real_##name parameters;                                               \
  type __wrap_##name parameters;                                               \
  type __wrap_##name parameters {                                              \
    return refuse() ? NULL : __real_##name arguments;                          \
  }
REQUESTS(X)
#undef X

int __real_posix_memalign(void **out, size_t unit, size_t size);
int __wrap_posix_memalign(void **out, size_t unit, size_t size);
int __wrap_posix_memalign(void **out, size_t unit, size_t size) {
  return refuse() ? ENOMEM : __real_posix_memalign(out, unit, size);
}

#endif

void memory_arm(unsigned n) {
  was_refused = false;
  left = n;
}

bool memory_disarm(void) {
  left = 0;
  return was_refused;
}

unsigned memory_pause(void) {
  unsigned paused = left;
  left = 0;
  return paused;
}

void memory_resume(unsigned paused) {
  left = paused;
}

static bool run(memory_work *work, void *context, unsigned n) {
  struct evald_fault fault;
  evald_fault_clear(&fault);
  memory_arm(n);
  enum evald_status status = work(context, &fault);
  bool refused = memory_disarm();
  if (status != EVALD_OK && (!refused || status != EVALD_MEMORY)) {
    fail_msg("request %u refused: %s, %s: %s", n, evald_status_name(status),
             fault.place, fault.text);
  }
  return refused;
}

void memory_every(memory_work *work, void *context, unsigned least) {
  unsigned n = 1;
  assert_false(run(work, context, 0)); /* what is made once, is made */
  long before = memory_held();
  while (run(work, context, n)) {
    if (!memory_may_leak && memory_held() > before)
      fail_msg("request %u refused: %ld pieces of memory were not given back",
               n, memory_held() - before);
    assert_false(run(work, context, 0));
    n++;
  }
  if (n <= least) fail_msg("only %u requests were refused", n - 1);
}
