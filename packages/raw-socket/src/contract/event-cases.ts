import assert from 'node:assert/strict'
import { assertRefused, BROADCAST, type ContractCase, frameOf, openEnds } from './bench.ts'

export const EVENT_CASES: readonly ContractCase[] = [
  {
    name: 'poll with nothing to tell ends by itself, with none',
    run: (bench) => {
      const { near, far } = openEnds(bench)
      assert.deepEqual(bench.io.poll([near.fd, far.fd], 5), [])
      assert.deepEqual(bench.io.poll([], 0.1), [])
      assert.deepEqual(bench.io.poll([near.fd], -1), [])
    },
  },
  {
    name: 'poll gives those that are ready, and again until they were received from',
    run: ({ io, ...bench }) => {
      const { near, far } = openEnds({ io, ...bench })
      const wake = io.openWake()
      wake.wake()
      near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: 'x' }))
      io.poll([far.fd], 1000)
      assert.deepEqual(io.poll([near.fd, far.fd, wake.fd], 1000), [far.fd, wake.fd])
      assert.deepEqual(io.poll([near.fd, far.fd], 1000), [far.fd])
      far.receive()
      assert.deepEqual(io.poll([near.fd, far.fd, wake.fd], 1000), [wake.fd])
    },
  },
  {
    name: 'a wake stays ready however often it was woken, until it is cleared',
    run: ({ io }) => {
      const wake = io.openWake()
      assert.deepEqual(io.poll([wake.fd], 0), [])
      wake.wake()
      wake.wake()
      assert.deepEqual(io.poll([wake.fd], 1000), [wake.fd])
      wake.clear()
      wake.clear()
      assert.deepEqual(io.poll([wake.fd], 0), [])
    },
  },
  {
    name: 'an adopted wake is the same event, and outlives the first',
    run: ({ io }) => {
      const first = io.openWake()
      const second = io.adoptWake(first.handle)
      assert.notEqual(second.fd, first.fd)
      second.wake()
      assert.deepEqual(io.poll([first.fd, second.fd], 1000), [first.fd, second.fd])
      first.close()
      second.clear()
      assert.deepEqual(io.poll([second.fd], 0), [])
    },
  },
  {
    name: 'what is no event cannot be adopted',
    run: ({ io, near, openDescriptors }) => {
      const netlink = io.openNetlink()
      const before = openDescriptors()
      assertRefused(() => io.adoptWake(netlink.fd), 'fcntl', 'EBADF')
      assertRefused(() => io.adoptWake(2 ** 30 + near.ifindex), 'fcntl', 'EBADF')
      assert.equal(openDescriptors(), before)
    },
  },
  {
    name: 'a descriptor that this adapter did not open is not polled',
    run: ({ io }) => assertRefused(() => io.poll([0], 0), 'poll', 'EBADF'),
  },
]
