/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "daemon/config.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* What the functions of this file pass on. */
struct reading {
  struct config *config;
  const char *name; /* of the file */
  yaml_document_t *document;
  struct evald_fault *fault;
};

enum { PLACE = 192, FILE_MAX = 1 << 20 };

static const char *place_of(const struct reading *reading,
                            const yaml_node_t *node, char out[PLACE]) {
  fault_print(out, PLACE, "%s:%zu", reading->name, node->start_mark.line + 1);
  return out;
}

#define REFUSE(reading, node, ...)                                             \
  evald_fault_set((reading)->fault, EVALD_INVALID,                             \
                  place_of(reading, node, (char[PLACE]){0}), __VA_ARGS__)

static yaml_node_t *node_at(const struct reading *reading, int index) {
  return yaml_document_get_node(reading->document, index);
}

/* The text of a scalar; NULL where the node is none or holds a NUL. */
static const char *scalar(const yaml_node_t *node) {
  if (node->type != YAML_SCALAR_NODE) return NULL;
  const char *text = (const char *)node->data.scalar.value;
  return strlen(text) == node->data.scalar.length ? text : NULL;
}

static bool named_before(const struct reading *reading, const yaml_node_t *map,
                         const yaml_node_pair_t *pair) {
  const char *name = scalar(node_at(reading, pair->key));
  const yaml_node_pair_t *other = map->data.mapping.pairs.start;
  for (; other < pair; other++) {
    const char *earlier = scalar(node_at(reading, other->key));
    if (earlier != NULL && strcmp(earlier, name) == 0) return true;
  }
  return false;
}

typedef enum evald_status each_pair(struct reading *reading, void *context,
                                    yaml_node_t *key, yaml_node_t *value);

/* Calls `each` for the pairs of a map; keys are scalars and stand once. */
static enum evald_status walk_map(struct reading *reading, yaml_node_t *map,
                                  each_pair *each, void *context) {
  const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
  for (; pair < map->data.mapping.pairs.top; pair++) {
    yaml_node_t *key = node_at(reading, pair->key);
    if (scalar(key) == NULL)
      return REFUSE(reading, key, _("a name is expected here"));
    if (named_before(reading, map, pair))
      return REFUSE(reading, key, _("\"%.60s\" stands here twice"),
                    scalar(key));
    enum evald_status status =
        each(reading, context, key, node_at(reading, pair->value));
    if (status != EVALD_OK) return status;
  }
  return EVALD_OK;
}

static enum evald_status read_endpoints(struct reading *reading,
                                        const struct config_key *key,
                                        yaml_node_t *list) {
  struct config_list *out = (void *)((char *)reading->config + key->offset);
  out->count = 0;
  const yaml_node_item_t *item = list->data.sequence.items.start;
  if (item == list->data.sequence.items.top)
    return REFUSE(reading, list, _("%s: the list is empty"), key->key);
  for (; item < list->data.sequence.items.top; item++) {
    yaml_node_t *node = node_at(reading, *item);
    char place[PLACE];
    if (scalar(node) == NULL)
      return REFUSE(reading, node, _("an endpoint is expected here"));
    enum evald_status status =
        config_add_endpoint(reading->config, key, scalar(node),
                            place_of(reading, node, place), reading->fault);
    if (status != EVALD_OK) return status;
  }
  return EVALD_OK;
}

static enum evald_status read_route_part(struct reading *reading, void *context,
                                         yaml_node_t *key, yaml_node_t *value) {
  const char **parts = context;
  if (scalar(value) == NULL)
    return REFUSE(reading, value, _("%.60s: a text is expected"), scalar(key));
  enum ruleset_route_part part = ruleset_route_part(scalar(key));
  if (part < RULESET_ROUTE_PARTS) {
    parts[part] = scalar(value);
    return EVALD_OK;
  }
  return REFUSE(reading, key,
                _("unknown key \"%.60s\"; known: division, years, ruleset"),
                scalar(key));
}

