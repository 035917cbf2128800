/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_JOBS_H
#define CTL_JOBS_H

/*
 * The jobs in the files of a command line, one after the other: JSON, JSON
 * Lines, or published forms whose text the import room reads.
 *
 * A published form prints neither division nor project code. The division is
 * the user's to say; the project code is derived from department and project
 * name (jobs_derived_code), so that the same form always gets the same code.
 */

#include "ctl/ctl.h"
#include "import/published.h"
#include "wire/job_codec.h"

struct ctl_job {
  const char *file;
  size_t number; /* within the file, from 1 */
  const struct wire_job *job;
  struct wire_bytes frame; /* the job as msgpack */
  bool rejected;           /* then `job` holds what could be read */
  const struct wire_rejects *rejects;
};

/* Answers an exit status. Everything of the job lives in ctl->job, which is
 * reset before the next. */
typedef int (*jobs_each)(struct ctl *ctl, const struct ctl_job *job,
                         void *context);

/* Calls `each` for every job of every file and answers the worst exit status
 * met. What of a published form could not be read is told to the user, and
 * such a form is not passed on. */
int jobs_read(struct ctl *ctl, jobs_each each, void *context);

/* Prints why a job was rejected: to standard error, or as a line of JSON. */
void jobs_print_reject(struct ctl *ctl, const struct ctl_job *job);

enum { DERIVED_CODE = 32 };
void jobs_derived_code(const struct evald_form *form, char out[DERIVED_CODE]);

#endif
