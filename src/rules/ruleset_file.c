/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_file.h"

#include "base/fault.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "rules/ruleset_yaml.h"
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- the schema, from the lists of the header ------------------------ */

enum { TEXT_MAX = 600, PROVISIONS_MAX = 64 };

static const cyaml_schema_value_t word = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, TEXT_MAX)};

#define KEY_OF(type, flags, key)                                               \
  CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | (flags), type, key, 0,     \
                         TEXT_MAX)
#define WORDS_OF(type, key)                                                    \
  CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type,   \
                       key, &word, 0, RULESET_WORDS_MAX)
#define LIST_OF(type, key, entry, most)                                        \
  CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type,   \
                       key, &(entry), 0, most)
#define PART_OF(type, key, fields)                                             \
  CYAML_FIELD_MAPPING(#key, CYAML_FLAG_OPTIONAL, type, key, fields)
#define ENTRY(type, fields)                                                    \
  { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, type, fields) }

#define X(key) KEY_OF(struct file_band, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t band_fields[] = {FILE_BAND_KEYS(X)
                                                       CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_level, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t level_fields[] = {
    FILE_LEVEL_KEYS(X) WORDS_OF(struct file_level, words), CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_level2, CYAML_FLAG_DEFAULT, key),
static const cyaml_schema_field_t level2_fields[] = {
    FILE_NAME_KEYS(X) WORDS_OF(struct file_level2, aliases), CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_weight, CYAML_FLAG_DEFAULT, key),
static const cyaml_schema_field_t weight_fields[] = {FILE_WEIGHT_KEYS(X)
                                                         CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_cut, CYAML_FLAG_DEFAULT, key),