static enum evald_status read_route(struct reading *reading, yaml_node_t *node,
                                    struct ruleset_routes *out) {
  const char *parts[RULESET_ROUTE_PARTS] = {"", "", ""};
  if (node->type != YAML_MAPPING_NODE)
    return REFUSE(reading, node,
                  _("{division: …, years: …, ruleset: …} is expected here"));
  enum evald_status status = walk_map(reading, node, read_route_part, parts);
  if (status != EVALD_OK) return status;
  if (*parts[RULESET_ROUTE_RULESET] == '\0')
    return REFUSE(reading, node, _("\"ruleset\" is missing"));
  char place[PLACE];
  struct ruleset_route_reading from = {reading->config->arena,
                                       place_of(reading, node, place)};
  return ruleset_routes_add(out, parts, &from, reading->fault);
}

static enum evald_status read_routes(struct reading *reading, yaml_node_t *list,
                                     struct ruleset_routes *out) {
  out->count = 0;
  const yaml_node_item_t *item = list->data.sequence.items.start;
  for (; item < list->data.sequence.items.top; item++) {
    enum evald_status status =
        read_route(reading, node_at(reading, *item), out);
    if (status != EVALD_OK) return status;
  }
  return EVALD_OK;
}

/* A value that is not a scalar: only two types of keys have one. */
static enum evald_status read_list(struct reading *reading,
                                   const struct config_key *key,
                                   yaml_node_t *value) {
  void *field = (char *)reading->config + key->offset;
  if (value->type == YAML_SEQUENCE_NODE && key->type == CONFIG_ENDPOINTS)
    return read_endpoints(reading, key, value);
  if (value->type == YAML_SEQUENCE_NODE && key->type == CONFIG_ROUTES)
    return read_routes(reading, value, field);
  return REFUSE(reading, value, _("%s: one value is expected; allowed: %s"),
                key->key, *key->allowed ? key->allowed : key->fallback);
}

static enum evald_status refuse_unknown(struct reading *reading,
                                        const char *section, yaml_node_t *key) {
  char near[64];
  if (config_key_suggest(section, scalar(key), near, sizeof near) != NULL)
    return REFUSE(reading, key,
                  _("unknown key \"%.60s\"; did you mean \"%s\"?"), scalar(key),
                  near);
  return REFUSE(reading, key,
                _("unknown key \"%.60s\"; evald --print-config prints all"),
                scalar(key));
}

static enum evald_status read_key(struct reading *reading, void *context,
                                  yaml_node_t *key, yaml_node_t *value) {
  const char *section = context;
  char path[128], place[PLACE];
  fault_print(path, sizeof path, "%s.%s", section, scalar(key));
  const struct config_key *row = config_key_find(path);
  if (row == NULL) return refuse_unknown(reading, section, key);
  if (scalar(value) == NULL || row->type == CONFIG_ROUTES)
    return read_list(reading, row, value);
  return config_set(reading->config, row, scalar(value),
                    place_of(reading, value, place), reading->fault);
}

static bool is_section(const char *name) {
  size_t length = strlen(name);
  for (size_t i = 0; i < config_key_count(); i++) {
    const char *key = config_keys[i].key;
    if (strncmp(key, name, length) == 0 && key[length] == '.') return true;
  }
  return false;
}

static enum evald_status read_section(struct reading *reading, void *context,
                                      yaml_node_t *key, yaml_node_t *value) {
  (void)context;
  if (!is_section(scalar(key))) return refuse_unknown(reading, NULL, key);
  if (value->type == YAML_SCALAR_NODE && value->data.scalar.length == 0)
    return EVALD_OK; /* a section whose keys are all commented out */
  if (value->type != YAML_MAPPING_NODE)
    return REFUSE(reading, value, _("%.60s: keys are expected, indented"),
                  scalar(key));
  char section[64];
  fault_print(section, sizeof section, "%s", scalar(key));
  return walk_map(reading, value, read_key, section);
}

