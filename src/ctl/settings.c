/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/settings.h"
#include "base/i18n.h"
#include "ctl/output.h"
#include "rules/yaml_tree.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONFIGURATION "/etc/evald/evald.yaml"
enum { FILE_MAX = 1 << 20 };

struct setting {
  const char *key, *variable, *fallback;
  size_t option, field;
};

static const struct setting rows[] = {
#define X(name, key, variable, fallback)                                       \
  {key, variable, fallback, offsetof(struct options, name),                    \
   offsetof(struct settings, name)},
    SETTING_LIST(X)
#undef X
};

enum { SETTINGS = sizeof rows / sizeof rows[0] };

static const char **field_of(struct settings *settings, size_t row) {
  return (const char **)(void *)((char *)settings + rows[row].field);
}

static const char *given(const struct options *options, size_t row) {
  const char *option;
  memcpy(&option, (const char *)options + rows[row].option, sizeof option);
  if (option) return option;
  const char *variable = getenv(rows[row].variable);
  return variable && *variable ? variable : NULL;
}

static enum evald_status read_file(const char *path, struct evald_arena *arena,
                                   struct evald_text *out,
                                   struct evald_fault *fault) {
  FILE *file = fopen(path, "re");
  char *data = file ? evald_arena_take(arena, FILE_MAX) : NULL;
  if (!data) {
    int error = errno;
    if (file) fclose(file);
    return evald_fault_set(fault, EVALD_IO, path, "%s", strerror(error));
  }
  *out = (struct evald_text){data, fread(data, 1, FILE_MAX, file)};
  fclose(file);
  return EVALD_OK;
}

/* A value, or the first of a list of endpoints. */
static struct evald_text scalar(const struct yaml_node *node) {
  if (node && node->kind == YAML_LIST) node = node->child;
  return node && node->kind == YAML_SCALAR ? node->text
                                           : (struct evald_text){NULL, 0};
}

static enum evald_status read_route(const struct yaml_node *node,
                                    const char *file, struct evald_arena *arena,
                                    struct ruleset_routes *out,
                                    struct evald_fault *fault) {
  const char *parts[RULESET_ROUTE_PARTS] = {"", "", ""};
  for (const struct yaml_node *part = node->child; part; part = part->next) {
    enum ruleset_route_part which =
        ruleset_route_part(output_copy(arena, part->key));
    if (which < RULESET_ROUTE_PARTS)
      parts[which] = output_copy(arena, scalar(part));
  }
  struct ruleset_route_reading reading = {
      arena, output_format(arena, "%s:%u", file, node->line)};
  return ruleset_routes_add(out, parts, &reading, fault);
}

static enum evald_status read_routes(const struct yaml_node *list,
                                     const char *file,
                                     struct evald_arena *arena,
                                     struct ruleset_routes *out,
                                     struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  const struct yaml_node *item = list ? list->child : NULL;
  for (; item && status == EVALD_OK; item = item->next)
    status = read_route(item, file, arena, out, fault);
  return status;
}

/* Fills what is still NULL from a configuration of evald. Keys that only the
 * daemon knows are passed: evald --check-config looks at them. */
static enum evald_status read_configuration(const char *path,
                                            struct evald_arena *arena,
                                            struct settings *out,
                                            struct evald_fault *fault) {
  struct evald_text text;
  const struct yaml_node *root;
  enum evald_status status = read_file(path, arena, &text, fault);
  if (status != EVALD_OK) return status;
  status = yaml_tree_read(text, path, arena, &root, fault);
  if (status != EVALD_OK) return status;
  for (size_t i = 0; i < SETTINGS; i++) {
    struct evald_text value = scalar(yaml_find(root, rows[i].key));
    if (value.size > 0 && !*field_of(out, i))
      *field_of(out, i) = output_copy(arena, value);
  }
  if (out->routes.count > 0) return EVALD_OK;
  return read_routes(yaml_find(root, "rulesets.serve"), path, arena,
                     &out->routes, fault);
}

/* The folder of `evald --dev`. */
static const char *dev_folder(struct evald_arena *arena) {
  const char *state = getenv("XDG_STATE_HOME");
  const char *home = getenv("HOME");
  if (state && *state) return output_format(arena, "%s/evald", state);
  return home ? output_format(arena, "%s/.local/state/evald", home) : NULL;
}

/* Whether a Redis listens on the socket "unix:/path". */
static bool listens(const char *address) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (!address || strncmp(address, "unix:", 5) != 0 ||
      strlen(address + 5) >= sizeof name.sun_path)
    return false;
  memcpy(name.sun_path, address + 5, strlen(address + 5));
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  bool answered = connect(fd, (struct sockaddr *)&name, sizeof name) == 0;
  close(fd);
  return answered;
}

/* The private Redis of a running `evald --dev`. */
static void read_dev(struct evald_arena *arena, struct settings *out) {
  const char *folder = dev_folder(arena);
  if (!folder || out->redis) return;
  const char *address = output_format(arena, "unix:%s/redis.sock", folder);
  if (listens(address)) out->redis = address;
}

static enum evald_status read_defaults(struct evald_arena *arena,
                                       struct settings *out,
                                       struct evald_fault *fault) {
  if (access(CONFIGURATION, R_OK) == 0) {
    enum evald_status status =
        read_configuration(CONFIGURATION, arena, out, fault);
    if (status != EVALD_OK) return status;
  }
  for (size_t i = 0; i < SETTINGS; i++)
    if (!*field_of(out, i)) *field_of(out, i) = rows[i].fallback;
  if (out->routes.count > 0) return EVALD_OK;
  struct ruleset_route_reading reading = {arena, NULL};
  out->routes_default = true;
  return ruleset_routes_read(&out->routes, RULESET_ROUTES_DEFAULT, &reading,
                             fault);
}

static enum evald_status read_address(struct evald_arena *arena,
                                      struct settings *out,
                                      struct evald_fault *fault) {
  enum evald_status status = store_address(out->redis, arena, &out->store);
  if (status != EVALD_SYNTAX) return status;
  return evald_fault_set(fault, EVALD_INVALID, "redis.address",
                         _("\"%.80s\" is no address; write HOST:PORT or "
                           "unix:/PATH"),
                         out->redis);
}

enum evald_status settings_read(const struct options *options,
                                struct evald_arena *arena, struct settings *out,
                                struct evald_fault *fault) {
  *out = (struct settings){0};
  for (size_t i = 0; i < SETTINGS; i++)
    *field_of(out, i) = given(options, i);
  enum evald_status status = EVALD_OK;
  if (options->config)
    status = read_configuration(options->config, arena, out, fault);
  else
    read_dev(arena, out);
  if (status == EVALD_OK) status = read_defaults(arena, out, fault);
  if (status == EVALD_OK) status = read_address(arena, out, fault);
  return status;
}
