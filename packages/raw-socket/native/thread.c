/* What the scheduler is asked for the calling thread. */
#define _GNU_SOURCE
#include "addon.h"
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct sched_attr of linux/sched/types.h, as of its first version; glibc has had it since 2.41 only. */
struct schedule {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime_ns;
  uint64_t deadline_ns;
  uint64_t period_ns;
};

enum { POLICY_OTHER = 0, POLICY_BATCH = 3 };

static long get_schedule(struct schedule *schedule) {
  return syscall(SYS_sched_getattr, 0, schedule, (unsigned int)sizeof *schedule, 0U) == 0 ? 0 : -errno;
}

/*
 * The slice after it was asked for, in nanoseconds. For a thread that shares the processors fairly,
 * `runtime` is its slice, since Linux 6.12; an older kernel ignores it and reads it as 0. Policy and
 * niceness stay as they are; a thread of another policy has no slice to ask for.
 */
static long set_slice(int slice_ns) {
  struct schedule schedule = {.size = sizeof schedule};
  long failure = get_schedule(&schedule);
  if (failure != 0) return failure;
  if (schedule.policy != POLICY_OTHER && schedule.policy != POLICY_BATCH) return -EOPNOTSUPP;
  schedule.size = sizeof schedule;
  schedule.runtime_ns = (uint64_t)slice_ns;
  if (syscall(SYS_sched_setattr, 0, &schedule, 0U) != 0) return -errno;
  failure = get_schedule(&schedule);
  return failure != 0 ? failure : (long)schedule.runtime_ns;
}

/* setSlice(nanoseconds) */
static napi_value set_thread_slice(napi_env env, napi_callback_info info) {
  struct call call = begin_call(env, info, 1);
  int slice_ns = int_argument(&call, 0);
  if (call.failed) return NULL;
  return end_call(&call, slice_ns > 0 ? set_slice(slice_ns) : -EINVAL);
}

void define_thread(napi_env env, napi_value exports) {
  define_function(env, exports, "setSlice", set_thread_slice);
}
