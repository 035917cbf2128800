/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define X(name, en, zh) #name,
    EVALD_STATUS_LIST(X)
#undef X
};

static const char *const texts[][2] = {
#define X(name, en, zh) {en, zh},
    EVALD_STATUS_LIST(X)
#undef X
};

const char *evald_status_name(enum evald_status status) {
  return (unsigned)status < EVALD_STATUS_COUNT ? names[status] : "?";
}

const char *evald_status_text(enum evald_status status, int chinese) {
  return (unsigned)status < EVALD_STATUS_COUNT ? texts[status][chinese != 0]
                                               : "?";
}

void evald_fault_clear(struct evald_fault *fault) {
  fault->status = EVALD_OK;
  fault->place[0] = '\0';
  fault->text[0] = '\0';
}

EVALD_PRINTF(3, 0)
static size_t print_list(char *out, size_t size, const char *format,
                         va_list arguments) {
  if (size == 0) return 0;
  int wanted = vsnprintf(out, size, format, arguments);
  if (wanted < 0) {
    out[0] = '\0';
    return 0;
  }
  size_t length = (size_t)wanted;
  if (length >= size) length = utf8_cut(out, size - 1, size - 1);
  out[length] = '\0';
  return length;
}

enum evald_status evald_fault_set(struct evald_fault *fault,
                                  enum evald_status status, const char *place,
                                  const char *format, ...) {
  if (!fault || fault->status != EVALD_OK) return status;
  fault->status = status;
  size_t size =
      fault_copy(fault->place, sizeof fault->place, evald_text_of(place));
  fault->place[utf8_tame(fault->place, size)] = '\0';
  va_list arguments;
  va_start(arguments, format);
  size = print_list(fault->text, sizeof fault->text, format, arguments);
  va_end(arguments);
  fault->text[utf8_tame(fault->text, size)] = '\0';
  return status;
}

size_t fault_print(char *out, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t length = print_list(out, size, format, arguments);
  va_end(arguments);
  return length;
}

size_t fault_copy(char *out, size_t size, struct evald_text text) {
  if (size == 0) return 0;
  size_t length = text.size;
  if (length >= size) length = utf8_cut(text.data, text.size, size - 1);
  if (length > 0) memcpy(out, text.data, length);
  out[length] = '\0';
  return length;
}

const char *fault_reason(int error) {
  if (error == EMFILE)
    return _("too many open files; raise LimitNOFILE= of its systemd unit, or "
             "ulimit -n before it is started");
  if (error == ENFILE)
    return _("too many open files on this machine; raise fs.file-max "
             "(sysctl)");
  return strerror(error);
}
