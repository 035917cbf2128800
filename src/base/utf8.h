/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

/* UTF-8 without locale: validity, cutting, folding of widths. */

#include "evald/arena.h"
#include "evald/text.h"

/* Whether the bytes are valid UTF-8 (RFC 3629: no surrogates, no overlong
 * forms, nothing above U+10FFFF). NUL bytes count as valid characters. */
bool utf8_valid(const char *data, size_t size);

/* The same, a little faster for short texts inside something larger: all bytes
 * before `end` may be read. */
bool utf8_valid_within(const char *data, size_t size, const char *end);

/* True only where every byte is a visible character of ASCII, 0x21 to 0x7E;
 * may be false all the same, where one look does not tell. */
bool utf8_visible_within(const char *data, size_t size, const char *end);

/* The largest n <= limit such that the first n bytes end at a character
 * boundary of valid UTF-8. */
size_t utf8_cut(const char *data, size_t size, size_t limit);

/* Reads one character of valid UTF-8 at *offset and moves past it. Of other
 * bytes it makes some number, and never reads behind the end. */
uint32_t utf8_next(struct evald_text text, size_t *offset);

/* Whether a character commands a terminal or turns the text around it: the
 * controls of ASCII and of Latin-1, the ends of lines and paragraphs, and the
 * marks of direction. */
bool utf8_commands(uint32_t character);

/* Makes any bytes fit for a line on a terminal or in a log, in place: each
 * character that commands, and each byte that is no UTF-8, becomes '?'.
 * Answers the new size, which is never larger. */
size_t utf8_tame(char *text, size_t size);

/* Whether `text` holds no character other than white space, ASCII or Chinese
 * (U+3000). An absent text is blank. */
bool utf8_blank(struct evald_text text);

/* `text` without blanks at either end; and at its beginning, which takes no
 * longer than these blanks are long. */
struct evald_text utf8_trim(struct evald_text text);
struct evald_text utf8_trim_left(struct evald_text text);

#endif
