/* Making sockets and setting them up. Every socket is non-blocking and closed on exec. */
#define _GNU_SOURCE
#include "addon.h"
#include <errno.h>
#include <linux/filter.h>
#include <sys/socket.h>

/* socket(domain, type, protocol) */
static napi_value open_socket(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 3);
  int domain = int_argument(&call, 0);
  int type = int_argument(&call, 1);
  int protocol = int_argument(&call, 2);
  if (call.failed) return NULL;
  int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  return end_call(&call, adopt_descriptor(call.descriptors, fd));
}

typedef int (*with_address)(int, const struct sockaddr *, socklen_t);

static napi_value call_with_address(napi_env env, napi_callback_info info, with_address function) {
  struct call call = begin_call(env, info, 2);
  int fd = int_argument(&call, 0);
  struct bytes address = bytes_argument(&call, 1);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  int result = function(fd, (const struct sockaddr *)address.data, (socklen_t)address.length);
  return end_call(&call, result == 0 ? 0 : -errno);
}

/* bind(fd, sockaddr) */
static napi_value bind_socket(napi_env env, napi_callback_info info) {
  return call_with_address(env, info, bind);
}

/* connect(fd, sockaddr) */
static napi_value connect_socket(napi_env env, napi_callback_info info) {
  return call_with_address(env, info, connect);
}

/* listen(fd, backlog) */
static napi_value listen_socket(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 2);
  int fd = int_argument(&call, 0);
  int backlog = int_argument(&call, 1);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  return end_call(&call, listen(fd, backlog) == 0 ? 0 : -errno);
}

/* setOption(fd, level, name, value) */
static napi_value set_option(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 4);
  int fd = int_argument(&call, 0);
  int level = int_argument(&call, 1);
  int name = int_argument(&call, 2);
  struct bytes value = bytes_argument(&call, 3);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  int result = setsockopt(fd, level, name, value.data, (socklen_t)value.length);
  return end_call(&call, result == 0 ? 0 : -errno);
}

/* attachFilter(fd, program): the one option that holds a pointer. The program is a row of struct sock_filter. */
static napi_value attach_filter(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 2);
  int fd = int_argument(&call, 0);
  struct bytes program = bytes_argument(&call, 1);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  size_t count = program.length / sizeof(struct sock_filter);
  if (count == 0 || count > BPF_MAXINSNS || program.length % sizeof(struct sock_filter) != 0) {
    return end_call(&call, -EINVAL);
  }
  struct sock_fprog attached = {.len = (unsigned short)count, .filter = (struct sock_filter *)(void *)program.data};
  int result = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached);
  return end_call(&call, result == 0 ? 0 : -errno);
}

/* localAddress(fd, room): how long the sockaddr is that now stands in `room`. */
static napi_value local_address(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 2);
  int fd = int_argument(&call, 0);
  struct bytes room = bytes_argument(&call, 1);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  socklen_t length = (socklen_t)room.length;
  if (getsockname(fd, (struct sockaddr *)room.data, &length) != 0) return end_call(&call, -errno);
  return end_call(&call, length <= room.length ? (long)length : -ENOBUFS);
}

void define_sockets(napi_env env, napi_value exports) {
  define_function(env, exports, "socket", open_socket);
  define_function(env, exports, "bind", bind_socket);
  define_function(env, exports, "connect", connect_socket);
  define_function(env, exports, "listen", listen_socket);
  define_function(env, exports, "setOption", set_option);
  define_function(env, exports, "attachFilter", attach_filter);
  define_function(env, exports, "localAddress", local_address);
}
