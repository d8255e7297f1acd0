/*
 * What the files of the addon share. Every call takes plain numbers and bytes and returns a number:
 * what the system call returned, or -errno. What the numbers mean is the business of TypeScript.
 */
#ifndef STEELYARD_ADDON_H
#define STEELYARD_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The descriptors that one environment (the main thread, or one worker) opened and has not closed.
 * A call on any other descriptor is EBADF, so that a number that the kernel gave to somebody else in
 * the meantime is never touched; and a worker that is ended leaves none open.
 */
struct descriptors {
  uint8_t *owned; /* one flag a descriptor */
  size_t length;
};

struct bytes {
  uint8_t *data;
  size_t length;
};

enum { MOST_ARGUMENTS = 4 };

/* The arguments of one call. `failed` is set once one is not what it should be; an exception is then pending. */
struct call {
  napi_env env;
  struct descriptors *descriptors;
  napi_value values[MOST_ARGUMENTS];
  bool failed;
};

/* arguments.c */
struct call begin_call(napi_env env, napi_callback_info info, size_t count);
int int_argument(struct call *call, size_t at);
struct bytes bytes_argument(struct call *call, size_t at);
/* An Int32Array; the length counts its elements. */
int32_t *ints_argument(struct call *call, size_t at, size_t *length);
/* The number as a JavaScript value, or NULL when an exception is pending. */
napi_value end_call(struct call *call, long result);
void define_function(napi_env env, napi_value exports, const char *name, napi_callback function);
void define_number(napi_env env, napi_value exports, const char *name, int64_t value);

/* descriptors.c */
bool owns_descriptor(const struct descriptors *descriptors, int fd);
/* Takes over what a call returned: a descriptor, or -1 with errno. Returns it, or -errno. */
long adopt_descriptor(struct descriptors *descriptors, int fd);
void close_all_descriptors(napi_env env, void *descriptors, void *hint);
void define_descriptors(napi_env env, napi_value exports);

/* sockets.c, messages.c, events.c, thread.c */
void define_sockets(napi_env env, napi_value exports);
void define_messages(napi_env env, napi_value exports);
void define_events(napi_env env, napi_value exports);
void define_thread(napi_env env, napi_value exports);

#endif
