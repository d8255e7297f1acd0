/* Who owns which descriptor, and giving them back. */
#define _GNU_SOURCE
#include "addon.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool owns_descriptor(const struct descriptors *descriptors, int fd) {
  return fd >= 0 && (size_t)fd < descriptors->length && descriptors->owned[fd] != 0;
}

static bool make_room(struct descriptors *descriptors, int fd) {
  size_t needed = (size_t)fd + 1;
  if (needed <= descriptors->length) return true;
  size_t length = needed * 2;
  uint8_t *owned = realloc(descriptors->owned, length);
  if (owned == NULL) return false;
  memset(owned + descriptors->length, 0, length - descriptors->length);
  descriptors->owned = owned;
  descriptors->length = length;
  return true;
}

long adopt_descriptor(struct descriptors *descriptors, int fd) {
  if (fd < 0) return -errno;
  if (!make_room(descriptors, fd)) {
    close(fd);
    return -ENOMEM;
  }
  descriptors->owned[fd] = 1;
  return fd;
}

void close_all_descriptors(napi_env env, void *data, void *hint) {
  struct descriptors *descriptors = data;
  (void)env;
  (void)hint;
  for (size_t fd = 0; fd < descriptors->length; fd++) {
    if (descriptors->owned[fd] != 0) close((int)fd);
  }
  free(descriptors->owned);
  free(descriptors);
}

/* close(fd). Never tried again: after EINTR the descriptor is gone on Linux, and its number may be another's. */
static napi_value close_descriptor(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 1);
  int fd = int_argument(&call, 0);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  call.descriptors->owned[fd] = 0;
  return end_call(&call, close(fd) == 0 || errno == EINTR ? 0 : -errno);
}

/* duplicate(fd): a second descriptor, which is the caller's from now on and not this module's. */
static napi_value duplicate_descriptor(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 1);
  int fd = int_argument(&call, 0);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  int second = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return end_call(&call, second >= 0 ? second : -errno);
}

void define_descriptors(napi_env env, napi_value exports) {
  define_function(env, exports, "close", close_descriptor);
  define_function(env, exports, "duplicate", duplicate_descriptor);
}
