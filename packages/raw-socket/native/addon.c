/* The module: one instance for each environment that loads it, with nothing shared between them. */
#include "addon.h"
#include <stdlib.h>

#ifndef ADDON_VERSION
#error "build.ts passes -DADDON_VERSION"
#endif

NAPI_MODULE_INIT() {
  struct descriptors *descriptors = calloc(1, sizeof *descriptors);
  if (descriptors == NULL) {
    napi_throw_error(env, NULL, "raw_socket: out of memory");
    return NULL;
  }
  if (napi_set_instance_data(env, descriptors, close_all_descriptors, NULL) != napi_ok) {
    free(descriptors);
    napi_throw_error(env, NULL, "raw_socket: the environment takes no instance data");
    return NULL;
  }
  define_number(env, exports, "version", ADDON_VERSION);
  define_number(env, exports, "wordSize", (int64_t)sizeof(size_t));
  define_descriptors(env, exports);
  define_sockets(env, exports);
  define_messages(env, exports);
  define_events(env, exports);
  define_thread(env, exports);
  return exports;
}
