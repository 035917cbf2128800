/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

/* How the page looks, on a screen and on A4 across. */
extern const char report_style[];

#endif
