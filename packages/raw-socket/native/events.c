/* Waiting for many descriptors, and waking a thread that waits. */
#define _GNU_SOURCE
#include "addon.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A stack's worth; a speaker has a handful for each interface. */
enum { MOST_POLLED = 4096 };

static long poll_owned(const struct descriptors *descriptors, int32_t *fds, size_t count, int timeout_ms) {
  struct pollfd polled[MOST_POLLED];
  for (size_t at = 0; at < count; at++) {
    if (!owns_descriptor(descriptors, fds[at])) return -EBADF;
    polled[at] = (struct pollfd){.fd = fds[at], .events = POLLIN};
  }
  int ready = poll(polled, (nfds_t)count, timeout_ms);
  /* A signal ends the wait early and with nothing. */
  if (ready < 0) return errno == EINTR ? 0 : -errno;
  long found = 0;
  for (size_t at = 0; at < count && found < ready; at++) {
    if (polled[at].revents != 0) fds[found++] = polled[at].fd;
  }
  return found;
}

/* poll(fds, count, timeoutMs): how many are ready; they stand first in `fds` then. */
static napi_value poll_descriptors(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 3);
  size_t length = 0;
  int32_t *fds = ints_argument(&call, 0, &length);
  int count = int_argument(&call, 1);
  int timeout_ms = int_argument(&call, 2);
  if (call.failed) return NULL;
  if (count < 0 || (size_t)count > length || count > MOST_POLLED || timeout_ms < 0) return end_call(&call, -EINVAL);
  return end_call(&call, poll_owned(call.descriptors, fds, (size_t)count, timeout_ms));
}

/* openEvent() */
static napi_value open_event(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 0);
  if (call.failed) return NULL;
  return end_call(&call, adopt_descriptor(call.descriptors, eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)));
}

static bool is_event(int fd) {
  char path[32];
  char target[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length < 0) return false;
  target[length] = '\0';
  return strcmp(target, "anon_inode:[eventfd]") == 0;
}

/*
 * adoptEvent(fd): a descriptor of our own for an event that another thread opened. The number comes
 * from outside, so what it stands for is looked at, after it was duplicated and can no longer change.
 */
static napi_value adopt_event(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 1);
  int given = int_argument(&call, 0);
  if (call.failed) return NULL;
  int fd = fcntl(given, F_DUPFD_CLOEXEC, 0);
  if (fd >= 0 && !is_event(fd)) {
    close(fd);
    return end_call(&call, -EBADF);
  }
  return end_call(&call, adopt_descriptor(call.descriptors, fd));
}

/* wakeEvent(fd). A counter that is full (EAGAIN) is as awake as can be. */
static napi_value wake_event(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 1);
  int fd = int_argument(&call, 0);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  return end_call(&call, eventfd_write(fd, 1) == 0 || errno == EAGAIN ? 0 : -errno);
}

/* clearEvent(fd). EAGAIN: nobody woke it. */
static napi_value clear_event(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 1);
  int fd = int_argument(&call, 0);
  eventfd_t count = 0;
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  return end_call(&call, eventfd_read(fd, &count) == 0 || errno == EAGAIN ? 0 : -errno);
}

void define_events(napi_env env, napi_value exports) {
  define_function(env, exports, "poll", poll_descriptors);
  define_function(env, exports, "openEvent", open_event);
  define_function(env, exports, "adoptEvent", adopt_event);
  define_function(env, exports, "wakeEvent", wake_event);
  define_function(env, exports, "clearEvent", clear_event);
}
