/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/rules_diff.h"

#include "base/i18n.h"
#include "core/ruleset.h"
#include "ctl/output.h"
#include "rules/ruleset_canonical.h"
#include "rules/ruleset_parameter.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct evald_text take_line(struct evald_text *rest) {
  const char *end =
      rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
  size_t size = end ? (size_t)(end - rest->data) : rest->size;
  struct evald_text line = {rest->data, size};
  size_t passed = size + (end ? 1 : 0);
  rest->data += passed;
  rest->size -= passed;
  return line;
}

/* Where `line` comes next in `text`, in lines; -1 within a near distance. */
static int ahead(struct evald_text text, struct evald_text line) {
  for (int i = 0; i < 200 && text.size > 0; i++)
    if (evald_text_equal(take_line(&text), line)) return i;
  return -1;
}

/* Without the eight blanks by which a canonical text has the lines of a list
 * stand in. */
static void print_lines(enum tone tone, const char *sign,
                        struct evald_text *text, int count) {
  enum { INDENT = 8 };
  for (int i = 0; i < count && text->size > 0; i++) {
    struct evald_text line = take_line(text);
    for (int k = 0; k < INDENT && line.size > 0 && line.data[0] == ' '; k++)
      line = (struct evald_text){line.data + 1, line.size - 1};
    output_tone(stdout, tone, "  %s %.*s\n", sign, (int)line.size, line.data);
  }
}

/* A list has every entry once, so a walk that looks ahead on either side is
 * enough to find what differs. */
static void print_list(struct evald_text a, struct evald_text b) {
  while (a.size > 0 || b.size > 0) {
    struct evald_text rest_a = a, rest_b = b;
    struct evald_text line_a = take_line(&rest_a), line_b = take_line(&rest_b);
    if (a.size > 0 && b.size > 0 && evald_text_equal(line_a, line_b)) {
      a = rest_a;
      b = rest_b;
      continue;
    }
    int in_a = ahead(a, line_b), in_b = ahead(b, line_a);
    bool both = in_a < 0 && in_b < 0;
    bool from_a = in_a >= 0 && (in_b < 0 || in_a <= in_b);
    print_lines(TONE_BAD, "-", &a, both || b.size == 0 ? 1 : from_a ? in_a : 0);
    print_lines(TONE_GOOD, "+", &b,
                both || a.size == 0 ? 1
                : from_a            ? 0
                                    : in_b);
  }
}

/* One parameter in both rulesets. */
struct pair {
  const char *path;
  char *a, *b;
  const struct ruleset_citation *from, *to;
};

static const struct ruleset_citation *cited(const struct evald_ruleset *ruleset,
                                            size_t position) {
  static const struct ruleset_citation none = {.text = {"-", 1}};
  uint8_t citation = ruleset->parameter_citation[position];
  return citation == RULESET_UNCITED ? &none : &ruleset->citations[citation];
}

static bool same_source(const struct pair *pair) {
  return pair->from->confidence == pair->to->confidence &&
         evald_text_equal(pair->from->text, pair->to->text);
}

static void print_source(const struct ruleset_citation *citation) {
  printf("%.*s (%s)", (int)citation->text.size, citation->text.data,
         rules_confidences.words[citation->confidence]);
}

static void print_sources(const struct pair *pair) {
  fputs("    ", stdout);
  print_source(pair->from);
  if (!same_source(pair)) {
    fputs(" → ", stdout);
    print_source(pair->to);
  }
  putchar('\n');
}

static void print_values(const struct pair *pair) {
  output_tone(stdout, TONE_STRONG, "%s:", pair->path);
  if (strchr(pair->a, '\n') || strchr(pair->b, '\n')) {
    putchar('\n');
    print_list(evald_text_of(pair->a), evald_text_of(pair->b));
  } else {
    printf(" %s → %s\n", pair->a, pair->b);
  }
  print_sources(pair);
}

/* Whether the pair is one of those that are printed: other values, or the same
 * ones by another source. */
static bool shown(const struct pair *pair, bool values) {
  if (!pair->a || !pair->b) return false;
  bool other = strcmp(pair->a, pair->b) != 0;
  return values ? other : !other && !same_source(pair);
}

static void print_pair(const struct pair *pair, bool values, bool first) {
  if (values) {
    print_values(pair);
    return;
  }
  if (first) printf("%s\n", _("The same by another source:"));
  output_tone(stdout, TONE_STRONG, "%s\n", pair->path);
  print_sources(pair);
}

static size_t print_pairs(const struct evald_ruleset *a,
                          const struct evald_ruleset *b, bool values) {
  const struct rules_parameter *parameter;
  size_t count = 0;
  for (size_t i = 0; (parameter = rules_parameter_at(i)); i++) {
    struct pair pair = {parameter->path, ruleset_value_print(a, i),
                        ruleset_value_print(b, i), cited(a, i), cited(b, i)};
    if (shown(&pair, values)) print_pair(&pair, values, count++ == 0);
    free(pair.a);
    free(pair.b);
  }
  return count;
}

static void print_name(const char *sign, enum tone tone,
                       const struct evald_ruleset *ruleset) {
  char years[32];
  (void)snprintf(years, sizeof years, ruleset->year_to ? "%u-%u" : "%u-",
                 ruleset->year_from, ruleset->year_to);
  output_tone(stdout, tone, _("%s %.*s, version %.*s, %s: %.*s\n"), sign,
              (int)ruleset->id.size, ruleset->id.data,
              (int)ruleset->version.size, ruleset->version.data, years,
              (int)ruleset->title.size, ruleset->title.data);
}

void rules_diff_print(const struct evald_ruleset *a,
                      const struct evald_ruleset *b) {
  if (evald_digest_equal(evald_ruleset_digest(a), evald_ruleset_digest(b))) {
    puts(_("no difference"));
    return;
  }
  print_name("-", TONE_BAD, a);
  print_name("+", TONE_GOOD, b);
  if (print_pairs(a, b, true) == 0) puts(_("every value is the same"));
  (void)print_pairs(a, b, false);
}
