/* Reading arguments and giving results. The TypeScript side has checked them; this is the second line. */
#include "addon.h"
#include <limits.h>

static void fail(struct call *call, const char *message) {
  if (!call->failed) napi_throw_type_error(call->env, NULL, message);
  call->failed = true;
}

struct call begin_call(napi_env env, napi_callback_info info, size_t count) {
  struct call call = {.env = env};
  size_t given = count;
  if (napi_get_cb_info(env, info, &given, call.values, NULL, NULL) != napi_ok || given < count) {
    fail(&call, "raw_socket: too few arguments");
  }
  if (napi_get_instance_data(env, (void **)&call.descriptors) != napi_ok || call.descriptors == NULL) {
    fail(&call, "raw_socket: the environment is gone");
  }
  return call;
}

int int_argument(struct call *call, size_t at) {
  double value = 0;
  if (call->failed) return -1;
  if (napi_get_value_double(call->env, call->values[at], &value) != napi_ok) fail(call, "raw_socket: not a number");
  /* Written so that NaN fails as well. */
  else if (!(value >= INT_MIN && value <= INT_MAX)) fail(call, "raw_socket: not a 32-bit integer");
  else if ((double)(int)value != value) fail(call, "raw_socket: not an integer");
  return call->failed ? -1 : (int)value;
}

static void *typed_array(struct call *call, size_t at, napi_typedarray_type wanted, size_t *length) {
  napi_typedarray_type type = napi_int8_array;
  void *data = NULL;
  *length = 0;
  if (call->failed) return NULL;
  bool is_typed_array = false;
  napi_value value = call->values[at];
  if (napi_is_typedarray(call->env, value, &is_typed_array) != napi_ok || !is_typed_array) {
    fail(call, "raw_socket: not a typed array");
    return NULL;
  }
  if (napi_get_typedarray_info(call->env, value, &type, length, &data, NULL, NULL) != napi_ok || type != wanted) {
    fail(call, "raw_socket: a typed array of the wrong kind");
    return NULL;
  }
  return data;
}

struct bytes bytes_argument(struct call *call, size_t at) {
  struct bytes bytes = {NULL, 0};
  bytes.data = typed_array(call, at, napi_uint8_array, &bytes.length);
  return bytes;
}

int32_t *ints_argument(struct call *call, size_t at, size_t *length) {
  return typed_array(call, at, napi_int32_array, length);
}

napi_value end_call(struct call *call, long result) {
  napi_value value = NULL;
  if (call->failed) return NULL;
  napi_create_int64(call->env, result, &value);
  return value;
}

void define_function(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value = NULL;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value) == napi_ok) {
    napi_set_named_property(env, exports, name, value);
  }
}

void define_number(napi_env env, napi_value exports, const char *name, int64_t number) {
  napi_value value = NULL;
  if (napi_create_int64(env, number, &value) == napi_ok) napi_set_named_property(env, exports, name, value);
}
