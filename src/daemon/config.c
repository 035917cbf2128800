/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "base/memory_stream.h"
#include <stdlib.h>
#include <string.h>

const struct config_key config_keys[] = {
#define X(field, key, type, fallback, allowed, en, zh)                         \
  {key,          fallback, allowed, en, zh, offsetof(struct config, field),    \
   CONFIG_##type},
    CONFIG_LIST(X)
#undef X
};

enum { KEY_COUNT = sizeof config_keys / sizeof config_keys[0] };

size_t config_key_count(void) {
  return KEY_COUNT;
}

const struct config_key *config_key_find(const char *key) {
  for (size_t i = 0; i < KEY_COUNT; i++)
    if (strcmp(config_keys[i].key, key) == 0) return &config_keys[i];
  return NULL;
}

/* Edit distance; names are short, so a row of 64 is enough. */
static size_t distance(const char *a, const char *b) {
  enum { LONG = 64 };
  size_t row[LONG], width = strlen(b);
  if (width >= LONG) return LONG;
  for (size_t j = 0; j <= width; j++)
    row[j] = j;
  for (size_t i = 0; a[i] != '\0'; i++) {
    size_t corner = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < width; j++) {
      size_t change = corner + (a[i] != b[j]);
      corner = row[j + 1];
      size_t least = row[j] < corner ? row[j] + 1 : corner + 1;
      row[j + 1] = least < change ? least : change;
    }
  }
  return row[width];
}

/* The part of a key that is compared: its section, or, where it lies in
 * `section`, its name. */
static bool part_of_key(const char *key, const char *section, char out[64]) {
  const char *dot = strchr(key, '.');
  size_t length = (size_t)(dot - key);
  if (section == NULL) {
    fault_print(out, 64, "%.*s", (int)length, key);
    return true;
  }
  if (strlen(section) != length || strncmp(key, section, length) != 0)
    return false;
  fault_print(out, 64, "%s", dot + 1);
  return true;
}

const char *config_key_suggest(const char *section, const char *name, char *out,
                               size_t size) {
  size_t best = 4;
  char part[64];
  for (size_t i = 0; i < KEY_COUNT; i++) {
    if (!part_of_key(config_keys[i].key, section, part)) continue;
    size_t far = distance(name, part);
    if (far >= best) continue;
    best = far;
    fault_print(out, size, "%s", part);
  }
  return best < 4 ? out : NULL;
}

const char *config_copy(struct evald_arena *arena, const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = evald_arena_take(arena, size);
  if (copy != NULL) memcpy(copy, text, size);
  return copy;
}

enum evald_status config_init(struct config *config) {
  memset(config, 0, sizeof *config);
  config->arena = evald_arena_new(1 << 20);
  if (config->arena == NULL) return EVALD_MEMORY;
  for (size_t i = 0; i < KEY_COUNT; i++) {
    enum evald_status status =
        config_set(config, &config_keys[i], config_keys[i].fallback, "", NULL);
    if (status == EVALD_OK) continue;
    config_fini(config);
    return status;
  }
  return EVALD_OK;
}

void config_fini(struct config *config) {
  evald_arena_free(config->arena);
  memset(config, 0, sizeof *config);
}

static void print_comment(FILE *out, const char *text) {
  fputs("  # ", out);
  for (; *text != '\0'; text++) {
    fputc(*text, out);
    if (*text == '\n') fputs("  # ", out);
  }
  fputc('\n', out);
}

static void print_allowed(FILE *out, const struct config_key *key) {
  if (key->type == CONFIG_INTEGER || key->type == CONFIG_CHOICE)
    fprintf(out, "  # allowed 可取: %s\n", key->allowed);
  if (key->type == CONFIG_BOOL) fputs("  # allowed 可取: true|false\n", out);
}

static void print_routes(FILE *out, const char *name) {
  struct config config;
  if (config_init(&config) != EVALD_OK) return;
  fprintf(out, "  %s:\n", name);
  for (size_t i = 0; i < config.rulesets_serve.count; i++) {
    const struct ruleset_route *route = &config.rulesets_serve.item[i];
    fprintf(out, "    - {division: \"%s\", years: \"%u-", route->division,
            route->year_from);
    if (route->year_to != 0) fprintf(out, "%u", route->year_to);
    fprintf(out, "\", ruleset: %s}\n", route->id);
  }
  config_fini(&config);
}

static void print_value(FILE *out, const struct config_key *key,
                        const char *name) {
  if (key->type == CONFIG_ROUTES)
    print_routes(out, name);
  else if (key->type == CONFIG_TEXT || key->type == CONFIG_ADDRESS)
    fprintf(out, "  %s: \"%s\"\n", name, key->fallback);
  else
    fprintf(out, "  %s: %s\n", name, key->fallback);
}

static void print_key(FILE *out, const struct config_key *key,
                      const struct config_key *before) {
  const char *dot = strchr(key->key, '.');
  size_t section = (size_t)(dot - key->key) + 1;
  if (before == NULL || strncmp(before->key, key->key, section) != 0)
    fprintf(out, "\n%.*s:\n", (int)(section - 1), key->key);
  print_comment(out, key->en);
  print_comment(out, key->zh);
  print_allowed(out, key);
  print_value(out, key, dot + 1);
}

char *config_print(void) {
  struct memory_stream stream;
  FILE *out = memory_stream_open(&stream);
  if (out == NULL) return NULL;
  fputs("# SPDX-License-Identifier: Apache-2.0\n"
        "# Every key of evald, at its default. Printed by evald"
        " --print-config;\n"
        "# evald --check-config --config FILE says whether a file is sound.\n"
        "# 全部配置项及其默认值。\n",
        out);
  for (size_t i = 0; i < KEY_COUNT; i++)
    print_key(out, &config_keys[i], i > 0 ? &config_keys[i - 1] : NULL);
  return memory_stream_close(&stream, NULL);
}
