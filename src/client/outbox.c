/* SPDX-License-Identifier: Apache-2.0 */
#include "client/outbox.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "wire/buffer.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4096, HEAD = 20, MAGIC = 8, RECORD_MAX = 64 << 20 };
enum { TIDY_FROM = 1 << 20 }; /* bytes worth a rewrite */

static const char magic[MAGIC + 1] = "evald-o1";

struct outbox {
  int fd;
  char path[PATH];
  uint64_t size;
  bool dirty; /* jobs were put since the last fsync */
  struct wire_buffer answers;
};

static enum evald_status io_fault(struct evald_fault *fault, const char *path) {
  return evald_fault_set(fault, EVALD_IO, path, "%s", fault_reason(errno));
}

/* zlib's CRC-32, four bits at a time. */
static uint32_t crc_add(uint32_t crc, const uint8_t *data, size_t size) {
  static const uint32_t table[16] = {
      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
      0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
      0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  for (size_t i = 0; i < size; i++) {
    crc ^= data[i];
    crc = (crc >> 4) ^ table[crc & 15];
    crc = (crc >> 4) ^ table[crc & 15];
  }
  return crc;
}

static uint32_t crc_of(const uint8_t *head, const uint8_t *payload,
                       size_t size) {
  uint32_t crc = crc_add(0xFFFFFFFF, head + 4, HEAD - 4);
  return ~crc_add(crc, payload, size);
}

static void put_little(uint8_t *out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++)
    out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_little(const uint8_t *in, int bytes) {
  uint64_t value = 0;
  for (int i = bytes; i-- > 0;)
    value = value << 8 | in[i];
  return value;
}

struct record {
  uint64_t number;
  uint32_t kind;
  const uint8_t *payload;
  size_t size;
};

static void record_write(struct wire_buffer *out, const struct record *record) {
  uint8_t head[HEAD];
  put_little(head + 4, record->size, 4);
  put_little(head + 8, record->number, 8);
  put_little(head + 16, record->kind, 4);
  put_little(head, crc_of(head, record->payload, record->size), 4);
  wire_put_raw(out, head, HEAD);
  if (record->size > 0) wire_put_raw(out, record->payload, record->size);
}

/* The record at the head of the bytes; its whole size, 0 where it is torn. */
static size_t record_read(const uint8_t *bytes, size_t left,
                          struct record *out) {
  if (left < HEAD) return 0;
  *out = (struct record){.number = get_little(bytes + 8, 8),
                         .kind = (uint32_t)get_little(bytes + 16, 4),
                         .payload = bytes + HEAD,
                         .size = (size_t)get_little(bytes + 4, 4)};
  if (out->size > RECORD_MAX || out->size > left - HEAD) return 0;
  if (get_little(bytes, 4) != crc_of(bytes, out->payload, out->size)) return 0;
  return HEAD + out->size;
}

static bool write_all(int fd, const uint8_t *data, size_t size) {
  while (size > 0) {
    ssize_t put = write(fd, data, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    data += put;
    size -= (size_t)put;
  }
  return true;
}

/* Whole, or not at all: a disk that is full must not leave half a record in
 * front of the next one. */
static enum evald_status append(struct outbox *outbox,
                                const struct wire_buffer *buffer,
                                struct evald_fault *fault) {
  struct wire_bytes bytes = wire_buffer_bytes(buffer);
  if (wire_buffer_done(buffer) != EVALD_OK) return EVALD_MEMORY;
  if (write_all(outbox->fd, bytes.data, bytes.size)) {
    outbox->size += bytes.size;
    return EVALD_OK;
  }
  enum evald_status status = io_fault(fault, outbox->path);
  if (ftruncate(outbox->fd, (off_t)outbox->size) != 0) return status;
  lseek(outbox->fd, 0, SEEK_END);
  return status;
}

/* The lock is on the file, not on its name: after a rename by the one who had
 * it, the name is another file's. */
static int open_locked(const char *path, struct evald_fault *fault,
                       enum evald_status *status) {
  struct stat ours, named;
  for (;;) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
    if (fd < 0) {
      *status = io_fault(fault, path);
      return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      close(fd);
      *status = evald_fault_set(fault, EVALD_INTERFERED, path, "%s",
                                _("another producer has this outbox open"));
      return -1;
    }
    if (fstat(fd, &ours) == 0 && stat(path, &named) == 0 &&
        ours.st_ino == named.st_ino && ours.st_dev == named.st_dev)
      return fd;
    close(fd);
  }
}

static enum evald_status apply(struct queue *queue,
                               const struct record *record) {
  if (record->kind == OUTBOX_ANSWERED) {
    if (queue_find(queue, record->number))
      queue_answered(queue, record->number);
    return EVALD_OK;
  }
  if ((record->kind != OUTBOX_JOB && record->kind != OUTBOX_LATER) ||
      record->number < queue_next(queue))
    return EVALD_INVALID;
  return queue_add(queue, record->number, record->kind == OUTBOX_LATER,
                   record->payload, record->size);
}

/* Reads record after record; *used is where the last whole one ends. */
static enum evald_status replay(const uint8_t *bytes, size_t size,
                                struct queue *queue, size_t *used) {
  enum evald_status status = EVALD_OK;
  size_t step;
  struct record record;
  *used = MAGIC;
  while (status == EVALD_OK &&
         (step = record_read(bytes + *used, size - *used, &record)) > 0) {
    status = apply(queue, &record);
    *used += step;
  }
  return status;
}

/* Keeps what is cut: a crash tears only what nobody was promised, but a disk
 * that fails may tear more. */
static bool set_aside(const char *path, const uint8_t *data, size_t size) {
  char name[PATH + 8];
  fault_print(name, sizeof name, "%s.torn", path);
  int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool kept = write_all(fd, data, size) && fsync(fd) == 0;
  close(fd);
  return kept;
}

static enum evald_status foreign(const struct outbox *outbox,
                                 struct evald_fault *fault) {
  return evald_fault_set(fault, EVALD_INVALID, outbox->path, "%s",
                         _("this is no outbox of evald"));
}

static enum evald_status take_over(struct outbox *outbox, const uint8_t *bytes,
                                   struct queue *queue, uint64_t *torn,
                                   struct evald_fault *fault) {
  size_t size = (size_t)outbox->size, used;
  if (memcmp(bytes, magic, MAGIC) != 0) return foreign(outbox, fault);
  enum evald_status status = replay(bytes, size, queue, &used);
  if (status != EVALD_OK)
    return evald_fault_set(fault, status, outbox->path,
                           _("the record before byte %zu cannot be used"),
                           used);
  *torn = size - used;
  if (*torn == 0) return EVALD_OK;
  if (!set_aside(outbox->path, bytes + used, size - used) ||
      ftruncate(outbox->fd, (off_t)used) != 0)
    return io_fault(fault, outbox->path);
  outbox->size = used;
  return EVALD_OK;
}

/* A file shorter than its first eight bytes is one whose making was cut off. */
static enum evald_status begin(struct outbox *outbox,
                               struct evald_fault *fault) {
  if (ftruncate(outbox->fd, 0) != 0 ||
      !write_all(outbox->fd, (const uint8_t *)magic, MAGIC) ||
      fsync(outbox->fd) != 0)
    return io_fault(fault, outbox->path);
  outbox->size = MAGIC;
  return EVALD_OK;
}

static enum evald_status load(struct outbox *outbox, struct queue *queue,
                              uint64_t *torn, struct evald_fault *fault) {
  struct stat about;
  *torn = 0;
  if (fstat(outbox->fd, &about) != 0) return io_fault(fault, outbox->path);
  outbox->size = (uint64_t)about.st_size;
  char head[MAGIC] = "";
  if (outbox->size < MAGIC &&
      pread(outbox->fd, head, (size_t)outbox->size, 0) ==
          (ssize_t)outbox->size &&
      memcmp(head, magic, (size_t)outbox->size) == 0)
    return begin(outbox, fault);
  if (outbox->size < MAGIC) return foreign(outbox, fault);
  size_t mapped = (size_t)outbox->size;
  void *bytes = mmap(NULL, mapped, PROT_READ, MAP_PRIVATE, outbox->fd, 0);
  if (bytes == MAP_FAILED) return io_fault(fault, outbox->path);
  enum evald_status status = take_over(outbox, bytes, queue, torn, fault);
  munmap(bytes, mapped);
  return status;
}

enum evald_status outbox_open(const char *path, struct queue *queue,
                              struct outbox **out, uint64_t *torn,
                              struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  struct outbox *outbox = calloc(1, sizeof *outbox);
  if (!outbox) return EVALD_MEMORY;
  size_t size = fault_print(outbox->path, sizeof outbox->path, "%s", path);
  outbox->fd = size == strlen(path) ? open_locked(path, fault, &status) : -1;
  if (outbox->fd >= 0) status = load(outbox, queue, torn, fault);
  if (outbox->fd < 0 || status != EVALD_OK) {
    if (outbox->fd >= 0) close(outbox->fd);
    free(outbox);
    return status == EVALD_OK ? EVALD_IO : status;
  }
  *out = outbox;
  return EVALD_OK;
}

void outbox_close(struct outbox *outbox, const struct queue *queue) {
  if (!outbox) return;
  (void)outbox_write(outbox, NULL);
  if (queue->unanswered == 0) (void)begin(outbox, NULL);
  close(outbox->fd);
  wire_buffer_fini(&outbox->answers);
  free(outbox);
}

enum evald_status outbox_put(struct outbox *outbox, uint64_t number, bool later,
                             const void *frame, size_t size,
                             struct evald_fault *fault) {
  struct wire_buffer buffer = {0};
  record_write(
      &buffer,
      &(struct record){number, later ? OUTBOX_LATER : OUTBOX_JOB, frame, size});
  enum evald_status status = append(outbox, &buffer, fault);
  wire_buffer_fini(&buffer);
  if (status == EVALD_OK) outbox->dirty = true;
  return status;
}

void outbox_answered(struct outbox *outbox, uint64_t number) {
  record_write(&outbox->answers,
               &(struct record){.number = number, .kind = OUTBOX_ANSWERED});
}

enum evald_status outbox_write(struct outbox *outbox,
                               struct evald_fault *fault) {
  if (outbox->answers.size == 0 && !outbox->answers.failed) return EVALD_OK;
  enum evald_status status = append(outbox, &outbox->answers, fault);
  wire_buffer_reset(&outbox->answers);
  return status;
}

enum evald_status outbox_sync(struct outbox *outbox,
                              struct evald_fault *fault) {
  if (!outbox->dirty) return EVALD_OK;
  if (fdatasync(outbox->fd) != 0) return io_fault(fault, outbox->path);
  outbox->dirty = false;
  return EVALD_OK;
}

static void write_queue(struct wire_buffer *out, const struct queue *queue) {
  wire_put_raw(out, magic, MAGIC);
  for (size_t i = queue->begin; i < queue->end; i++) {
    const struct queue_job *job = &queue->jobs[i];
    if (job->state != QUEUE_ANSWERED)
      record_write(out, &(struct record){queue->first + (i - queue->begin),
                                         job->later ? OUTBOX_LATER : OUTBOX_JOB,
                                         job->frame, job->size});
  }
}

/* A rename is on disk when its folder is. */
static bool sync_folder(const char *path) {
  char folder[PATH];
  const char *slash = strrchr(path, '/');
  fault_copy(folder, sizeof folder,
             slash ? (struct evald_text){path, (size_t)(slash - path) + 1}
                   : EVALD_TEXT("."));
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool done = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  return done;
}

/* Writes the new file, locks it before it has the name, and swaps. */
static enum evald_status replace(struct outbox *outbox, const char *name,
                                 struct wire_bytes bytes,
                                 struct evald_fault *fault) {
  int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0600);
  if (fd < 0) return io_fault(fault, name);
  if (!write_all(fd, bytes.data, bytes.size) || fsync(fd) != 0 ||
      flock(fd, LOCK_EX | LOCK_NB) != 0 || rename(name, outbox->path) != 0) {
    enum evald_status status = io_fault(fault, name);
    close(fd);
    unlink(name);
    return status;
  }
  close(outbox->fd);
  outbox->fd = fd;
  outbox->size = bytes.size;
  outbox->dirty = false;
  return sync_folder(outbox->path) ? EVALD_OK : io_fault(fault, outbox->path);
}

enum evald_status outbox_tidy(struct outbox *outbox, const struct queue *queue,
                              struct evald_fault *fault) {
  uint64_t needed = MAGIC + queue->bytes + HEAD * (uint64_t)queue->unanswered;
  if (outbox->size < TIDY_FROM || outbox->size / 2 < needed) return EVALD_OK;
  char name[PATH + 8];
  struct wire_buffer buffer = {0};
  fault_print(name, sizeof name, "%s.new", outbox->path);
  write_queue(&buffer, queue);
  enum evald_status status = wire_buffer_done(&buffer);
  if (status == EVALD_OK)
    status = replace(outbox, name, wire_buffer_bytes(&buffer), fault);
  wire_buffer_fini(&buffer);
  return status;
}
