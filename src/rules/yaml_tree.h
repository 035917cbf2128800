/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RULES_YAML_TREE_H
#define RULES_YAML_TREE_H

/*
 * A YAML file as a tree whose nodes know their lines.
 *
 * libcyaml fills structs but cannot say later on which line a value stood; the
 * tree can. It is also the gate that a file passes before libcyaml sees it, so
 * it refuses what a ruleset needs nowhere and what could hurt: a key twice in
 * one mapping, anchors, aliases, tags, several documents, more than the limits
 * below, texts that are not UTF-8 or hold control characters.
 */

#include "evald/arena.h"
#include "evald/text.h"

enum { YAML_TREE_DEPTH = 12, YAML_TREE_NODES = 8192, YAML_TREE_PATH = 160 };

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
  uint8_t kind; /* enum yaml_kind */
  unsigned line;
  unsigned index;         /* among the children of `parent`, from 0 */
  unsigned count;         /* of children */
  struct evald_text key;  /* within a mapping */
  struct evald_text text; /* of a scalar */
  struct yaml_node *parent, *child, *last, *next;
};

/* Reads one document whose root is a mapping. Texts live in the arena. `name`
 * stands for the file in faults ("cn-2020.yaml:12"). */
enum evald_status yaml_tree_read(struct evald_text text, const char *name,
                                 struct evald_arena *arena,
                                 const struct yaml_node **out,
                                 struct evald_fault *fault);

/* The child under a key, under a dotted path of keys; NULL: not there. */
const struct yaml_node *yaml_child(const struct yaml_node *node,
                                   struct evald_text key);
const struct yaml_node *yaml_find(const struct yaml_node *node,
                                  const char *path);
const struct yaml_node *yaml_item(const struct yaml_node *node, size_t index);

/* Writes where a node stands: "provisions[2].execution.weight". */
void yaml_path(const struct yaml_node *node, char out[YAML_TREE_PATH]);

/* Records "name:line" and "path: …" in a fault and returns EVALD_INVALID. */
enum evald_status yaml_fault(struct evald_fault *fault, const char *name,
                             const struct yaml_node *node, const char *format,
                             ...) EVALD_PRINTF(4, 5);

#endif
