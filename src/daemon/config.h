/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

/*
 * The configuration: one table of keys, and the file read against it.
 *
 * A key is one row here and nowhere else: the struct below, the reader, what
 * `evald --print-config` prints (which is config/evald.yaml; a test holds the
 * two together) and the advice in a fault all come from the row. Every key has
 * a default, so an empty file is a valid one. A configuration is read once,
 * never changes afterwards and may be read by any thread.
 */

#include "evald/arena.h"
#include "evald/status.h"
#include "rules/ruleset_route.h"
#include <stdbool.h>
#include <stdint.h>

enum { CONFIG_LIST_MAX = 8 };

struct config_list {
  const char *item[CONFIG_LIST_MAX];
  size_t count;
};

/* X(NAME, type of the field, what a value is) */
#define CONFIG_TYPE_LIST(X)                                                    \
  X(TEXT, const char *)                                                        \
  X(ADDRESS, const char *)                                                     \
  X(ENDPOINTS, struct config_list)                                             \
  X(INTEGER, int64_t)                                                          \
  X(BOOL, bool)                                                                \
  X(CHOICE, int64_t)                                                           \
  X(ROUTES, struct ruleset_routes)

enum config_type {
#define X(name, type) CONFIG_##name,
  CONFIG_TYPE_LIST(X)
#undef X
};

#define X(name, type) typedef type config_##name;
CONFIG_TYPE_LIST(X)
#undef X

/* X(field, key, type, default, allowed, comment in English, in Chinese)
 * `allowed`: "low..high" of an INTEGER, "a|b" of a CHOICE or an ADDRESS, else
 * unused. */
