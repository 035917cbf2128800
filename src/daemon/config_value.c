/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "daemon/config.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where a value came from, for its fault. */
struct origin {
  struct config *config;
  const struct config_key *key;
  const char *value, *place;
  struct evald_fault *fault;
};

static enum evald_status refuse(const struct origin *at, const char *wanted) {
  return evald_fault_set(at->fault, EVALD_INVALID, at->place,
                         _("%s: \"%.80s\" is not allowed; allowed: %s"),
                         at->key->key, at->value, wanted);
}

static enum evald_status set_text(const struct origin *at, void *field) {
  const char *copy = config_copy(at->config->arena, at->value);
  if (copy == NULL) return EVALD_MEMORY;
  *(const char **)field = copy;
  return EVALD_OK;
}

/* The path of a Unix socket has 107 bytes at most. */
enum { SOCKET_PATH_MAX = 107 };

/* "127.0.0.1:5709", "[::1]:5709"; where `any`, the port may be "*" or 0, for
 * one that is free. */
static bool is_host_port(const char *text, bool any) {
  const char *port = strrchr(text, ':');
  if (port == NULL || port == text) return false;
  port++;
  size_t digits = strspn(port, "0123456789");
  if (any && (strcmp(port, "*") == 0 || strcmp(port, "0") == 0)) return true;
  if (digits == 0 || digits > 5 || port[digits] != '\0') return false;
  long number = strtol(port, NULL, 10);
  return number >= 1 && number <= 65535;
}

static enum evald_status set_address(const struct origin *at, void *field) {
  const char *allowed = at->key->allowed, *value = at->value;
  bool off = strstr(allowed, "off") != NULL;
  bool path = strstr(allowed, "unix:/") != NULL;
  bool fits = is_host_port(value, false) ||
              (off && (strcmp(value, "off") == 0 || *value == '\0')) ||
              (path && strncmp(value, "unix:/", 6) == 0 &&
               strlen(value + 5) <= SOCKET_PATH_MAX);
  return fits ? set_text(at, field) : refuse(at, allowed);
}

static bool read_integer(const char *text, int64_t *out) {
  char *end = NULL;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' ||
      isspace((unsigned char)*text) || *text == '+')
    return false;
  *out = value;
  return true;
}

static enum evald_status set_integer(const struct origin *at, void *field) {
  const char *dots = strstr(at->key->allowed, "..");
  int64_t low = strtoll(at->key->allowed, NULL, 10);
  int64_t high = strtoll(dots + 2, NULL, 10), value = 0;
  if (!read_integer(at->value, &value) || value < low || value > high)
    return refuse(at, at->key->allowed);
  *(int64_t *)field = value;
  return EVALD_OK;
}

static enum evald_status set_bool(const struct origin *at, void *field) {
  bool yes = strcmp(at->value, "true") == 0;
  if (!yes && strcmp(at->value, "false") != 0) return refuse(at, "true|false");
  *(bool *)field = yes;
  return EVALD_OK;
}

static enum evald_status set_choice(const struct origin *at, void *field) {
  const char *rest = at->key->allowed;
  size_t size = strlen(at->value);
  for (int64_t number = 0; rest != NULL; number++) {
    size_t length = strcspn(rest, "|");
    if (length == size && strncmp(rest, at->value, size) == 0) {
      *(int64_t *)field = number;
      return EVALD_OK;
    }
    rest = rest[length] == '|' ? rest + length + 1 : NULL;
  }
  return refuse(at, at->key->allowed);
}

enum evald_status config_add_endpoint(struct config *config,
                                      const struct config_key *key,
                                      const char *value, const char *place,
                                      struct evald_fault *fault) {
  struct config_list *list = (void *)((char *)config + key->offset);
  bool tcp = strncmp(value, "tcp://", 6) == 0;
  bool ipc = strncmp(value, "ipc://", 6) == 0 && value[6] != '\0' &&
             strlen(value + 6) <= SOCKET_PATH_MAX;
  if (!ipc && !(tcp && is_host_port(value + 6, true)))
    return evald_fault_set(
        fault, EVALD_INVALID, place,
        _("%s: \"%.80s\" is no endpoint; allowed: tcp://HOST:PORT, "
          "ipc:///PATH"),
        key->key, value);
  if (list->count == CONFIG_LIST_MAX)
    return evald_fault_set(fault, EVALD_LIMIT, place,
                           _("%s: more than %d endpoints"), key->key,
                           CONFIG_LIST_MAX);
  const char *copy = config_copy(config->arena, value);
  if (copy == NULL) return EVALD_MEMORY;
  list->item[list->count++] = copy;
  return EVALD_OK;
}

static enum evald_status set_endpoints(const struct origin *at, void *field) {
  struct config_list *list = field;
  list->count = 0;
  return config_add_endpoint(at->config, at->key, at->value, at->place,
                             at->fault);
}

static enum evald_status set_routes(const struct origin *at, void *field) {
  struct ruleset_routes *routes = field;
  struct ruleset_route_reading reading = {at->config->arena, at->place};
  routes->count = 0;
  enum evald_status status =
      ruleset_routes_read(routes, at->value, &reading, at->fault);
  if (status != EVALD_SYNTAX) return status;
  return refuse(at, _("a list of {division, years, ruleset}"));
}

enum evald_status config_set(struct config *config,
                             const struct config_key *key, const char *value,
                             const char *place, struct evald_fault *fault) {
  static enum evald_status (*const setters[])(const struct origin *, void *) = {
      [CONFIG_TEXT] = set_text,       [CONFIG_ENDPOINTS] = set_endpoints,
      [CONFIG_ADDRESS] = set_address, [CONFIG_INTEGER] = set_integer,
      [CONFIG_BOOL] = set_bool,       [CONFIG_CHOICE] = set_choice,
      [CONFIG_ROUTES] = set_routes,
  };
  struct origin at = {config, key, value, place, fault};
  void *field = (char *)config + key->offset;
  enum evald_status status = setters[key->type](&at, field);
  if (status == EVALD_MEMORY)
    evald_fault_set(fault, status, place, _("no memory"));
  return status;
}
