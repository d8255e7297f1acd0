import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'

/** Lets a megabyte pass by a few hundred times, and tells how large the heap has become. */
const CHURN = `
  let last
  for (let round = 0; round < 400; round++) {
    last = Array.from({ length: 4000 }, (_, index) => ({ round, index, text: 'x' + index }))
    if (round % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  console.log(process.memoryUsage().heapTotal, last.length)`

function heapAfterChurn(first: string): { readonly bytes: number; readonly errors: string } {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', `${first}\n${CHURN}`])
  return { bytes: Number(String(stdout).split(' ')[0]), errors: String(stderr) }
}

it('a small heap is preferred: V8 knows the flags, and less is kept of what passed by', () => {
  const module = new URL('small-heap.ts', import.meta.url).href
  const small = heapAfterChurn(`const { preferSmallHeap } = await import('${module}'); preferSmallHeap()`)
  const usual = heapAfterChurn('')
  assert.equal(small.errors, '')
  assert.ok(small.bytes > 0 && small.bytes < usual.bytes, `${small.bytes} of ${usual.bytes}`)
})
