import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import { fakeAddon } from './fake-addon.ts'
import { kernelIo } from './kernel-io.ts'

describe('the slice of a thread', () => {
  it('is handed on as it was asked for, and told as the kernel has it', () => {
    const asked: number[] = []
    const setSlice = (nanoseconds: number): number => {
      asked.push(nanoseconds)
      return 100_000
    }
    assert.equal(kernelIo(fakeAddon({ setSlice })).setSlice(5), 100_000)
    assert.deepEqual(asked, [5])
  })

  it('is 0 where the kernel has no such thing', () => {
    assert.equal(kernelIo(fakeAddon({ setSlice: () => 0 })).setSlice(100_000), 0)
  })

  it('that is refused is an error of the world', () => {
    const io = kernelIo(fakeAddon({ setSlice: () => -constants.errno.EPERM }))
    assert.throws(() => io.setSlice(100_000), { name: 'SystemCallError', call: 'sched_setattr', errno: 'EPERM' })
  })

  const wrong: readonly (readonly [given: unknown, expected: RegExp])[] = [
    ['100000', /TypeError: nanoseconds must be a number, not string/],
    [0, /RangeError: nanoseconds must be an integer from 1 to 2147483647, not 0/],
    [-1, /RangeError: nanoseconds .* not -1/],
    [0.5, /RangeError: nanoseconds .* not 0.5/],
    [2 ** 31, /RangeError: nanoseconds .* not 2147483648/],
  ]
  for (const [given, expected] of wrong) {
    it(`of ${JSON.stringify(given)} is refused before the kernel is asked`, () => {
      const io = kernelIo(fakeAddon({ setSlice: () => assert.fail('the kernel was asked') }))
      // What types forbid; whether it is refused all the same is what is asked here.
      assert.throws(() => io.setSlice(given as number), expected)
    })
  }
})