#define CONFIG_LIST(X)                                                         \
  X(doors_jobs, "doors.jobs", ENDPOINTS, "tcp://127.0.0.1:5701", "",           \
    "PULL: jobs come in here, unacknowledged. One endpoint or a list;\n"       \
    "ipc:///run/evald/jobs is allowed.",                                       \
    "PULL：任务入口，无应答。可写一个端点或列表。")                            \
  X(doors_submit, "doors.submit", ENDPOINTS, "tcp://127.0.0.1:5702", "",       \
    "ROUTER: jobs come in here and each is answered once it is committed.",    \
    "ROUTER：任务入口，提交落库后逐个应答。")                                  \
  X(doors_events, "doors.events", ENDPOINTS, "tcp://127.0.0.1:5703", "",       \
    "XPUB: events, aggregates, receipts and rejects go out here.",             \
    "XPUB：事件、汇总、回执和拒收通知出口。")                                  \
  X(doors_metrics, "doors.metrics", ADDRESS, "127.0.0.1:5709",                 \
    "HOST:PORT|off",                                                           \
    "HTTP: /metrics, /healthz, /readyz. \"off\" opens no door.",               \
    "HTTP 指标与健康检查；\"off\" 不开放。")                                   \
  X(intake_max_message_bytes, "intake.max_message_bytes", INTEGER, "1048576",  \
    "1024..67108864",                                                          \
    "A longer job is rejected. A frame of sixteen times this costs its\n"      \
    "sender the connection.",                                                  \
    "超过此字节数的任务被拒收；超过十六倍的帧将断开发送方。")                  \
  X(intake_queue, "intake.queue", INTEGER, "1000", "1..1000000",               \
    "Messages of one sender, each of one or many jobs, that may wait\n"        \
    "unread at doors.jobs; beyond, the sender waits.",                         \
    "每个发送方可排队的消息数（一条可含多个任务）；超过后发送方等待。")        \
  X(intake_batch_jobs, "intake.batch_jobs", INTEGER, "1024", "1..8192",        \
    "Jobs in one batch at most.", "每批最多任务数。")                          \
  X(intake_batch_bytes, "intake.batch_bytes", INTEGER, "8388608",              \
    "65536..1073741824", "Bytes in one batch; the last job may go beyond.",    \
    "每批最多字节数（可超出一个任务）。")                                      \
  X(intake_batches, "intake.batches", INTEGER, "16", "2..64",                  \
    "Parcels of jobs of a worker, each of up to half a batch, that may wait\n" \
    "or be at work; beyond, reading stops.",                                   \
    "每个工作者在途任务包数（每包至多半批）；超过后停止读取。")                \
  X(submit_window, "submit.window", INTEGER, "4096", "1..1000000",             \
    "Unanswered jobs of one producer at doors.submit; what is over is to be\n" \
    "sent again.",                                                             \
    "每个生产者未应答任务数上限；超出者须重发。")                              \
  X(submit_producers, "submit.producers", INTEGER, "1000", "1..65536",         \
    "Producers that may be at doors.submit at once.",                          \
    "同时连接的生产者数上限。")                                                \
  X(submit_answer_bytes, "submit.answer_bytes", INTEGER, "8388608",            \
    "65536..1073741824",                                                       \
    "Answers kept for a producer that does not read them; beyond, it is cut\n" \
    "off and begins anew.",                                                    \
    "为不读取应答的生产者保留的字节数；超过则断开，须重新开始。")              \
  X(events_queue, "events.queue", INTEGER, "10000", "1..10000000",             \
    "Messages that may wait for one slow reader; beyond, it loses them,\n"     \
    "is told so, and can read the stream in Redis.",                           \
    "慢订阅者可积压的消息数；超过则丢失，并告知它，可从 Redis 事件流补读。")   \
  X(worker_count, "worker.count", INTEGER, "1", "1..16",                       \
    "Workers. One keeps a Redis busy; more share divisions among them.",       \
    "工作者数量；一个即可使一个 Redis 满负荷。")                               \
  X(worker_memory_bytes, "worker.memory_bytes", INTEGER, "268435456",          \
    "16777216..17179869184", "Memory that the jobs of one batch may take.",    \
    "一批任务可用的内存。")                                                    \
  X(worker_cache_projects, "worker.cache_projects", INTEGER, "32768",          \
    "1024..10000000",                                                          \
    "Projects whose last result a worker remembers; others are read from\n"    \
    "Redis when met.",                                                         \
    "工作者缓存的项目数；其余在遇到时从 Redis 读取。")                         \
  X(worker_cache_bytes, "worker.cache_bytes", INTEGER, "67108864",             \
    "1048576..17179869184",                                                    \
    "Memory for what a worker remembers of divisions and years and their\n"    \
    "departments; others are read from Redis when met.",                       \
    "工作者为区划、年度及其部门保留的内存字节数；其余在遇到时从 Redis 读取。") \
  X(redis_address, "redis.address", ADDRESS, "127.0.0.1:6379",                 \
    "HOST:PORT|unix:/PATH", "host:port, or unix:/path of a socket (faster).",  \
    "host:port 或 unix:/路径（更快）。")                                       \
  X(redis_user, "redis.user", TEXT, "", "",                                    \
    "User of Redis' access control; empty: none.", "Redis 用户，可空。")       \
  X(redis_password_file, "redis.password_file", TEXT, "", "",                  \
    "File whose first line is the password; empty: none.",                     \
    "首行为口令的文件，可空。")                                                \
  X(redis_database, "redis.database", INTEGER, "0", "0..1023",                 \
    "Number of the database.", "数据库编号。")                                 \
  X(redis_timeout_ms, "redis.timeout_ms", INTEGER, "5000", "50..600000",       \
    "An answer that takes longer counts as a lost connection.",                \
    "超过此毫秒数视为连接丢失。")                                              \
  X(redis_retry_ms, "redis.retry_ms", INTEGER, "2000", "10..600000",           \
    "Longest pause between two attempts to reach Redis.",                      \
    "重连的最长间隔（毫秒）。")                                                \
  X(store_durability, "store.durability", TEXT, "auto", "",                    \
    "What an answer at doors.submit promises: memory (Redis has the job),\n"   \
    "everysec (in its append-only file, synced each second), always (the\n"    \
    "file was synced), replica:N (N replicas have it). A Redis whose\n"        \
    "settings cannot keep it is refused. auto: what Redis is set to.",         \
    "应答承诺的持久性；Redis 设置不能兑现则拒绝。auto 按其现有设置。")         \
  X(store_keep_forms, "store.keep_forms", BOOL, "true", "",                    \
    "Keep each form beside its result, for explain and recalculation.",        \
    "保存自评表内容，用于解释与重算。")                                        \
  X(store_pack, "store.pack", BOOL, "true", "",                                \
    "Compress results and forms in Redis, behind the commits and when there\n" \
    "is time, by dictionaries learned from them: a third of the memory.",      \
    "空闲时在 Redis 中压缩评价结果与自评表，约省三分之二内存。")               \
  X(store_events, "store.events", INTEGER, "0", "0..1000000000",               \
    "Changes of a division and year that its log keeps, at least; older\n"     \
    "ones are cut off, and who reads from before takes a snapshot.\n"          \
    "0: all.",                                                                 \
    "每个区划年度的事件流至少保留的变更数；更早的被截去。0 为全部。")          \
  X(store_rejects, "store.rejects", INTEGER, "10000", "1..100000000",          \
    "Rejected jobs kept; older ones are evicted and counted.",                 \
    "保留的拒收任务数；更早的被移除并计数。")                                  \
  X(store_reject_bytes, "store.reject_bytes", INTEGER, "65536", "0..67108864", \
    "Bytes kept of a rejected job.", "拒收任务保留的字节数。")                 \
  X(rulesets_folder, "rulesets.folder", TEXT, "", "",                          \
    "Folder of ruleset files; empty: those that came with evald.",             \
    "评分规则目录；空则用自带规则。")                                          \
  X(rulesets_serve, "rulesets.serve", ROUTES, RULESET_ROUTES_DEFAULT, "",      \
    "Which ruleset scores whom: the longest prefix of mof_div_code that\n"     \
    "matches, in these fiscal years (\"2024\", \"2024-\", \"2020-2023\").\n"   \
    "A job that names a ruleset is scored by that one.",                       \
    "各财政区划（代码前缀，最长者优先）与年度适用的评分规则。")                \
  X(shutdown_drain_ms, "shutdown.drain_ms", INTEGER, "30000", "0..3600000",    \
    "How long a stop may take to commit what was read, should Redis be away.", \
    "停止时等待已读任务提交的最长毫秒数。")                                    \
  X(log_level, "log.level", CHOICE, "info", "error|warning|notice|info|debug", \
    "The least level that is logged.", "日志级别。")

