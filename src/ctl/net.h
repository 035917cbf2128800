/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_NET_H
#define CTL_NET_H

/* Knocking at doors: plain sockets, two seconds at most. */

#include <stdbool.h>
#include <stddef.h>

/* Whether somebody listens at "tcp://host:port", "ipc:///path" or
 * "host:port". */
bool net_open(const char *endpoint);

/* GET http://<address><path>: the status, 0 where nobody answers. The body,
 * cut to `size`, terminated. */
int net_get(const char *address, const char *path, char *body, size_t size);

#endif
