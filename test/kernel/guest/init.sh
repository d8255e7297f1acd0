#!/bin/sh
# Pid 1 of a guest. The machine's own file system is the root, read-only; this puts an overlay in memory over it, makes
# the usual file systems, runs the job and reports its status. The kernel gives JOB, a folder of the machine that holds
# the script `job`, in the environment.
# Consoles: 0 and 1 are the job's output and errors, 2 the kernel's messages, 3 takes the status.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Before anything else: the machine's own /dev may lack consoles, as that of a container does.
mount -n -t devtmpfs devtmpfs /dev
for console in 0 1 3; do stty -F "/dev/tty$console" raw -echo; done
exec </dev/null >/dev/tty0 2>/dev/tty1

# The runner ends the guest once it has the status, so nothing comes after it.
report() {
  sync
  # stty waits until what was written before has left.
  stty -F /dev/tty0 raw -echo
  stty -F /dev/tty1 raw -echo
  echo "$1" >/dev/tty3
  while :; do sleep 60; done
}
fail() {
  echo "guest: $*" >&2
  report failed
}

mount -n -t proc proc /proc
mount -n -t tmpfs -o size=90% tmpfs /mnt || fail "no tmpfs"
mkdir /mnt/upper /mnt/work /mnt/root
mount -n -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root || fail "no overlay"
cd /mnt/root || fail "no root"
mkdir -p .machine
pivot_root . .machine || fail "pivot_root"
umount -n -l /.machine
rmdir /.machine

mount -n -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -n -t proc proc /proc
mount -n -t sysfs sysfs /sys
mount -n -t devpts devpts /dev/pts
mount -n -t tmpfs tmpfs /dev/shm
mount -n -t tmpfs tmpfs /run
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
mkdir -p /run/guest /run/netns /run/lock
mount -n -t hostfs none /run/guest -o "$JOB" || fail "no way to the machine's $JOB"
ip link set lo up
hostname guest
# A kernel of one's own may have io_uring, which Node uses; in a guest its rings corrupt memory ("Bad page map", panic).
[ ! -e /proc/sys/kernel/io_uring_disabled ] || echo 2 >/proc/sys/kernel/io_uring_disabled

# A monotonic clock that starts at 0 confuses programs in its first second (ping then ignores its interval).
later="unshare --time --fork --monotonic 1000 --boottime 1000"
$later true 2>/dev/null || later=
unset JOB
$later sh /run/guest/job
report $?
