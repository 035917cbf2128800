/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_PUBLISHED_H
#define IMPORT_PUBLISHED_H

/*
 * Published forms as text → forms.
 *
 * Departments publish 财政项目支出绩效自评表 as PDFs. Their text (pdftotext,
 * with or without -layout) has lost the lines of the table: names and cells
 * are broken over lines, level names stand in narrow columns ("满意/度指/标"),
 * signs are of either width. import_published() finds the forms in such a
 * text and puts each piece of it into its cell.
 *
 * Invariants
 *  1. Every character of the text that is not a blank is placed in a cell, is
 *     part of a known label, or is named by a problem with its line.
 *  2. A figure is taken only where one reading is possible. Where there are
 *     two, there is a problem and the form is not whole.
 *  3. `whole` is false as soon as one problem is of level ERROR.
 *
 * What a published form does not print is absent here: mof_div_code,
 * pro_code and the codes of department and unit are the caller's to fill in.
 * A form that is not whole holds what could be read; it is for showing, not
 * for scoring.
 *
 * Texts that stand in one piece point into `text`, pieced ones into the
 * arena; so do all arrays. No allocation besides, no I/O, no locale, no state:
 * any thread.
 */

#include "evald/arena.h"
#include "evald/finding.h"
#include "evald/form.h"

/* How bad a problem is. With a NOTICE the form is still whole: a reader is
 * told how something was understood that no figure depends on. */
enum import_level { IMPORT_ERROR, IMPORT_NOTICE };

/* X(name, level, sentence in English, in Chinese). The cell, the line and the
 * line's text are printed beside it. */
#define IMPORT_PROBLEM_LIST(X)                                                 \
  X(UNPLACED, ERROR, "this text has no place in the form",                     \
    "这段文字无法归入表格的任何一栏")                                          \
  X(MISSING, ERROR, "is not there", "没有找到")                                \
  X(UNREADABLE, ERROR, "cannot be read as a figure", "无法识别为数值")         \
  X(TWICE, ERROR, "stands there twice", "出现两次")                            \
  X(AMBIGUOUS, ERROR, "can be read in more than one way",                      \
    "有多种读法，无法确定")                                                    \
  X(HEADER, ERROR,                                                             \
    "the heading of the table is not there, its columns are not known",        \
    "缺少表头，无法确定各列含义")                                              \
  X(CELLS, ERROR, "the row has more or fewer cells than the heading",          \
    "本行单元格数与表头不一致")                                                \
  X(TOO_MANY, ERROR, "more rows than a form can have", "指标行数超出上限")     \
  X(NO_GRADE, NOTICE, "no grade is printed", "未印评分等级")                   \
  X(BESIDE, NOTICE, "stands beside the form and is not taken over",            \
    "表外文字，未采用")                                                        \
  X(INFERRED, NOTICE, "where this text ends is inferred from its line breaks", \
    "文字的起止根据换行推断")                                                  \
  X(SUM, NOTICE, "the printed sum is not that of the weights that were read",  \
    "印出的分值合计与读出的分值之和不符")                                      \
  X(UNIT, ERROR, "no money unit is printed, 万元 or 元",                       \
    "未注明金额单位（万元或元）")

enum import_problem_kind {
#define X(name, level, en, zh) IMPORT_##name,
  IMPORT_PROBLEM_LIST(X)
#undef X
      IMPORT_PROBLEM_COUNT
};

/* `line` counts from 1 in the whole text; where something is missing, it is
 * where it was looked for. `text` is what stands there, which may go over
 * lines; empty where something is missing. */
struct import_problem {
  uint8_t kind;           /* enum import_problem_kind */
  struct evald_cell cell; /* EVALD_CELL_FORM: no cell in particular */
  uint32_t line;
  struct evald_text text;
};

struct import_form {
  struct evald_form form;
  uint32_t first_line, last_line;
  const struct import_problem *problems; /* in the order of their lines */
  size_t problem_count;
  bool whole;
};

/* `outside` are problems of text that belongs to no form. */
struct import_result {
  const struct import_form *forms;
  size_t form_count;
  const struct import_problem *outside;
  size_t outside_count;
};

/* Reads all forms of a text, in its order. A text without any form is read
 * too: form_count is 0 and every line of it is in `outside`.
 * EVALD_INVALID: not UTF-8 (the place names the byte). EVALD_LIMIT: over
 * IMPORT_TEXT_MAX. EVALD_MEMORY: the arena is full; about 40 times the size
 * of the text is always enough. */
enum evald_status import_published(struct evald_text text,
                                   struct evald_arena *arena,
                                   struct import_result *out,
                                   struct evald_fault *fault);

enum { IMPORT_TEXT_MAX = 64 * 1024 * 1024 };

enum import_level import_problem_level(enum import_problem_kind kind);

/* Writes "line 18: budget (total): cannot be read as a figure: 2七.00" or the
 * same in Chinese. Terminated, cut at a character boundary. Returns the length
 * written. */
size_t import_problem_print(const struct import_problem *problem, int chinese,
                            char *out, size_t size);

#endif
