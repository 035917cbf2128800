/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/yaml_tree.h"

#include "base/fault.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include <stdio.h>
#include <string.h>
#include <yaml.h>

struct reader {
  yaml_parser_t parser;
  const char *name;
  struct evald_arena *arena;
  struct evald_fault *fault;
  size_t nodes;
};

/* "file:12", without the front of a path that leaves no room for the line. */
static void print_place(char *out, size_t size, const char *name, size_t line) {
  enum { LINE = 16 };
  size_t length = strlen(name);
  const char *tail = name;
  if (length + LINE > size) tail = strchr(name + length + LINE - size, '/');
  (void)fault_print(out, size, "%s:%zu", tail ? tail : "…", line);
}

static enum evald_status fault_at(struct reader *reader, size_t line,
                                  const char *sentence) {
  char place[sizeof reader->fault->place];
  print_place(place, sizeof place, reader->name, line + 1);
  return evald_fault_set(reader->fault, EVALD_INVALID, place, "%s", sentence);
}

static enum evald_status parser_fault(struct reader *reader) {
  const yaml_parser_t *parser = &reader->parser;
  if (parser->error == YAML_MEMORY_ERROR) return EVALD_MEMORY;
  char sentence[256];
  (void)fault_print(sentence, sizeof sentence, _("not YAML: %s"),
                    parser->problem ? parser->problem : "?");
  return fault_at(reader, parser->problem_mark.line, sentence);
}

/* The line, from 0, on which the first byte stands that is not UTF-8. */
static size_t first_bad_line(struct evald_text text) {
  size_t line = 0, from = 0;
  for (size_t i = 0; i < text.size; i++) {
    if (text.data[i] != '\n') continue;
    if (!utf8_valid(text.data + from, i - from)) return line;
    from = i + 1;
    line++;
  }
  return line;
}

static bool has_control(const char *data, size_t size) {
  for (size_t i = 0; i < size; i++)
    if ((unsigned char)data[i] < 0x20 || data[i] == 0x7f) return true;
  return false;
}

static enum evald_status take_text(struct reader *reader,
                                   const yaml_event_t *event,
                                   struct evald_text *out) {
  const char *value = (const char *)event->data.scalar.value;
  size_t size = event->data.scalar.length;
  if (has_control(value, size))
    return fault_at(reader, event->start_mark.line,
                    _("a control character or a line break within a text; "
                      "write it on one line"));
  char *copy = evald_arena_take(reader->arena, size + 1);
  if (!copy) return EVALD_MEMORY;
  memcpy(copy, value, size);
  *out = (struct evald_text){copy, size};
  return EVALD_OK;
}

/* What no ruleset needs: refused before anything is built on it. */
static const char *unwanted(const yaml_event_t *event) {
  const yaml_char_t *anchor = NULL, *tag = NULL;
  if (event->type == YAML_ALIAS_EVENT) {
    anchor = event->data.alias.anchor;
  } else if (event->type == YAML_SCALAR_EVENT) {
    anchor = event->data.scalar.anchor;
    tag = event->data.scalar.tag;
  } else if (event->type == YAML_SEQUENCE_START_EVENT) {
    anchor = event->data.sequence_start.anchor;
    tag = event->data.sequence_start.tag;
  } else if (event->type == YAML_MAPPING_START_EVENT) {
    anchor = event->data.mapping_start.anchor;
    tag = event->data.mapping_start.tag;
  }
  if (anchor) return _("anchors and aliases are not read; write it out");
  if (tag) return _("tags are not read; leave the tag out");
  return NULL;
}

static enum evald_status next_event(struct reader *reader,
                                    yaml_event_t *event) {
  if (!yaml_parser_parse(&reader->parser, event)) return parser_fault(reader);
  const char *sentence = unwanted(event);
  if (!sentence) return EVALD_OK;
  size_t line = event->start_mark.line;
  yaml_event_delete(event);
  return fault_at(reader, line, sentence);
}

static enum evald_status hang(struct reader *reader, struct yaml_node *parent,
                              const yaml_event_t *event,
                              struct yaml_node **out) {
  if (++reader->nodes > YAML_TREE_NODES)
    return fault_at(reader, event->start_mark.line,
                    _("too many values in one file"));
  struct yaml_node *node = evald_arena_take(reader->arena, sizeof *node);
  if (!node) return EVALD_MEMORY;
  node->line = (unsigned)event->start_mark.line + 1;
  node->parent = parent;
  if (parent) {
    node->index = parent->count++;
    *(parent->last ? &parent->last->next : &parent->child) = node;
    parent->last = node;
  }
  *out = node;
  return EVALD_OK;
}

static enum evald_status read_children(struct reader *reader,
                                       struct yaml_node *node, unsigned depth);

/* Makes the node that begins with `event`, with everything below it. */
static enum evald_status fill(struct reader *reader, struct yaml_node *node,
                              const yaml_event_t *event, unsigned depth) {
  if (event->type == YAML_SCALAR_EVENT)
    return take_text(reader, event, &node->text);
  node->kind = event->type == YAML_SEQUENCE_START_EVENT ? YAML_LIST : YAML_MAP;
  if (depth >= YAML_TREE_DEPTH)
    return fault_at(reader, event->start_mark.line,
                    _("nested too deep; docs/RULES.md shows every key"));
  return read_children(reader, node, depth + 1);
}