struct config {
#define X(field, key, type, fallback, allowed, en, zh) config_##type field;
  CONFIG_LIST(X)
#undef X
  struct evald_arena *arena; /* owns every text above */
};

/* A row, as the reader and the printer see it. */
struct config_key {
  const char *key; /* "intake.queue": section and name */
  const char *fallback, *allowed, *en, *zh;
  size_t offset; /* of the field in struct config */
  enum config_type type;
};

extern const struct config_key config_keys[];
size_t config_key_count(void);

/* The key of that name; NULL: none. */
const struct config_key *config_key_find(const char *key);

/* The name most like a wrong one, among sections, or the names of a section
 * ("intake"); NULL where none is near. */
const char *config_key_suggest(const char *section, const char *name, char *out,
                               size_t size);

/* Every key at its default. EVALD_MEMORY. Undone by config_fini. */
enum evald_status config_init(struct config *config);
void config_fini(struct config *config);

/* Reads a file over the defaults; a fault has "file:line" as its place, names
 * the key and says what is allowed. `config` was initialised and is to be
 * finished by the caller, also after a failure. */
enum evald_status config_read_file(struct config *config, const char *path,
                                   struct evald_fault *fault);
enum evald_status config_read_text(struct config *config, const char *name,
                                   const char *text, struct evald_fault *fault);

/* Sets one key from the text of a scalar; what config_read does per key. */
enum evald_status config_set(struct config *config,
                             const struct config_key *key, const char *value,
                             const char *place, struct evald_fault *fault);
/* Appends to the list of a key of type ENDPOINTS. */
enum evald_status config_add_endpoint(struct config *config,
                                      const struct config_key *key,
                                      const char *value, const char *place,
                                      struct evald_fault *fault);

/* A copy in the arena; NULL: no memory. */
const char *config_copy(struct evald_arena *arena, const char *text);

/* The whole file with every key at its default, commented in both languages;
 * terminated, to be freed by the caller; NULL: no memory. */
char *config_print(void);

#endif
