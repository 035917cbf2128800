/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_DRAFT_H
#define IMPORT_DRAFT_H

/*
 * A form while it is read. published.c finds where the parts of a form begin;
 * each part has a file that reads its span of words into the draft and
 * reports every word of it that it could not place.
 */

#include "import/label.h"

struct draft {
  struct reader *r;
  struct evald_form form;
  bool money_known; /* 万元 or 元 stands somewhere */
};

/* The title, the year and the cells above the funds. `titled`: the first line
 * is the title. */
void head_read(struct draft *d, struct span span, bool titled);

/* 项目资金: its heading and its rows. */
void funds_read(struct draft *d, struct span span);

/* 年度总体目标: two columns of prose. */
void goal_read(struct draft *d, struct span span);

/* The indicators; `headed` where the span begins with the heading. */
void table_read(struct draft *d, struct span span, bool headed);

/* 总分, 评分等级 and what stands below them. */
void tail_read(struct draft *d, struct span span);

/* The lines with which the tail begins: 总分 or 评分等级. */
struct labels tail_begins(void);

/* 万元 or 元, in brackets or not, at word *at: takes it. */
bool draft_money(struct draft *d, size_t *at, size_t end);

/* A number cell that must hold a number: its figure, or a problem. A dash is
 * an absent figure and no problem. */
struct evald_figure draft_figure(struct draft *d, struct span span,
                                 struct evald_cell cell);

/* Reports that a cell is not there; the line is that of word `at`. */
void draft_missing(struct draft *d, enum evald_cell_field field, size_t index,
                   size_t at);

#endif
