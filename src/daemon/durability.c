/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/durability.h"
#include "base/fault.h"
#include "base/i18n.h"
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define X(name, spelling) spelling,
    DURABILITY_LIST(X)
#undef X
};

static enum evald_status refuse_text(const char *text,
                                     struct evald_fault *fault) {
  return evald_fault_set(fault, EVALD_INVALID, "store.durability",
                         _("\"%.40s\" is no durability; allowed: auto, memory, "
                           "everysec, always, replica:1 to replica:16"),
                         text);
}

enum evald_status durability_read(const char *text, struct durability *out,
                                  struct evald_fault *fault) {
  for (uint8_t mode = 0; mode < DURABILITY_REPLICA; mode++)
    if (strcmp(text, names[mode]) == 0) {
      *out = (struct durability){.mode = mode};
      return EVALD_OK;
    }
  if (strncmp(text, "replica:", 8) != 0 || text[8] < '1' || text[8] > '9')
    return refuse_text(text, fault);
  char *end = NULL;
  long replicas = strtol(text + 8, &end, 10);
  if (*end != '\0' || replicas > DURABILITY_REPLICAS_MAX)
    return refuse_text(text, fault);
  *out = (struct durability){DURABILITY_REPLICA, (uint8_t)replicas};
  return EVALD_OK;
}

void durability_print(const struct durability *durability,
                      char out[DURABILITY_TEXT]) {
  if (durability->mode == DURABILITY_REPLICA)
    fault_print(out, DURABILITY_TEXT, "replica:%u",
                (unsigned)durability->replicas);
  else
    fault_print(out, DURABILITY_TEXT, "%s", names[durability->mode]);
}

/* ---- what Redis is set to ---- */

static struct durability strongest(const struct store_settings *settings) {
  bool always = strcmp(settings->append_fsync, "always") == 0 &&
                settings->append_pauses == 0;
  bool everysec = strcmp(settings->append_fsync, "everysec") == 0 ||
                  strcmp(settings->append_fsync, "always") == 0;
  uint8_t mode = DURABILITY_MEMORY;
  if (settings->append_only == 1 && everysec) mode = DURABILITY_EVERYSEC;
  if (settings->append_only == 1 && always) mode = DURABILITY_ALWAYS;
  return (struct durability){.mode = mode};
}

static enum evald_status check_eviction(const struct store_settings *settings,
                                        struct evald_fault *fault) {
  if (strncmp(settings->eviction, "allkeys", 7) != 0) return EVALD_OK;
  return evald_fault_set(fault, EVALD_INVALID, "maxmemory-policy",
                         _("is \"%.32s\" and throws results away when memory "
                           "ends; set it to noeviction"),
                         settings->eviction);
}

/* What is wanted of the append-only file; `mode` is its name in a fault. */
static enum evald_status check_file(const struct store_settings *settings,
                                    const char *mode, bool always,
                                    struct evald_fault *fault) {
  if (settings->append_only != 1)
    return evald_fault_set(fault, EVALD_INVALID, "appendonly",
                           _("is off; set it to yes (store.durability is %s)"),
                           mode);
  if (*settings->append_fsync == '\0')
    return evald_fault_set(fault, EVALD_INVALID, "appendfsync",
                           _("is not told to this user; allow CONFIG GET, or "
                             "set store.durability to memory"));
  if (strongest(settings).mode >=
      (always ? DURABILITY_ALWAYS : DURABILITY_EVERYSEC))
    return EVALD_OK;
  if (strcmp(settings->append_fsync, "always") == 0)
    return evald_fault_set(
        fault, EVALD_INVALID, "no-appendfsync-on-rewrite",
        _("is yes, so that nothing is synced while the file is rewritten; set "
          "it to no (store.durability is %s)"),
        mode);
  return evald_fault_set(
      fault, EVALD_INVALID, "appendfsync",
      _("is \"%.16s\"; set it to %s (store.durability is %s)"),
      settings->append_fsync, always ? "always" : "everysec", mode);
}

static enum evald_status check_replicas(const struct durability *wanted,
                                        const struct store_settings *settings,
                                        const char *mode,
                                        struct evald_fault *fault) {
  if (settings->replicas >= wanted->replicas) return EVALD_OK;
  return evald_fault_set(fault, EVALD_INVALID, "replicaof",
                         _("%d replicas are connected; store.durability is %s"),
                         settings->replicas, mode);
}

enum evald_status durability_check(const struct durability *wanted,
                                   const struct store_settings *settings,
                                   struct durability *out,
                                   struct evald_fault *fault) {
  char mode[DURABILITY_TEXT];
  durability_print(wanted, mode);
  enum evald_status status = check_eviction(settings, fault);
  bool file =
      wanted->mode == DURABILITY_EVERYSEC || wanted->mode == DURABILITY_ALWAYS;
  if (status == EVALD_OK && file)
    status =
        check_file(settings, mode, wanted->mode == DURABILITY_ALWAYS, fault);
  if (status == EVALD_OK && wanted->mode == DURABILITY_REPLICA)
    status = check_replicas(wanted, settings, mode, fault);
  if (status == EVALD_OK)
    *out = wanted->mode == DURABILITY_AUTO ? strongest(settings) : *wanted;
  return status;
}
