/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/setup.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "base/place.h"
#include "core/contribution.h"
#include "daemon/durability.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_CONFIG "/etc/evald/evald.yaml"

static const char *config_path(const struct options *options) {
  if (options->config != NULL) return options->config;
  if (options->dev == NULL && access(SYSTEM_CONFIG, F_OK) == 0)
    return SYSTEM_CONFIG;
  return NULL;
}

enum evald_status setup_config(const struct options *options,
                               struct config *config,
                               struct evald_fault *fault) {
  enum evald_status status = config_init(config);
  const char *path = config_path(options);
  if (status == EVALD_OK && path != NULL)
    status = config_read_file(config, path, fault);
  if (status == EVALD_OK && options->log_level != NULL)
    status = config_set(config, config_key_find("log.level"),
                        options->log_level, "--log-level", fault);
  return status;
}

static enum evald_status set_address(const struct config *config,
                                     struct store_options *out,
                                     struct evald_fault *fault) {
  enum evald_status status =
      store_address(config->redis_address, config->arena, out);
  if (status != EVALD_SYNTAX) return status;
  return evald_fault_set(fault, EVALD_INVALID, "redis.address",
                         _("\"%.80s\" is no address; write HOST:PORT or "
                           "unix:/PATH"),
                         config->redis_address);
}

static enum evald_status set_password(const struct config *config,
                                      struct store_options *out,
                                      struct evald_fault *fault) {
  const char *path = config->redis_password_file;
  char line[512];
  if (*path == '\0') return EVALD_OK;
  FILE *file = fopen(path, "re");
  if (file == NULL || fgets(line, sizeof line, file) == NULL) {
    evald_fault_set(fault, EVALD_IO, "redis.password_file", "%s: %s", path,
                    errno != 0 ? fault_reason(errno) : _("the file is empty"));
    if (file != NULL) fclose(file);
    return EVALD_IO;
  }
  fclose(file);
  line[strcspn(line, "\r\n")] = '\0';
  out->password = config_copy(config->arena, line);
  explicit_bzero(line, sizeof line);
  return out->password != NULL ? EVALD_OK : EVALD_MEMORY;
}

enum evald_status setup_store(const struct config *config,
                              struct store_options *out,
                              struct evald_fault *fault) {
  static const char *const counters[] = {
#define X(name, field) field,
      CORE_COUNTER_LIST(X)
#undef X
  };
  struct store_options options = {
      .user = *config->redis_user != '\0' ? config->redis_user : NULL,
      .database = (int)config->redis_database,
      .reply_ms = (int)config->redis_timeout_ms,
      .counters = counters,
      .counter_count = CORE_COUNTER_COUNT,
      .rejects_max = config->store_rejects};
  struct durability durability = {0};
  errno = 0;
  enum evald_status status =
      durability_read(config->store_durability, &durability, fault);
  options.wait_replicas = durability.replicas;
  options.wait_ms = options.reply_ms < 2000 ? options.reply_ms / 2 : 1000;
  if (status == EVALD_OK) status = set_address(config, &options, fault);
  if (status == EVALD_OK) status = set_password(config, &options, fault);
  if (status == EVALD_OK) *out = options;
  return status;
}

/* Installed, or in the source tree around the build tree. */
static bool find_rulesets(char *out, size_t size) {
  return place_find("share/evald/rulesets", out, size) ||
         place_find("config/rulesets", out, size);
}

enum evald_status setup_rules(const struct config *config,
                              struct ruleset_set **out,
                              struct evald_fault *fault) {
  char found[512];
  const char *folder = config->rulesets_folder;
  if (*folder == '\0') {
    if (!find_rulesets(found, sizeof found))
      return evald_fault_set(fault, EVALD_NOT_FOUND, "rulesets.folder",
                             _("no rulesets came with this program; name "
                               "their folder"));
    folder = found;
  }
  return ruleset_set_load(folder, config->rulesets_serve.item,
                          config->rulesets_serve.count, "rulesets.serve", out,
                          fault);
}
