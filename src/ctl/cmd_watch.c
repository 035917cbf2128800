/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/i18n.h"
#include "bus/socket.h"
#include "ctl/commands.h"
#include "ctl/follow.h"
#include "ctl/net.h"
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { IDLE_MS = 250 };

/* Set by SIGINT and SIGTERM; the loop looks at it. */
static volatile sig_atomic_t stopped;

static void stop(int signal_number) {
  (void)signal_number;
  stopped = 1;
}

struct watch {
  struct ctl *ctl;
  struct bus_context *context;
  struct bus_socket *events;
  int64_t seen, most;
};

/* The message as the daemon publishes it, whether it came from there or from
 * the log. */
static void print_event_json(struct ctl *ctl, const struct follow_news *news) {
  struct wire_buffer value = {0};
  const struct wire_shard shard = {evald_text_of(news->shard->division),
                                   (uint16_t)news->shard->year};
  const struct wire_batch batch = {.epoch = news->epoch,
                                   .first_seq = news->seq,
                                   .last_seq = news->seq,
                                   .at_ms = news->at_ms,
                                   .events = news->event,
                                   .event_count = 1};
  wire_event_publish(&shard, &batch, 0, &value);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static void print_event(struct ctl *ctl, const struct follow_news *news) {
  const struct wire_event *event = news->event; /* may lie in ctl->job */
  char when[16] = "", grade[64], project[256];
  char total[EVALD_DECIMAL_TEXT] = "-";
  time_t seconds = (time_t)(news->at_ms / 1000);
  struct tm parts;
  if (localtime_r(&seconds, &parts))
    strftime(when, sizeof when, "%H:%M:%S", &parts);
  if (event->total.present)
    evald_decimal_print_fixed(event->total.value, 2, total);
  fault_copy(grade, sizeof grade, event->grade_name);
  fault_copy(project, sizeof project, event->pro_code);
  printf("%s  %s %d  #%-6" PRIu64 " ", when, news->shard->division,
         news->shard->year, news->seq);
  output_tone(stdout, TONE_STRONG, "%6s %s", total, output_tame(grade));
  output_tone(stdout, event->errors ? TONE_BAD : TONE_FAINT, "  ✗%" PRIu32,
              event->errors);
  output_tone(stdout, event->warnings ? TONE_WARN : TONE_FAINT, " !%" PRIu32,
              event->warnings);
  output_tone(stdout, TONE_FAINT, " ·%" PRIu32, event->infos);
  printf("  %s  %s\n", output_tame(project),
         wire_outcome_text((enum wire_outcome)event->outcome, ctl->chinese));
}

static const char *const notice_names[] = {[FOLLOW_FILLED] = "filled",
                                           [FOLLOW_LOST] = "lost",
                                           [FOLLOW_BEHIND] = "behind",
                                           [FOLLOW_EPOCH] = "epoch"};

static void print_notice_json(struct ctl *ctl, const struct follow_news *news) {
  struct wire_buffer value = {0};
  bool lost = news->kind == FOLLOW_LOST;
  wire_put_map(&value, lost ? 7 : 6);
  wire_put_string(&value, "kind");
  wire_put_string(&value, notice_names[news->kind]);
  wire_put_string(&value, "mof_div_code");
  wire_put_string(&value, news->shard->division);
  wire_put_string(&value, "fiscal_year");
  wire_put_int(&value, news->shard->year);
  wire_put_string(&value, "epoch");
  wire_put_uint(&value, news->epoch);
  wire_put_string(&value, "from");
  wire_put_uint(&value, news->from);
  wire_put_string(&value, "to");
  wire_put_uint(&value, news->to);
  if (lost) {
    wire_put_string(&value, "log_begins");
    wire_put_uint(&value, news->log_begins);
  }
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

static void print_lost(const struct follow_news *news) {
  unsigned long long from = news->from, to = news->to;
  if (news->log_begins > 0)
    fprintf(stderr,
            _("events %llu to %llu are no longer in the log, which begins at "
              "%llu; evalctl aggregate shows the present state\n"),
            from, to, (unsigned long long)news->log_begins);
  else
    fprintf(stderr,
            _("events %llu to %llu are no longer in the log; evalctl aggregate "
              "shows the present state\n"),
            from, to);
}

static void print_notice(const struct follow_news *news) {
  unsigned long long from = news->from, to = news->to;
  fprintf(stderr, "%s %d: ", news->shard->division, news->shard->year);
  if (news->kind == FOLLOW_FILLED)
    fprintf(stderr, _("events %llu to %llu were missed; filled from the log\n"),
            from, to);
  else if (news->kind == FOLLOW_LOST)
    print_lost(news);
  else if (news->kind == FOLLOW_BEHIND)
    fprintf(stderr,
            _("too slow for the daemon, which dropped messages from seq %llu "
              "on; comparing with Redis\n"),
            from);
  else
    fprintf(stderr,
            _("epoch %llu begins: Redis was started anew, restored or "
              "repaired, and may be older than it was; evalctl aggregate "
              "shows the present state\n"),
            (unsigned long long)news->epoch);
}

static enum evald_status tell(void *context, const struct follow_news *news) {
  struct watch *watch = context;
  bool event = news->kind == FOLLOW_EVENT;
  if (event && watch->ctl->json)
    print_event_json(watch->ctl, news);
  else if (event)
    print_event(watch->ctl, news);
  else if (watch->ctl->json)
    print_notice_json(watch->ctl, news);
  else
    print_notice(news);
  fflush(stdout);
  watch->seen += event;
  return watch->seen >= watch->most ? EVALD_LIMIT : EVALD_OK;
}

/* "event.310113000.2024": all that begins with what the user named. A division
 * alone ends with a dot, so that none is a prefix of another. */
static enum evald_status subscribe(struct watch *watch,
                                   enum wire_message message) {
  char **argument = watch->ctl->arguments;
  int count = watch->ctl->argument_count;
  char topic[WIRE_TOPIC];
  snprintf(topic, sizeof topic, "%s.%s%s%s", wire_message_name(message),
           count > 0 ? argument[0] : "", count > 0 ? "." : "",
           count > 1 ? argument[1] : "");
  return bus_socket_subscribe(watch->events, topic);
}

static enum evald_status open_events(struct watch *watch,
                                     struct evald_fault *fault) {
  const char *endpoint = watch->ctl->settings.events;
  const struct bus_options options = {.receive_bound = 100000};
  if (!net_open(endpoint))
    return evald_fault_set(fault, EVALD_AWAY, endpoint, "%s",
                           _("nobody publishes events here"));
  watch->context = bus_context_new(1);
  if (!watch->context)
    return evald_fault_set(fault, EVALD_MEMORY, NULL, "%s", _("no memory"));
  enum evald_status status =
      bus_socket_open(watch->context, BUS_SUB, &options, &watch->events, fault);
  if (status == EVALD_OK) status = subscribe(watch, WIRE_MESSAGE_EVENT);
  if (status == EVALD_OK) status = subscribe(watch, WIRE_MESSAGE_AGGREGATE);
  return status == EVALD_OK ? bus_socket_connect(watch->events, endpoint, fault)
                            : status;
}

/* The next message: its topic is passed, its second frame is in `frame`. */
static enum evald_status receive(struct watch *watch, struct bus_frame *frame) {
  enum evald_status status = bus_receive(watch->events, frame, IDLE_MS);
  if (status != EVALD_OK || !bus_frame_more(frame)) return status;
  status = bus_receive(watch->events, frame, -1);
  while (status == EVALD_OK && bus_frame_more(frame))
    status = bus_receive(watch->events, frame, -1);
  return status;
}

static enum evald_status loop(struct watch *watch, struct follower *follower,
                              struct evald_fault *fault) {
  struct bus_frame frame;
  enum evald_status status = EVALD_OK;
  bus_frame_init(&frame);
  while (status == EVALD_OK && !stopped) {
    status = receive(watch, &frame);
    const struct wire_bytes bytes = {bus_frame_data(&frame),
                                     bus_frame_size(&frame)};
    if (status == EVALD_OK)
      status = follow_message(follower, bytes, fault);
    else if (status == EVALD_TIMEOUT)
      status = EVALD_OK;
    if (status == EVALD_OK) status = follow_idle(follower, fault);
  }
  bus_frame_fini(&frame);
  return status;
}

static enum evald_status follow(struct watch *watch, int64_t from,
                                struct evald_fault *fault) {
  struct store_shard_key shard;
  struct follower *follower = follow_new(watch->ctl, tell, watch);
  enum evald_status status = open_events(watch, fault);
  if (!follower) return EVALD_MEMORY;
  if (status == EVALD_OK && from > 0 && ctl_shard(watch->ctl, &shard))
    status = follow_from(follower, &shard, (uint64_t)from, fault);
  return status == EVALD_OK ? loop(watch, follower, fault) : status;
}

static void close_events(struct watch *watch) {
  if (watch->events) bus_socket_close(watch->events);
  if (watch->context) bus_context_free(watch->context);
}

int cmd_watch(struct ctl *ctl) {
  struct watch watch = {.ctl = ctl, .most = INT64_MAX};
  struct store_shard_key shard;
  struct evald_fault fault = {0};
  int64_t from = 0;
  if (!option_number("from", ctl->options.from, 1, INT64_MAX, &from) ||
      !option_number("count", ctl->options.count, 1, INT64_MAX, &watch.most))
    return CTL_USAGE;
  if (from > 0 && ctl->argument_count < 2)
    return ctl_usage(ctl, "%s", _("--from needs a division and a year"));
  if (ctl->argument_count == 2 && !ctl_shard(ctl, &shard)) return CTL_USAGE;
  signal(SIGINT, stop);
  signal(SIGTERM, stop);
  enum evald_status status = follow(&watch, from, &fault);
  close_events(&watch);
  bool ended = status == EVALD_LIMIT && watch.seen >= watch.most;
  return status == EVALD_OK || ended ? CTL_FINE : ctl_fail(ctl, status, &fault);
}