static enum evald_status read_key(struct reader *reader,
                                  const yaml_event_t *event,
                                  struct yaml_node *map,
                                  struct evald_text *out) {
  if (event->type != YAML_SCALAR_EVENT)
    return fault_at(reader, event->start_mark.line,
                    _("a key must be a plain word"));
  enum evald_status status = take_text(reader, event, out);
  if (status) return status;
  const struct yaml_node *twin = yaml_child(map, *out);
  if (!twin) return EVALD_OK;
  char sentence[256];
  (void)fault_print(sentence, sizeof sentence,
                    _("%.*s: the key stands on line %u already; keep one"),
                    (int)out->size, out->data, twin->line);
  return fault_at(reader, event->start_mark.line, sentence);
}

static enum evald_status read_child(struct reader *reader,
                                    struct yaml_node *node, unsigned depth,
                                    const yaml_event_t *first) {
  struct evald_text key = {NULL, 0};
  struct yaml_node *child = NULL;
  if (node->kind == YAML_LIST) {
    enum evald_status status = hang(reader, node, first, &child);
    return status ? status : fill(reader, child, first, depth);
  }
  enum evald_status status = read_key(reader, first, node, &key);
  if (!status) status = hang(reader, node, first, &child);
  if (status) return status;
  child->key = key;
  child->line = (unsigned)first->start_mark.line + 1;
  yaml_event_t event;
  status = next_event(reader, &event);
  if (status) return status;
  status = fill(reader, child, &event, depth);
  yaml_event_delete(&event);
  return status;
}

static enum evald_status read_children(struct reader *reader,
                                       struct yaml_node *node, unsigned depth) {
  for (;;) {
    yaml_event_t event;
    enum evald_status status = next_event(reader, &event);
    if (status) return status;
    bool ended = event.type == YAML_SEQUENCE_END_EVENT ||
                 event.type == YAML_MAPPING_END_EVENT;
    if (!ended) status = read_child(reader, node, depth, &event);
    yaml_event_delete(&event);
    if (ended || status) return status;
  }
}

static enum evald_status read_root(struct reader *reader,
                                   const yaml_event_t *event,
                                   struct yaml_node **root) {
  if (*root)
    return fault_at(reader, event->start_mark.line,
                    _("a second document; one file is one ruleset"));
  if (event->type != YAML_MAPPING_START_EVENT)
    return fault_at(reader, event->start_mark.line,
                    _("a ruleset begins with keys such as `id: cn-2020`"));
  enum evald_status status = hang(reader, NULL, event, root);
  return status ? status : fill(reader, *root, event, 0);
}

static enum evald_status read_stream(struct reader *reader,
                                     struct yaml_node **root) {
  for (;;) {
    yaml_event_t event;
    enum evald_status status = next_event(reader, &event);
    if (status) return status;
    yaml_event_type_t type = event.type;
    if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
        type == YAML_MAPPING_START_EVENT)
      status = read_root(reader, &event, root);
    yaml_event_delete(&event);
    if (status) return status;
    if (type == YAML_STREAM_END_EVENT) break;
  }
  if (*root) return EVALD_OK;
  return fault_at(reader, 0, _("the file is empty"));
}

enum evald_status yaml_tree_read(struct evald_text text, const char *name,
                                 struct evald_arena *arena,
                                 const struct yaml_node **out,
                                 struct evald_fault *fault) {
  struct evald_fault unseen;
  evald_fault_clear(&unseen);
  struct reader reader = {.name = name, .arena = arena};
  reader.fault = fault ? fault : &unseen;
  if (!utf8_valid(text.data, text.size))
    return fault_at(&reader, first_bad_line(text),
                    _("not UTF-8; save the file as UTF-8"));
  if (!yaml_parser_initialize(&reader.parser)) return EVALD_MEMORY;
  yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.data,
                               text.size);
  struct yaml_node *root = NULL;
  enum evald_status status = read_stream(&reader, &root);
  yaml_parser_delete(&reader.parser);
  if (!status) *out = root;
  return status;
}

const struct yaml_node *yaml_child(const struct yaml_node *node,
                                   struct evald_text key) {
  if (!node || node->kind != YAML_MAP) return NULL;
  for (const struct yaml_node *child = node->child; child; child = child->next)
    if (evald_text_equal(child->key, key)) return child;
  return NULL;
}

const struct yaml_node *yaml_find(const struct yaml_node *node,
                                  const char *path) {
  while (node && *path) {
    size_t size = strcspn(path, ".");
    node = yaml_child(node, (struct evald_text){path, size});
    path += size + (path[size] == '.');
  }
  return node;
}

const struct yaml_node *yaml_item(const struct yaml_node *node, size_t index) {
  if (!node) return NULL;
  const struct yaml_node *child = node->child;
  while (child && index-- > 0)
    child = child->next;
  return child;
}

void yaml_path(const struct yaml_node *node, char out[YAML_TREE_PATH]) {
  out[0] = '\0';
  if (!node || !node->parent) return;
  yaml_path(node->parent, out);
  size_t length = strlen(out);
  if (node->parent->kind == YAML_LIST)
    (void)fault_print(out + length, YAML_TREE_PATH - length, "[%u]",
                      node->index);
  else
    (void)fault_print(out + length, YAML_TREE_PATH - length, "%s%.*s",
                      length ? "." : "", (int)node->key.size, node->key.data);
}

enum evald_status yaml_fault(struct evald_fault *fault, const char *name,
                             const struct yaml_node *node, const char *format,
                             ...) {
  char place[sizeof fault->place], path[YAML_TREE_PATH];
  char sentence[sizeof fault->text];
  print_place(place, sizeof place, name, node->line);
  yaml_path(node, path);
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  return evald_fault_set(fault, EVALD_INVALID, place, "%s%s%s", path,
                         path[0] ? ": " : "", sentence);
}
