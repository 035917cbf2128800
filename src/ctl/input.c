/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/input.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool begins(const struct wire_buffer *bytes, const char *with) {
  size_t length = strlen(with);
  return bytes->size >= length && memcmp(bytes->data, with, length) == 0;
}

enum { PIECE = 65536, ENDLESS_MAX = 1 << 30 };

/* How much may be read: of a file on disk all of it, of what need not have an
 * end (a pipe, a device) so much. */
static size_t most_of(FILE *file) {
  struct stat about;
  bool ends = fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode);
  return ends ? SIZE_MAX - PIECE : ENDLESS_MAX;
}

/* A job as JSON, and the text of a form, have no byte 0; a PDF may. */
static bool is_text(const struct wire_buffer *begin) {
  return begin->size == 0 || begins(begin, "%PDF-") ||
         !memchr(begin->data, 0, begin->size);
}

static enum evald_status read_stream(FILE *file, const char *name,
                                     struct wire_buffer *out,
                                     struct evald_fault *fault) {
  const size_t most = most_of(file);
  for (;;) {
    if (out->size > most)
      return evald_fault_set(fault, EVALD_LIMIT, name,
                             _("more than %zu MiB, and no end: write it to a "
                               "file first"),
                             most >> 20);
    uint8_t *room = wire_buffer_reserve(out, PIECE);
    if (!room)
      return evald_fault_set(fault, EVALD_MEMORY, name, "%s", _("too large"));
    size_t got = fread(room, 1, PIECE, file);
    bool first = out->size == 0;
    out->size += got;
    if (first && !is_text(out))
      return evald_fault_set(fault, EVALD_INVALID, name, "%s",
                             _("neither a job nor a published form: it is no "
                               "text"));
    if (got < PIECE) break;
  }
  if (ferror(file))
    return evald_fault_set(fault, EVALD_IO, name, "%s", fault_reason(errno));
  return EVALD_OK;
}

static void become_pdftotext(const char *path, int output) {
  dup2(output, STDOUT_FILENO);
  execlp("pdftotext", "pdftotext", "-raw", "-enc", "UTF-8", "--", path, "-",
         (char *)NULL);
  _exit(127);
}

static enum evald_status ended(pid_t child, const char *path,
                               struct evald_fault *fault) {
  int how = 0;
  while (waitpid(child, &how, 0) < 0 && errno == EINTR)
    continue;
  if (WIFEXITED(how) && WEXITSTATUS(how) == 0) return EVALD_OK;
  if (WIFEXITED(how) && WEXITSTATUS(how) == 127)
    return evald_fault_set(fault, EVALD_IO, path, "%s",
                           _("a PDF needs pdftotext: install poppler-utils"));
  return evald_fault_set(fault, EVALD_IO, path, "%s",
                         _("pdftotext cannot read this PDF"));
}

static enum evald_status read_pdf(const char *path, struct wire_buffer *out,
                                  struct evald_fault *fault) {
  int ends[2];
  if (pipe(ends) != 0)
    return evald_fault_set(fault, EVALD_IO, path, "%s", fault_reason(errno));
  pid_t child = fork();
  if (child == 0) become_pdftotext(path, ends[1]);
  close(ends[1]);
  FILE *text = fdopen(ends[0], "r");
  enum evald_status status = EVALD_IO;
  if (child > 0 && text) status = read_stream(text, path, out, fault);
  if (text) fclose(text);
  if (child > 0 && status == EVALD_OK) status = ended(child, path, fault);
  return status;
}

static enum input_kind kind_of(const struct wire_buffer *bytes) {
  struct evald_text text = {(const char *)bytes->data, bytes->size};
  text = utf8_trim_left(text);
  return text.size > 0 && text.data[0] == '{' ? INPUT_JOBS : INPUT_PUBLISHED;
}

enum evald_status input_read(const char *path, struct wire_buffer *out,
                             enum input_kind *kind, struct evald_fault *fault) {
  bool standard = strcmp(path, "-") == 0;
  FILE *file = standard ? stdin : fopen(path, "re");
  if (!file)
    return evald_fault_set(fault, EVALD_IO, path, "%s", fault_reason(errno));
  enum evald_status status = read_stream(file, path, out, fault);
  if (!standard) fclose(file);
  if (status == EVALD_OK && !standard && begins(out, "%PDF-")) {
    wire_buffer_reset(out);
    status = read_pdf(path, out, fault);
  }
  if (status == EVALD_OK) *kind = kind_of(out);
  return status;
}

/* Where one JSON value stands: how deep, and whether within a text. */
struct nesting {
  long depth;
  bool text, escaped;
};

static void nest(struct nesting *nesting, char byte) {
  if (nesting->text) {
    bool ends = byte == '"' && !nesting->escaped;
    nesting->escaped = byte == '\\' && !nesting->escaped;
    nesting->text = !ends;
    return;
  }
  nesting->text = byte == '"';
  nesting->depth += byte == '{' || byte == '[';
  nesting->depth -= byte == '}' || byte == ']';
}

static size_t value_end(struct evald_text text) {
  struct nesting nesting = {0};
  for (size_t i = 0; i < text.size; i++) {
    bool starts = i > 0 && text.data[i - 1] == '\n' && text.data[i] == '{';
    if (starts) return i;
    nest(&nesting, text.data[i]);
    if (text.data[i] == '\n' && nesting.depth <= 0 && !nesting.text) return i;
  }
  return text.size;
}

bool input_next(struct evald_text *rest, struct evald_text *out) {
  *rest = utf8_trim_left(*rest);
  if (rest->size == 0) return false;
  size_t end = value_end(*rest);
  *out = utf8_trim((struct evald_text){rest->data, end});
  rest->data += end;
  rest->size -= end;
  return true;
}