static const cyaml_schema_field_t cut_fields[] = {
    FILE_CUT_KEYS(X) WORDS_OF(struct file_cut, aliases), CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_check, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t check_fields[] = {FILE_CHECK_KEYS(X)
                                                        CYAML_FIELD_END};
#undef X

static const cyaml_schema_value_t band = ENTRY(struct file_band, band_fields);
static const cyaml_schema_value_t level2 =
    ENTRY(struct file_level2, level2_fields);
static const cyaml_schema_value_t weight =
    ENTRY(struct file_weight, weight_fields);
static const cyaml_schema_value_t cut = ENTRY(struct file_cut, cut_fields);

#define X(key) KEY_OF(struct file_category, CYAML_FLAG_DEFAULT, key),
static const cyaml_schema_field_t category_fields[] = {
    FILE_CATEGORY_KEYS(X) WORDS_OF(struct file_category, aliases),
    LIST_OF(struct file_category, level2, level2, RULESET_LEVEL2_MAX),
    CYAML_FIELD_END};
#undef X
static const cyaml_schema_value_t category =
    ENTRY(struct file_category, category_fields);

#define X(key) KEY_OF(struct file_execution, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t execution_fields[] = {FILE_EXECUTION_KEYS(X)
                                                            CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_rows, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t rows_fields[] = {
    FILE_ROWS_KEYS(X)
        LIST_OF(struct file_rows, over_achievement, band, RULESET_BANDS_MAX),
    CYAML_FIELD_END};
#undef X
static const cyaml_schema_field_t qualitative_fields[] = {
    PART_OF(struct file_qualitative, met, level_fields),
    PART_OF(struct file_qualitative, partly, level_fields),
    PART_OF(struct file_qualitative, not_met, level_fields), CYAML_FIELD_END};
#define X(key) KEY_OF(struct file_categories, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t categories_fields[] = {
    LIST_OF(struct file_categories, model, category, RULESET_CATEGORIES_MAX),
    LIST_OF(struct file_categories, weights, weight, RULESET_CATEGORIES_MAX),
    FILE_CATEGORIES_KEYS(X) CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_grades, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t grades_fields[] = {
    FILE_GRADES_KEYS(X)
        LIST_OF(struct file_grades, cuts, cut, RULESET_GRADES_MAX),
    CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_total, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t total_fields[] = {FILE_TOTAL_KEYS(X)
                                                        CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_duties, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t duties_fields[] = {FILE_DUTIES_KEYS(X)
                                                         CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_lights, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t lights_fields[] = {FILE_LIGHTS_KEYS(X)
                                                         CYAML_FIELD_END};
#undef X
#define X(key) KEY_OF(struct file_form, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t form_fields[] = {FILE_FORM_KEYS(X)
                                                       CYAML_FIELD_END};
#undef X
#define X(code, number, level, en, zh)                                         \
  PART_OF(struct file_checks, code, check_fields),
static const cyaml_schema_field_t checks_fields[] = {
    KEY_OF(struct file_checks, CYAML_FLAG_OPTIONAL, others),
    EVALD_FINDING_LIST(X) CYAML_FIELD_END};
#undef X

#define X(key) WORDS_OF(struct file_operators, key),
static const cyaml_schema_field_t operators_fields[] = {FILE_OPERATORS_KEYS(X)
                                                            CYAML_FIELD_END};
#undef X

#define X(section) PART_OF(struct file_provision, section, section##_fields),
static const cyaml_schema_field_t provision_fields[] = {
    KEY_OF(struct file_provision, CYAML_FLAG_DEFAULT, source),
    KEY_OF(struct file_provision, CYAML_FLAG_DEFAULT, confidence),
    KEY_OF(struct file_provision, CYAML_FLAG_OPTIONAL, valid_from),
    KEY_OF(struct file_provision, CYAML_FLAG_OPTIONAL, valid_to),
    FILE_SECTION_LIST(X) CYAML_FIELD_END};
#undef X
static const cyaml_schema_value_t provision =
    ENTRY(struct file_provision, provision_fields);

#define X(key) KEY_OF(struct file_years, CYAML_FLAG_OPTIONAL, key),
static const cyaml_schema_field_t years_fields[] = {FILE_YEARS_KEYS(X)
                                                        CYAML_FIELD_END};
#undef X
static const cyaml_schema_field_t content_fields[] = {
    KEY_OF(struct file_content, CYAML_FLAG_DEFAULT, id),
    KEY_OF(struct file_content, CYAML_FLAG_DEFAULT, version),
    KEY_OF(struct file_content, CYAML_FLAG_DEFAULT, title),
    KEY_OF(struct file_content, CYAML_FLAG_OPTIONAL, extends),
    PART_OF(struct file_content, years, years_fields),
    CYAML_FIELD_SEQUENCE("provisions", CYAML_FLAG_POINTER, struct file_content,
                         provisions, &provision, 1, PROVISIONS_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {CYAML_VALUE_MAPPING(
    CYAML_FLAG_POINTER, struct file_content, content_fields)};

/* ---- the shape of a file, held against the schema -------------------- */

struct shape {
  const char *name;
  struct evald_fault *fault;
};

/* "weight, base, formula": what may stand in a mapping. */
static void list_keys(const cyaml_schema_field_t *fields, char *out,
                      size_t size) {
  size_t length = 0;
  for (out[0] = '\0'; fields->key; fields++) {
    if (length + strlen(fields->key) + sizeof ", , …" > size) {
      (void)fault_print(out + length, size - length, ", …");
      return;
    }
    length += fault_print(out + length, size - length, "%s%s",
                          length ? ", " : "", fields->key);
  }
}

static enum evald_status check_value(const struct shape *shape,
                                     const struct yaml_node *node,
                                     const cyaml_schema_value_t *wanted);

static const cyaml_schema_field_t *field_named(
    const cyaml_schema_field_t *fields, struct evald_text key) {
  for (; fields->key; fields++)
    if (evald_text_equal(evald_text_of(fields->key), key)) return fields;
  return NULL;
}

/* Only keys that the schema has, and all that it must have. */
static enum evald_status check_keys(const struct shape *shape,
                                    const struct yaml_node *node,
                                    const cyaml_schema_field_t *fields) {
  char allowed[384];
  list_keys(fields, allowed, sizeof allowed);
  if (node->kind != YAML_MAP)
    return yaml_fault(shape->fault, shape->name, node,
                      _("expected keys with values; allowed here: %s"),
                      allowed);
  for (const struct yaml_node *child = node->child; child; child = child->next)
    if (!field_named(fields, child->key))
      return yaml_fault(shape->fault, shape->name, child,
                        _("unknown key; allowed here: %s"), allowed);
  for (; fields->key; fields++)
    if (!(fields->value.flags & CYAML_FLAG_OPTIONAL) &&
        !yaml_child(node, evald_text_of(fields->key)))
      return yaml_fault(shape->fault, shape->name, node,
                        _("the key `%s` is missing; add it"), fields->key);
  return EVALD_OK;
}

static enum evald_status check_map(const struct shape *shape,
                                   const struct yaml_node *node,
                                   const cyaml_schema_field_t *fields) {
  enum evald_status status = check_keys(shape, node, fields);
  const struct yaml_node *child = node->child;
  for (; !status && child; child = child->next)
    status = check_value(shape, child, &field_named(fields, child->key)->value);
  return status;
}

static enum evald_status check_list(const struct shape *shape,
                                    const struct yaml_node *node,
                                    const cyaml_schema_value_t *wanted) {
  if (node->kind != YAML_LIST)
    return yaml_fault(shape->fault, shape->name, node,
                      _("expected a list: [ … ], or lines that begin with "
                        "\"- \""));
  if (node->count < wanted->sequence.min || node->count > wanted->sequence.max)
    return yaml_fault(shape->fault, shape->name, node,
                      _("%u entries; allowed: %u to %u"), node->count,
                      wanted->sequence.min, wanted->sequence.max);
  for (const struct yaml_node *child = node->child; child;
       child = child->next) {
    enum evald_status status =
        check_value(shape, child, wanted->sequence.entry);
    if (status) return status;
  }
  return EVALD_OK;
}

static enum evald_status check_value(const struct shape *shape,
                                     const struct yaml_node *node,
                                     const cyaml_schema_value_t *wanted) {
  if (wanted->type == CYAML_MAPPING)
    return check_map(shape, node, wanted->mapping.fields);
  if (wanted->type == CYAML_SEQUENCE) return check_list(shape, node, wanted);
  if (node->kind != YAML_SCALAR)
    return yaml_fault(shape->fault, shape->name, node,
                      _("expected a single value, no list and no keys"));
  if (utf8_blank(node->text))
    return yaml_fault(shape->fault, shape->name, node,
                      _("the value is empty; write one or leave the key out"));
  if (node->text.size > TEXT_MAX)
    return yaml_fault(shape->fault, shape->name, node,
                      _("%zu bytes; allowed: up to %d"), node->text.size,
                      TEXT_MAX);
  return EVALD_OK;
}

/* ---- libcyaml, on the arena ------------------------------------------ */

/* Each piece remembers its size in front of it; nothing is given back. */
static void *arena_memory(void *context, void *old, size_t size) {
  enum { AHEAD = sizeof(max_align_t) };
  if (size == 0) return NULL;
  char *piece = evald_arena_take(context, AHEAD + size);
  if (!piece) return NULL;
  memcpy(piece, &size, sizeof size);
  if (old) {
    size_t had;
    memcpy(&had, (char *)old - AHEAD, sizeof had);
    memcpy(piece + AHEAD, old, had < size ? had : size);
  }
  return piece + AHEAD;
}

static enum evald_status load(struct evald_text text, struct evald_arena *arena,
                              struct ruleset_file *file,
                              struct evald_fault *fault) {
  const cyaml_config_t config = {.log_fn = NULL,
                                 .log_level = CYAML_LOG_ERROR,
                                 .mem_fn = arena_memory,
                                 .mem_ctx = arena,
                                 .flags = CYAML_CFG_NO_ALIAS};
  cyaml_data_t *data = NULL;
  cyaml_err_t error = cyaml_load_data((const uint8_t *)text.data, text.size,
                                      &config, &schema, &data, NULL);
  file->content = data;
  if (error == CYAML_OK) return EVALD_OK;
  /* The same bytes were parsed a moment ago: if libyaml cannot now, its memory
   * has ended. */
  if (error == CYAML_ERR_OOM || error == CYAML_ERR_LIBYAML_PARSER_INIT ||
      error == CYAML_ERR_LIBYAML_PARSER)
    return EVALD_MEMORY;
  return evald_fault_set(fault, EVALD_INVALID, file->path, "%s",
                         cyaml_strerror(error));
}

/* ---- the file -------------------------------------------------------- */

static enum evald_status read_stream(FILE *stream, const char *path,
                                     struct evald_arena *arena,
                                     struct evald_text *out,
                                     struct evald_fault *fault) {
  char *bytes = evald_arena_take(arena, RULES_FILE_MAX + 1);
  if (!bytes) return EVALD_MEMORY;
  size_t size = fread(bytes, 1, RULES_FILE_MAX + 1, stream);
  if (ferror(stream))
    return evald_fault_set(fault, EVALD_IO, path, "%s", fault_reason(errno));
  if (size > RULES_FILE_MAX)
    return evald_fault_set(fault, EVALD_LIMIT, path,
                           _("a ruleset file may have up to %d bytes"),
                           RULES_FILE_MAX);
  *out = (struct evald_text){bytes, size};
  return EVALD_OK;
}

static enum evald_status read_path(const char *path, struct evald_arena *arena,
                                   struct evald_text *out,
                                   struct evald_fault *fault) {
  FILE *stream = fopen(path, "re");
  if (!stream && errno == ENOMEM) return EVALD_MEMORY;
  if (!stream)
    return evald_fault_set(fault, errno == ENOENT ? EVALD_NOT_FOUND : EVALD_IO,
                           path, "%s", fault_reason(errno));
  enum evald_status status = read_stream(stream, path, arena, out, fault);
  (void)fclose(stream);
  return status;
}

enum evald_status ruleset_file_read(const char *name,
                                    const struct evald_text *text,
                                    struct evald_arena *arena,
                                    struct ruleset_file *out,
                                    struct evald_fault *fault) {
  struct evald_text bytes = {NULL, 0};
  struct ruleset_file file = {.path = NULL};
  char *path = evald_arena_take(arena, strlen(name) + 1);
  if (!path) return EVALD_MEMORY;
  file.path = strcpy(path, name);
  enum evald_status status = EVALD_OK;
  if (text)
    bytes = *text;
  else
    status = read_path(name, arena, &bytes, fault);
  if (!status) status = yaml_tree_read(bytes, path, arena, &file.root, fault);
  if (status) return status;
  const struct shape shape = {path, fault};
  status = check_map(&shape, file.root, content_fields);
  if (!status) status = load(bytes, arena, &file, fault);
  if (!status) *out = file;
  return status;
}