static enum evald_status read_document(struct reading *reading) {
  yaml_node_t *root = yaml_document_get_root_node(reading->document);
  if (root == NULL) return EVALD_OK; /* an empty file: all defaults */
  if (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0)
    return EVALD_OK;
  if (root->type != YAML_MAPPING_NODE)
    return REFUSE(reading, root, _("sections are expected (doors, redis, …)"));
  return walk_map(reading, root, read_section, NULL);
}

static enum evald_status refuse_syntax(const struct reading *reading,
                                       const yaml_parser_t *parser) {
  char place[PLACE];
  /* libyaml does not always say that its memory ended; then it says nothing. */
  if (parser->error == YAML_MEMORY_ERROR || parser->error == YAML_NO_ERROR)
    return evald_fault_set(reading->fault, EVALD_MEMORY, reading->name,
                           _("no memory"));
  fault_print(place, sizeof place, "%s:%zu", reading->name,
              parser->problem_mark.line + 1);
  return evald_fault_set(reading->fault, EVALD_SYNTAX, place,
                         _("this is not YAML: %s"),
                         parser->problem != NULL ? parser->problem : "?");
}

/* What stands behind a "---" would be passed over in silence. */
static enum evald_status refuse_more(const struct reading *reading,
                                     yaml_parser_t *parser) {
  yaml_document_t more;
  struct reading rest = *reading;
  rest.document = &more;
  if (!yaml_parser_load(parser, &more)) return refuse_syntax(reading, parser);
  enum evald_status status = EVALD_OK;
  yaml_node_t *root = yaml_document_get_root_node(&more);
  if (root != NULL)
    status = REFUSE(&rest, root, _("a second document begins here"));
  yaml_document_delete(&more);
  return status;
}

enum evald_status config_read_text(struct config *config, const char *name,
                                   const char *text,
                                   struct evald_fault *fault) {
  if (!utf8_valid(text, strlen(text)))
    return evald_fault_set(fault, EVALD_SYNTAX, name,
                           _("the file is not UTF-8"));
  yaml_parser_t parser;
  yaml_document_t document;
  struct reading reading = {config, name, &document, fault};
  if (!yaml_parser_initialize(&parser))
    return evald_fault_set(fault, EVALD_MEMORY, name, _("no memory"));
  yaml_parser_set_input_string(&parser, (const unsigned char *)text,
                               strlen(text));
  enum evald_status status;
  if (yaml_parser_load(&parser, &document)) {
    status = read_document(&reading);
    yaml_document_delete(&document);
    if (status == EVALD_OK) status = refuse_more(&reading, &parser);
  } else {
    status = refuse_syntax(&reading, &parser);
  }
  yaml_parser_delete(&parser);
  return status;
}

static enum evald_status no_file(const char *path, struct evald_fault *fault) {
  return evald_fault_set(fault, errno == ENOMEM ? EVALD_MEMORY : EVALD_IO, path,
                         "%s", fault_reason(errno));
}

/* The whole file, terminated. */
static enum evald_status slurp_stream(FILE *file, const char *path, char **out,
                                      struct evald_fault *fault) {
  char *text = malloc(FILE_MAX + 1);
  size_t size = text != NULL ? fread(text, 1, FILE_MAX + 1, file) : 0;
  if (text == NULL || ferror(file) != 0) {
    free(text);
    return no_file(path, fault);
  }
  if (size > FILE_MAX || memchr(text, '\0', size) != NULL) {
    free(text);
    return evald_fault_set(fault, EVALD_IO, path,
                           _("this is no configuration file"));
  }
  text[size] = '\0';
  *out = text;
  return EVALD_OK;
}

enum evald_status config_read_file(struct config *config, const char *path,
                                   struct evald_fault *fault) {
  char *text = NULL;
  FILE *file = fopen(path, "re");
  if (file == NULL) return no_file(path, fault);
  enum evald_status status = slurp_stream(file, path, &text, fault);
  fclose(file);
  if (status != EVALD_OK) return status;
  status = config_read_text(config, path, text, fault);
  free(text);
  return status;
}
