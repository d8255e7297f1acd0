import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { loadAddon } from './addon.ts'

const addon = loadAddon()
const descriptors = (): number => readdirSync('/proc/self/fd').length
const EBADF = -constants.errno.EBADF

/** The functions that take a descriptor first, with good arguments behind it. */
const bytes = new Uint8Array(256)
const ON_DESCRIPTORS: Readonly<Record<string, (fd: number) => number>> = {
  close: (fd) => addon.close(fd),
  duplicate: (fd) => addon.duplicate(fd),
  bind: (fd) => addon.bind(fd, bytes),
  connect: (fd) => addon.connect(fd, bytes),
  listen: (fd) => addon.listen(fd, 1),
  setOption: (fd) => addon.setOption(fd, 1, 2, bytes),
  attachFilter: (fd) => addon.attachFilter(fd, bytes),
  localAddress: (fd) => addon.localAddress(fd, bytes),
  receive: (fd) => addon.receive(fd, bytes, bytes, new Int32Array(3)),
  send: (fd) => addon.send(fd, bytes, bytes),
  poll: (fd) => addon.poll(Int32Array.of(fd), 1, 0),
  wakeEvent: (fd) => addon.wakeEvent(fd),
  clearEvent: (fd) => addon.clearEvent(fd),
}

describe('the compiled addon', () => {
  for (const [name, act] of Object.entries(ON_DESCRIPTORS)) {
    it(`${name} touches no descriptor that it did not open: EBADF for standard output, a closed one, and nonsense`, () => {
      const closed = addon.openEvent()
      assert.equal(addon.close(closed), 0)
      for (const fd of [0, 1, 2, closed, -1, 2 ** 31 - 1]) assert.equal(act(fd), EBADF, `${fd}`)
    })
  }

  it('takes a slice for the calling thread, and no nonsense for one', () => {
    for (const nonsense of [0, -1]) assert.equal(addon.setSlice(nonsense), -constants.errno.EINVAL)
    for (const wrong of [undefined, 0.5, 2 ** 31, 'x', 1n]) {
      assert.throws(() => Reflect.apply(addon.setSlice, undefined, [wrong]), TypeError)
    }
  })

  it('refuses buffers that are too short for what it must write', () => {
    const fd = addon.socket(2, 2, 0)
    assert.ok(fd > 2)
    const EINVAL = -constants.errno.EINVAL
    assert.equal(addon.receive(fd, bytes, new Uint8Array(127), new Int32Array(3)), EINVAL)
    assert.equal(addon.receive(fd, bytes, bytes, new Int32Array(2)), EINVAL)
    assert.equal(addon.localAddress(fd, new Uint8Array(3)), -constants.errno.ENOBUFS)
    assert.equal(addon.attachFilter(fd, new Uint8Array(9)), EINVAL)
    assert.equal(addon.attachFilter(fd, new Uint8Array(0)), EINVAL)
    assert.equal(addon.poll(Int32Array.of(fd), 2, 0), EINVAL)
    assert.equal(addon.poll(Int32Array.of(fd), -1, 0), EINVAL)
    assert.equal(addon.poll(new Int32Array(5000), 5000, 0), EINVAL)
    addon.close(fd)
  })

  it('takes any arguments, of any kind and number, without falling over, and throws TypeError for the wrong ones', () => {
    const random = seededRandom(5)
    const garbage: readonly unknown[] = [
      undefined,
      null,
      true,
      '',
      'text',
      -1,
      0,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 40,
      10n,
      Symbol('s'),
      {},
      [],
      () => 0,
      new Uint8Array(0),
      new Uint8Array(200),
      new Int32Array(3),
      new Float64Array(2),
      new DataView(new ArrayBuffer(8)),
      new ArrayBuffer(8),
      new Uint8Array(new SharedArrayBuffer(8)),
    ]
    const pick = (): unknown => garbage[Math.floor(random() * garbage.length)]
    // Not socket, openEvent and adoptEvent, which may succeed; close and duplicate own nothing to harm.
    const functions = Object.entries(addon).filter(([name]) => name in ON_DESCRIPTORS)
    const before = descriptors()
    let thrown = 0
    for (let round = 0; round < 50_000; round++) {
      const [, act] = functions[round % functions.length] ?? []
      const given = Array.from({ length: Math.floor(random() * 6) }, pick)
      try {
        const result: unknown = typeof act === 'function' ? Reflect.apply(act, undefined, given) : 0
        assert.equal(typeof result, 'number')
      } catch (error) {
        assert.ok(error instanceof TypeError, String(error))
        thrown++
      }
    }
    assert.ok(thrown > 40_000)
    assert.equal(descriptors(), before)
  })

  it('gives every thread its own descriptors, and closes those of a thread that ends', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads')
      const addon = require(workerData.file)
      const mine = Array.from({ length: 50 }, () => addon.openEvent())
      parentPort.postMessage({ foreign: addon.wakeEvent(workerData.fd), own: addon.wakeEvent(mine[0]) })
      parentPort.once('message', () => process.exit())
    `
    const file = new URL('../build/raw_socket.node', import.meta.url).pathname
    const fd = addon.openEvent()
    const before = descriptors()
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(code, { eval: true, workerData: { file, fd } })
      const said = await new Promise((resolve) => worker.once('message', resolve))
      assert.deepEqual(said, { foreign: EBADF, own: 0 })
      const gone = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage('end')
      await gone
    }
    assert.ok(descriptors() < before + 50, `${before} descriptors before, ${descriptors()} after`)
    assert.equal(addon.wakeEvent(fd), 0)
    addon.close(fd)
  })
})
