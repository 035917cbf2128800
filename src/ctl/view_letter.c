/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/letters.h"
#include "wire/json.h"
#include <string.h>
#include <time.h>

static void put_key(struct wire_buffer *out, const char *key,
                    struct evald_text text) {
  wire_put_string(out, key);
  wire_put_text(out, text);
}

static void put_hex(struct wire_buffer *out, struct evald_text bytes) {
  struct wire_buffer hex = {0};
  for (size_t i = 0; i < bytes.size; i++) {
    char pair[3];
    snprintf(pair, sizeof pair, "%02x", (unsigned char)bytes.data[i]);
    wire_put_raw(&hex, pair, 2);
  }
  put_key(
      out, "frame",
      (struct evald_text){hex.size ? (const char *)hex.data : "", hex.size});
  wire_buffer_fini(&hex);
}

static void print_json(struct ctl *ctl, const struct letter *letter,
                       bool bytes) {
  const struct store_reject *reject = letter->reject;
  struct wire_buffer value = {0};
  wire_put_map(&value, bytes ? 9 : 8);
  put_key(&value, "kind", EVALD_TEXT("reject"));
  put_key(&value, "id", letter->id);
  wire_put_string(&value, "at_ms");
  wire_put_int(&value, reject->at_ms);
  put_key(&value, "source", reject->source);
  put_key(&value, "job_id", reject->job_id);
  wire_put_string(&value, "bytes");
  wire_put_uint(&value, reject->frame.size);
  wire_put_string(&value, "size");
  wire_put_int(&value, reject->size);
  if (bytes) put_hex(&value, reject->frame);
  wire_put_string(&value, "problems");
  wire_put_raw(&value, reject->problems.data, reject->problems.size);
  ctl_json_line(ctl, &value);
  wire_buffer_fini(&value);
}

/* The sentence is stored in Chinese, with the value and what is allowed in its
 * place; in English there are the key and what the code says. A code that this
 * evalctl does not know has the stored sentence alone. */
static const char *sentence_of(const struct ctl *ctl,
                               const struct wire_problem *problem) {
  bool stored = ctl->chinese || problem->code == WIRE_REJECT_COUNT;
  if (stored && problem->printed.size > 0)
    return output_text(ctl->job, problem->printed);
  const char *key = problem->key[0] ? problem->key : "-";
  return output_format(
      ctl->job, "%s: %s", output_text(ctl->job, evald_text_of(key)),
      wire_reject_text((enum wire_reject)problem->code, ctl->chinese));
}

static void print_head(struct ctl *ctl, const struct letter *letter) {
  const struct store_reject *reject = letter->reject;
  char when[32] = "";
  time_t seconds = (time_t)(reject->at_ms / 1000);
  struct tm parts;
  if (localtime_r(&seconds, &parts))
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &parts);
  output_tone(stdout, TONE_STRONG, "%.*s", (int)letter->id.size,
              letter->id.data);
  evald_arena_reset(ctl->job);
  printf(_("  %s  source %s, job %s, %zu bytes\n"), when,
         output_text(ctl->job, reject->source),
         output_text(ctl->job, reject->job_id), reject->frame.size);
  if (letter_is_cut(letter))
    printf(_("    only the beginning of %lld bytes was kept\n"),
           (long long)reject->size);
}

void letter_list(struct ctl *ctl, const struct letter *letter) {
  if (ctl->json) {
    print_json(ctl, letter, false);
    return;
  }
  print_head(ctl, letter);
  for (size_t i = 0; i < letter->problems.count; i++) {
    const struct wire_problem *problem = &letter->problems.items[i];
    printf("    %s\n", sentence_of(ctl, problem));
  }
}

/* ---- one, with its bytes ---- */

static void print_problems(const struct ctl *ctl, const struct letter *letter) {
  for (size_t i = 0; i < letter->problems.count; i++) {
    const struct wire_problem *problem = &letter->problems.items[i];
    printf(_("    %s (%s, byte %zu)\n"), sentence_of(ctl, problem),
           wire_reject_name((enum wire_reject)problem->code), problem->offset);
  }
}

static bool is_printable(unsigned char byte) {
  return byte >= ' ' && byte < 0x7F;
}

static void print_row(struct evald_text bytes, size_t at) {
  enum { ROW = 16 };
  size_t size = bytes.size - at < ROW ? bytes.size - at : ROW;
  printf("    %06zx ", at);
  for (size_t i = 0; i < ROW; i++) {
    if (i < size)
      printf(" %02x", (unsigned char)bytes.data[at + i]);
    else
      fputs("   ", stdout);
  }
  fputs("  ", stdout);
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = (unsigned char)bytes.data[at + i];
    putchar(is_printable(byte) ? byte : '.');
  }
  putchar('\n');
}

/* As JSON where that is possible: what a person would correct. */
static void print_job(struct ctl *ctl, struct evald_text frame) {
  struct wire_buffer json = {0};
  struct wire_bytes bytes = {(const uint8_t *)frame.data, frame.size};
  if (wire_msgpack_to_json(bytes, &json) == EVALD_OK)
    printf("  %s\n",
           output_text(ctl->job, (struct evald_text){(const char *)json.data,
                                                     json.size}));
  wire_buffer_fini(&json);
}

void letter_show(struct ctl *ctl, const struct letter *letter) {
  if (ctl->json) {
    print_json(ctl, letter, true);
    return;
  }
  print_head(ctl, letter);
  print_problems(ctl, letter);
  print_job(ctl, letter->reject->frame);
  for (size_t at = 0; at < letter->reject->frame.size; at += 16)
    print_row(letter->reject->frame, at);
}
