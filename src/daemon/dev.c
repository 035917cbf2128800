/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/dev.h"
#include "base/fault.h"
#include "base/i18n.h"
#include "daemon/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, RESTART_MS = 500 };

static void nap(void) {
  nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

enum { FOLDER = sizeof((struct dev){0}).folder };

static enum evald_status join(struct dev *dev, const char *base,
                              const char *rest, struct evald_fault *fault) {
  if (strlen(base) + strlen(rest) >= FOLDER)
    return evald_fault_set(fault, EVALD_IO, base, "%s", strerror(ENAMETOOLONG));
  fault_print(dev->folder, FOLDER, "%s%s", base, rest);
  return EVALD_OK;
}

/* Anybody may make a folder in /tmp, with this name too. */
static enum evald_status choose_in_tmp(struct dev *dev,
                                       struct evald_fault *fault) {
  struct stat found;
  fault_print(dev->folder, FOLDER, "/tmp/evald-%u", (unsigned)geteuid());
  if (lstat(dev->folder, &found) != 0) return EVALD_OK;
  if (S_ISDIR(found.st_mode) && found.st_uid == geteuid() &&
      (found.st_mode & (S_IWGRP | S_IWOTH)) == 0)
    return EVALD_OK;
  return evald_fault_set(fault, EVALD_IO, dev->folder,
                         _("this is not ours alone; name a folder: --dev DIR"));
}

static enum evald_status choose_folder(struct dev *dev, const char *folder,
                                       struct evald_fault *fault) {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  if (*folder == '/') return join(dev, folder, "", fault);
  if (*folder != '\0') {
    char here[FOLDER];
    if (getcwd(here, sizeof here - 1) == NULL)
      return evald_fault_set(fault, EVALD_IO, folder, "%s",
                             fault_reason(errno));
    fault_copy(here + strlen(here), 2, EVALD_TEXT("/"));
    return join(dev, here, folder, fault);
  }
  if (state != NULL && *state == '/') return join(dev, state, "/evald", fault);
  if (home != NULL && *home == '/')
    return join(dev, home, "/.local/state/evald", fault);
  return choose_in_tmp(dev, fault);
}

static enum evald_status make_folder(const char *path,
                                     struct evald_fault *fault) {
  char part[256];
  for (const char *at = path + 1;; at++) {
    if (*at != '/' && *at != '\0') continue;
    fault_print(part, sizeof part, "%.*s", (int)(at - path), path);
    if (mkdir(part, 0700) != 0 && errno != EEXIST)
      return evald_fault_set(fault, EVALD_IO, part, "%s", fault_reason(errno));
    if (*at == '\0') return EVALD_OK;
  }
}

/* The Redis of an evald that was killed may still be writing its last. */
static enum evald_status take_lock(struct dev *dev, struct evald_fault *fault) {
  char path[300];
  fault_print(path, sizeof path, "%s/lock", dev->folder);
  dev->lock = open(path, O_RDWR | O_CREAT, 0600);
  if (dev->lock < 0)
    return evald_fault_set(fault, EVALD_IO, path, "%s", fault_reason(errno));
  int64_t until = clock_ms() + PATIENCE_MS;
  bool told = false;
  while (flock(dev->lock, LOCK_EX | LOCK_NB) != 0) {
    if (!told)
      log_line(LOG_NOTICE,
               _("another evald --dev holds %s; waiting %d s for it to end"),
               dev->folder, PATIENCE_MS / 1000);
    told = true;
    if (clock_ms() >= until)
      return evald_fault_set(fault, EVALD_IO, dev->folder,
                             _("another evald --dev is running here; stop it, "
                               "or name another folder: evald --dev DIR"));
    nap();
  }
  return EVALD_OK;
}

/* A socket's path may have 107 bytes; a folder's may be longer. */
static enum evald_status choose_socket(struct dev *dev,
                                       struct evald_fault *fault) {
  char path[300], folder[] = "/tmp/evald-XXXXXX";
  fault_print(path, sizeof path, "%s/redis.sock", dev->folder);
  if (strlen(path) >= sizeof dev->socket) {
    if (mkdtemp(folder) == NULL)
      return evald_fault_set(fault, EVALD_IO, folder, "%s",
                             fault_reason(errno));
    fault_print(path, sizeof path, "%s/redis.sock", folder);
  }
  fault_print(dev->socket, sizeof dev->socket, "%s", path);
  return EVALD_OK;
}

/* In the child. Its own process group: a Ctrl-C is for evald, which commits
 * what it has read before Redis may go. */
static void become_redis(const struct dev *dev, pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(126); /* it has died already */
  int log = open("redis.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  if (log >= 0) {
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
  }
  execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
         dev->socket, "--unixsocketperm", "700", "--daemonize", "no",
         "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
         "--maxmemory-policy", "noeviction", "--dir", dev->folder,
         (char *)NULL);
  _exit(127);
}

