/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVALD_STATUS_H
#define EVALD_STATUS_H

/*
 * Statuses and faults: how a call of evald says that it did not do its work.
 *
 * Every function that can fail returns an evald_status. EVALD_OK is 0; any
 * other value means that nothing was done and every `out` argument stands as
 * it stood before the call. Functions that can say more take a
 * `struct evald_fault *` as their last argument, which may be NULL: the first
 * cause is kept, later ones are dropped, so that the message names the origin
 * and not the last place that passed it on.
 *
 * These functions take no lock, keep no state and may be called from any
 * thread; a fault belongs to the thread that passes it.
 */

/* X(name, what it means in English, and in Chinese) */
#define EVALD_STATUS_LIST(X)                                                   \
  X(OK, "fine", "正常")                                                        \
  X(SYNTAX, "the text is not of the expected form", "格式不正确")              \
  X(RANGE, "a number is outside its range", "数值超出范围")                    \
  X(LIMIT, "a configured or built-in limit is exceeded", "超出限制")           \
  X(MEMORY, "memory could not be had", "内存不足")                             \
  X(INVALID, "the content breaks a rule", "内容不合规则")                      \
  X(NOT_FOUND, "no such thing", "不存在")                                      \
  X(IO, "a file or a system call failed", "文件或系统调用失败")                \
  X(AWAY, "the other side is not reachable", "对方不可达")                     \
  X(INTERFERED, "another writer was there first", "其他写入者已先写入")        \
  X(REJECTED, "the job was rejected", "任务被拒绝")                            \
  X(UNSUPPORTED, "a version or a kind that is not known", "版本或类型不支持")  \
  X(TIMEOUT, "the time allowed has passed", "超时")                            \
  X(DRAINING, "the daemon is draining", "守护进程正在排空")

enum evald_status {
#define X(name, en, zh) EVALD_##name,
  EVALD_STATUS_LIST(X)
#undef X
      EVALD_STATUS_COUNT
};

/* `place` is where: a file and line ("rules.yaml:12"), a key
 * ("funds.total.budget"), a Redis command. `text` is what happened and what
 * to do about it. Both are UTF-8, terminated, cut at a character boundary. */
struct evald_fault {
  enum evald_status status;
  char place[192];
  char text[512];
};

#if defined(__GNUC__)
#define EVALD_PRINTF(position, first)                                          \
  __attribute__((format(printf, position, first)))
#else
#define EVALD_PRINTF(position, first)
#endif

/* The name ("RANGE") and the sentence of a status. Static strings; a value
 * outside the list gives "?". */
const char *evald_status_name(enum evald_status status);
const char *evald_status_text(enum evald_status status, int chinese);

/* Empties a fault; what a caller does before its first use. */
void evald_fault_clear(struct evald_fault *fault);

/* Records the cause unless one is there already or `fault` is NULL, and
 * returns `status`, so that a caller can `return evald_fault_set(...)`.
 * `place` may be NULL. */
enum evald_status evald_fault_set(struct evald_fault *fault,
                                  enum evald_status status, const char *place,
                                  const char *format, ...) EVALD_PRINTF(4, 5);

#endif
