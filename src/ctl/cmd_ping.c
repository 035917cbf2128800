/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/commands.h"
#include "ctl/net.h"
#include <string.h>

struct probe {
  const char *what, *where;
  bool fine;
  char said[160];
};

static bool probe_redis(struct ctl *ctl, struct probe *probe) {
  struct evald_fault fault = {0};
  struct store_settings settings;
  enum evald_status status = ctl_store(ctl, &fault);
  if (status == EVALD_OK)
    status = store_settings_read(ctl->store, &settings, &fault);
  if (status == EVALD_OK)
    snprintf(probe->said, sizeof probe->said, "Redis %s", settings.version);
  else
    snprintf(probe->said, sizeof probe->said, "%.150s", fault.text);
  return status == EVALD_OK;
}

static bool probe_ready(struct ctl *ctl, struct probe *probe) {
  if (strcmp(ctl->settings.metrics, "off") == 0) {
    snprintf(probe->said, sizeof probe->said, "%s",
             _("not asked: it has no health page"));
    return true;
  }
  int code = net_get(ctl->settings.metrics, "/readyz", probe->said,
                     sizeof probe->said);
  if (code <= 0)
    snprintf(probe->said, sizeof probe->said, "%s", _("does not answer"));
  probe->said[strcspn(probe->said, "\r\n")] = '\0';
  return code == 200;
}

static bool probe_door(struct probe *probe) {
  bool open = net_open(probe->where);
  snprintf(probe->said, sizeof probe->said, "%s",
           open ? _("open") : _("nobody listens"));
  return open;
}

static void print_json(struct ctl *ctl, const struct probe *probe) {
  struct wire_buffer value = {0};
  wire_put_map(&value, 4);
  wire_put_string(&value, "what");
  wire_put_string(&value, probe->what);
  wire_put_string(&value, "where");
  wire_put_string(&value, probe->where);
  wire_put_string(&value, "fine");
  wire_put_bool(&value, probe->fine);
  wire_put_string(&value, "said");
  wire_put_string(&value, probe->said);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static void print(struct ctl *ctl, const struct probe *probes, size_t count) {
  static const struct table_column columns[] = {{"", false, false},
                                                {"", false, false},
                                                {"", false, false},
                                                {"", false, true}};
  struct table *table = table_bare(ctl->arena, columns, 4);
  for (size_t i = 0; i < count; i++) {
    const struct probe *probe = &probes[i];
    table_cell(table, probe->fine ? TONE_GOOD : TONE_BAD,
               probe->fine ? "✓" : "✗");
    table_cell(table, TONE_STRONG, probe->what);
    table_cell(table, TONE_PLAIN, probe->where);
    table_cell(table, TONE_PLAIN, probe->said);
  }
  table_print(table, stdout);
}

int cmd_ping(struct ctl *ctl) {
  const struct settings *at = &ctl->settings;
  struct probe probes[] = {{.what = "redis", .where = at->redis},
                           {.what = "evald", .where = at->metrics},
                           {.what = "jobs", .where = at->jobs},
                           {.what = "submit", .where = at->submit},
                           {.what = "events", .where = at->events}};
  enum { PROBES = sizeof probes / sizeof probes[0] };
  bool fine = true;
  probes[0].fine = probe_redis(ctl, &probes[0]);
  probes[1].fine = probe_ready(ctl, &probes[1]);
  for (size_t i = 0; i < PROBES; i++) {
    if (i >= 2) probes[i].fine = probe_door(&probes[i]);
    fine = fine && probes[i].fine;
    if (ctl->json) print_json(ctl, &probes[i]);
  }
  if (!ctl->json) print(ctl, probes, PROBES);
  return fine ? CTL_FINE : CTL_AWAY;
}