static enum evald_status spawn(struct dev *dev, struct evald_fault *fault) {
  pid_t parent = getpid();
  dev->server = fork();
  if (dev->server < 0) {
    dev->server = 0;
    return evald_fault_set(fault, EVALD_IO, "fork", "%s", fault_reason(errno));
  }
  if (dev->server > 0) return EVALD_OK;
  if (chdir(dev->folder) == 0) become_redis(dev, parent);
  _exit(126);
}

static bool answers(const struct dev *dev) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, dev->socket, sizeof dev->socket);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  bool yes =
      connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
  close(fd);
  return yes;
}

static enum evald_status await(struct dev *dev, struct evald_fault *fault) {
  int64_t until = clock_ms() + PATIENCE_MS;
  while (!answers(dev)) {
    int how = 0;
    bool ended = waitpid(dev->server, &how, WNOHANG) == dev->server;
    if (ended) dev->server = 0;
    if (ended && WIFEXITED(how) && WEXITSTATUS(how) == 127)
      return evald_fault_set(fault, EVALD_NOT_FOUND, "redis-server",
                             _("the program is not installed (Debian: apt "
                               "install redis-server)"));
    if (ended || clock_ms() >= until)
      return evald_fault_set(fault, EVALD_IO, dev->folder,
                             _("Redis did not start; redis.log there says "
                               "why"));
    nap();
  }
  return EVALD_OK;
}

static enum evald_status point_config(const struct dev *dev,
                                      struct config *config) {
  char address[128];
  fault_print(address, sizeof address, "unix:%s", dev->socket);
  config->redis_address = config_copy(config->arena, address);
  config->redis_user = config->redis_password_file = "";
  config->redis_database = 0;
  if (strcmp(config->store_durability, "auto") == 0)
    config->store_durability = "everysec";
  return config->redis_address != NULL ? EVALD_OK : EVALD_MEMORY;
}

enum evald_status dev_start(struct dev *dev, const char *folder,
                            struct config *config, struct evald_fault *fault) {
  enum evald_status status = choose_folder(dev, folder, fault);
  if (status == EVALD_OK) status = make_folder(dev->folder, fault);
  if (status == EVALD_OK) status = take_lock(dev, fault);
  if (status == EVALD_OK) status = choose_socket(dev, fault);
  if (status == EVALD_OK) status = spawn(dev, fault);
  if (status == EVALD_OK) status = await(dev, fault);
  if (status == EVALD_OK) status = point_config(dev, config);
  if (status == EVALD_OK)
    log_line(LOG_INFO, _("private Redis: unix:%s"), dev->socket);
  return status;
}

void dev_reap(struct dev *dev) {
  if (dev->server == 0 || waitpid(dev->server, NULL, WNOHANG) != dev->server)
    return;
  log_line(LOG_ERROR, _("the private Redis has ended; it is started again"));
  dev->server = 0;
  dev->restart_at = clock_ms() + RESTART_MS;
}

int dev_tend(struct dev *dev) {
  if (*dev->folder == '\0' || dev->server != 0) return -1;
  int64_t left = dev->restart_at - clock_ms();
  if (left > 0) return (int)left;
  struct evald_fault fault = {0};
  if (spawn(dev, &fault) == EVALD_OK) return -1;
  log_fault(LOG_ERROR, _("Redis cannot be started"), &fault);
  dev->restart_at = clock_ms() + RESTART_MS;
  return RESTART_MS;
}

/* The one that choose_socket made, where it made one. */
static void remove_socket_folder(struct dev *dev) {
  size_t length = strlen(dev->folder);
  char *slash = strrchr(dev->socket, '/');
  if (slash == NULL || strncmp(dev->socket, dev->folder, length) == 0) return;
  unlink(dev->socket);
  *slash = '\0';
  rmdir(dev->socket);
  *dev->socket = '\0';
}

void dev_stop(struct dev *dev) {
  if (dev->server != 0) {
    int64_t until = clock_ms() + PATIENCE_MS;
    kill(dev->server, SIGTERM);
    while (waitpid(dev->server, NULL, WNOHANG) == 0) {
      if (clock_ms() >= until) kill(dev->server, SIGKILL);
      nap();
    }
    dev->server = 0;
  }
  remove_socket_folder(dev);
  if (dev->lock > 0) close(dev->lock);
  dev->lock = 0;
}
