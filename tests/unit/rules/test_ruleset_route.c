/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_route.h"
#include "unit.h"

struct scene {
  struct evald_arena *arena;
  struct ruleset_routes routes;
  struct evald_fault fault;
};

static struct scene scene_of(void) {
  return (struct scene){.arena = evald_arena_new(1 << 16)};
}

static enum evald_status add(struct scene *scene, const char *division,
                             const char *years) {
  const char *const parts[] = {division, years, "cn-2020"};
  struct ruleset_route_reading reading = {scene->arena, "f.yaml:7"};
  return ruleset_routes_add(&scene->routes, parts, &reading, &scene->fault);
}

static void every_spelling_is_read(void **state) {
  (void)state;
  static const struct {
    const char *division, *years, *prefix;
    uint16_t from, to;
  } rows[] = {{"31", "2024", "31", 2024, 2024},
              {"310113000", "2024-", "310113000", 2024, 0},
              {"*", "-2023", "", 0, 2023},
              {"", "2020-2023", "", 2020, 2023},
              {"3", "*", "3", 0, 0},
              {"3", "", "3", 0, 0}};
  struct scene scene = scene_of();
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_int_equal(add(&scene, rows[i].division, rows[i].years), EVALD_OK);
    const struct ruleset_route *route = &scene.routes.item[i];
    assert_string_equal(route->division, rows[i].prefix);
    assert_int_equal(route->year_from, rows[i].from);
    assert_int_equal(route->year_to, rows[i].to);
    assert_string_equal(route->id, "cn-2020");
  }
  evald_arena_free(scene.arena);
}

static void what_is_no_route_is_refused(void **state) {
  (void)state;
  static const char *const bad[][2] = {{"3101130001", ""}, {"31a", ""},
                                       {"**", ""},         {"31", "24"},
                                       {"31", "20240"},    {"31", "2024-2023"},
                                       {"31", "2024 -"},   {"31", "2020--21"}};
  struct scene scene = scene_of();
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(add(&scene, bad[i][0], bad[i][1]), EVALD_INVALID);
    assert_string_equal(scene.fault.place, "f.yaml:7");
    scene.fault = (struct evald_fault){0};
  }
  assert_int_equal(scene.routes.count, 0);
  evald_arena_free(scene.arena);
}

static void one_too_many_is_a_limit(void **state) {
  (void)state;
  struct scene scene = scene_of();
  for (int i = 0; i < RULESET_ROUTES_MAX; i++)
    assert_int_equal(add(&scene, "31", "2024"), EVALD_OK);
  assert_int_equal(add(&scene, "31", "2024"), EVALD_LIMIT);
  evald_arena_free(scene.arena);
}

static void a_line_is_a_list_of_routes(void **state) {
  (void)state;
  struct scene scene = scene_of();
  struct ruleset_route_reading reading = {scene.arena, NULL};
  assert_int_equal(ruleset_routes_read(&scene.routes, RULESET_ROUTES_DEFAULT,
                                       &reading, NULL),
                   EVALD_OK);
  assert_int_equal(scene.routes.count, 2);
  assert_string_equal(scene.routes.item[0].division, "31");
  assert_string_equal(scene.routes.item[1].id, "cn-2020");
  assert_int_equal(
      ruleset_routes_read(&scene.routes, "31 2024-", &reading, NULL),
      EVALD_SYNTAX);
  evald_arena_free(scene.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_spelling_is_read),
      cmocka_unit_test(what_is_no_route_is_refused),
      cmocka_unit_test(one_too_many_is_a_limit),
      cmocka_unit_test(a_line_is_a_list_of_routes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
