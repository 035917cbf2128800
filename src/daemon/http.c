/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/http.h"
#include "base/fault.h"
#include "base/i18n.h"
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct page {
  unsigned status;
  const char *type;
  char *text; /* freed by the server where `owned` */
  bool owned;
};

static void metrics_page(const struct http *http, struct page *page) {
  page->text = metrics_print(http->blocks, http->block_count);
  page->owned = true;
  page->type = "text/plain; version=0.0.4; charset=utf-8";
}

static void health_page(const struct http *http, struct page *page) {
  (void)http;
  static char ok[] = "ok\n";
  page->text = ok;
}

static void ready_page(const struct http *http, struct page *page) {
  static const struct {
    const char *text;
    bool ready;
  } phases[] = {
#define X(name, text, ready) {text "\n", ready},
      HTTP_PHASE_LIST(X)
#undef X
  };
  int phase = atomic_load_explicit(&http->phase, memory_order_relaxed);
  uint64_t up = metrics_sum(http->blocks, http->block_count, METRIC_REDIS_UP);
  bool away = phases[phase].ready && up < http->workers;
  page->text = strdup(away ? "waiting for Redis\n" : phases[phase].text);
  page->owned = true;
  if (!phases[phase].ready || away) page->status = MHD_HTTP_SERVICE_UNAVAILABLE;
}

static const struct {
  const char *path;
  void (*make)(const struct http *, struct page *);
} pages[] = {{"/metrics", metrics_page},
             {"/healthz", health_page},
             {"/readyz", ready_page}};

static void make_page(const struct http *http, const char *path,
                      struct page *page) {
  static char missing[] = "see /metrics, /healthz, /readyz\n";
  for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
    if (strcmp(path, pages[i].path) == 0) {
      pages[i].make(http, page);
      return;
    }
  page->status = MHD_HTTP_NOT_FOUND;
  page->text = missing;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection,
                              const char *path, const char *method,
                              const char *version, const char *upload,
                              size_t *upload_size, void **state) {
  (void)version;
  (void)upload;
  (void)upload_size;
  (void)state;
  if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) return MHD_NO;
  struct page page = {.status = MHD_HTTP_OK, .type = "text/plain"};
  make_page(context, path, &page);
  if (page.text == NULL) return MHD_NO;
  struct MHD_Response *response = MHD_create_response_from_buffer(
      strlen(page.text), page.text,
      page.owned ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
  if (response == NULL) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, page.type);
  enum MHD_Result result =
      MHD_queue_response(connection, page.status, response);
  MHD_destroy_response(response);
  return result;
}

/* "host:port" → the two, the host without brackets. */
static bool split(const char *address, char host[128], const char **port) {
  const char *colon = strrchr(address, ':');
  if (colon == NULL || colon[1] == '\0') return false;
  size_t length = (size_t)(colon - address);
  if (length > 1 && address[0] == '[' && colon[-1] == ']') {
    address++;
    length -= 2;
  }
  fault_print(host, 128, "%.*s", (int)length, address);
  *port = colon + 1;
  return true;
}

static struct addrinfo *resolve(const char *address) {
  char host[128];
  const char *port = NULL;
  if (!split(address, host, &port)) return NULL;
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                           .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  if (getaddrinfo(*host != '\0' ? host : NULL, port, &hints, &found) != 0)
    return NULL;
  return found;
}

enum evald_status http_start(struct http *http, const char *address,
                             struct evald_fault *fault) {
  http->server = NULL;
  if (strcmp(address, "off") == 0 || *address == '\0') return EVALD_OK;
  struct addrinfo *found = resolve(address);
  if (found == NULL)
    return evald_fault_set(fault, EVALD_INVALID, "doors.metrics",
                           _("\"%.80s\" is no address; write 127.0.0.1:5709, "
                             "or \"off\""),
                           address);
  unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL |
                   (found->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0U);
  errno = 0;
  http->server =
      MHD_start_daemon(flags, 0, NULL, NULL, answer, http, MHD_OPTION_SOCK_ADDR,
                       found->ai_addr, MHD_OPTION_CONNECTION_LIMIT, 16U,
                       MHD_OPTION_CONNECTION_TIMEOUT, 10U, MHD_OPTION_END);
  freeaddrinfo(found);
  if (http->server == NULL)
    return evald_fault_set(fault, EVALD_IO, "doors.metrics", "%s: %s", address,
                           errno != 0 ? fault_reason(errno)
                                      : _("the address cannot be had"));
  return EVALD_OK;
}

void http_stop(struct http *http) {
  if (http->server != NULL) MHD_stop_daemon(http->server);
  http->server = NULL;
}
