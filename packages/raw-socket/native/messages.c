/* Sending and receiving one message. Neither ever blocks: nothing to receive is EAGAIN. */
#define _GNU_SOURCE
#include "addon.h"
#include <errno.h>
#include <sys/socket.h>

/* What `receive` tells beside the bytes: the places in its Int32Array. */
enum { NAME_LENGTH, CONTROL_LENGTH, FLAGS, TOLD };

/*
 * receive(fd, bytes, ancillary, told): how many bytes came. `ancillary` is room for the sender's
 * address, as long as any is, and after that for control messages; told = length of the address,
 * length of the control messages, msg_flags.
 */
static napi_value receive_message(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 4);
  int fd = int_argument(&call, 0);
  struct bytes bytes = bytes_argument(&call, 1);
  struct bytes ancillary = bytes_argument(&call, 2);
  size_t told_length = 0;
  int32_t *told = ints_argument(&call, 3, &told_length);
  const size_t name_room = sizeof(struct sockaddr_storage);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  if (told_length < TOLD || ancillary.length < name_room) return end_call(&call, -EINVAL);
  struct iovec part = {.iov_base = bytes.data, .iov_len = bytes.length};
  struct msghdr message = {
      .msg_name = ancillary.data,
      .msg_namelen = (socklen_t)name_room,
      .msg_iov = &part,
      .msg_iovlen = 1,
      .msg_control = ancillary.data + name_room,
      .msg_controllen = ancillary.length - name_room,
  };
  ssize_t received = recvmsg(fd, &message, MSG_DONTWAIT);
  if (received < 0) return end_call(&call, -errno);
  told[NAME_LENGTH] = (int32_t)(message.msg_namelen < name_room ? message.msg_namelen : name_room);
  told[CONTROL_LENGTH] = (int32_t)message.msg_controllen;
  told[FLAGS] = message.msg_flags;
  return end_call(&call, received);
}

/* send(fd, bytes, sockaddr): an empty sockaddr is none, for a socket that is bound to where it sends. */
static napi_value send_message(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 3);
  int fd = int_argument(&call, 0);
  struct bytes bytes = bytes_argument(&call, 1);
  struct bytes address = bytes_argument(&call, 2);
  if (call.failed) return NULL;
  if (!owns_descriptor(call.descriptors, fd)) return end_call(&call, -EBADF);
  struct sockaddr *to = address.length == 0 ? NULL : (struct sockaddr *)address.data;
  ssize_t sent = sendto(fd, bytes.data, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, to, (socklen_t)address.length);
  return end_call(&call, sent >= 0 ? sent : -errno);
}

void define_messages(napi_env env, napi_value exports) {
  define_function(env, exports, "receive", receive_message);
  define_function(env, exports, "send", send_message);
}
