import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

/** Where the worker looks for the word to stop. */
const UNTIL_STOPPED = `
  import { workerData } from 'node:worker_threads'
  const control = new Int32Array(workerData.control)
  while (Atomics.load(control, 0) === 0) Atomics.wait(control, 1, 0, 20)`

/**
 * Runs a program that starts the link with another worker in place of the real one, which would need
 * a kernel. In a process of its own, since what is to be seen is how the process ends.
 */
function run(
  worker: string,
  program: string,
  watchMs = 10_000,
): { status: number | null; stdout: string; stderr: string } {
  const code = `
    import { startLink } from ${JSON.stringify(new URL('./start-link.ts', import.meta.url).href)}
    const wake = { fd: 0, handle: 0, wake: () => {}, clear: () => {}, close: () => console.log('wake closed') }
    const entry = new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(worker)}))
    const link = startLink({ io: { openWake: () => wake }, entry, watchMs: ${watchMs} })
    ${program}`
  const options = { encoding: 'utf8', timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], options)
  return { status, stdout, stderr }
}

describe('the link of a process', () => {
  it('that is stopped ends, and the process with it', () => {
    const { status, stdout } = run(UNTIL_STOPPED, `await link.stop(); await link.stop(); console.log('stopped')`)
    assert.deepEqual([status, stdout], [0, 'wake closed\nstopped\n'])
  })

  it('does not hold up a process that exits', () => {
    const { status } = run(UNTIL_STOPPED, `setTimeout(() => process.exit(7), 100)`)
    assert.equal(status, 7)
  })

  it('does not hold up a process that crashes', () => {
    const { status, stderr } = run(UNTIL_STOPPED, `setTimeout(() => { throw new Error('main is broken') }, 100)`)
    assert.equal(status, 1)
    assert.match(stderr, /main is broken/)
  })

  it('whose worker crashes takes the process down, and says why', () => {
    const { status, stderr } = run(`throw new TypeError('a bug in the worker')`, `setInterval(() => {}, 1000)`)
    assert.equal(status, 1)
    assert.match(stderr, /the link worker crashed/)
    assert.match(stderr, /a bug in the worker/)
  })

  it('whose worker ends unasked takes the process down', () => {
    const { status, stderr } = run('', `setInterval(() => {}, 1000)`)
    assert.equal(status, 1)
    assert.match(stderr, /the link worker ended by itself, with code 0/)
  })

  it('whose worker hangs takes the process down', () => {
    const hanging = `
      import { workerData } from 'node:worker_threads'
      Atomics.add(new Int32Array(workerData.control), 1, 1)
      for (;;);`
    const { status, stderr } = run(hanging, `setInterval(() => {}, 1000)`, 100)
    assert.equal(status, 1)
    assert.match(stderr, /the link worker hangs/)
  })

  it('whose worker has no file takes the process down', () => {
    const program = `startLink({ io: { openWake: () => wake }, entry: new URL('file:///nowhere/worker.mjs') })`
    const { status, stderr } = run(UNTIL_STOPPED, program)
    assert.equal(status, 1)
    assert.match(stderr, /the link worker crashed[\s\S]*nowhere/)
  })

  it('hands facts over in order, and of several desires in one turn only the last', () => {
    const worker = `
      import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
      parentPort.postMessage({ kind: 'ready' })
      const control = new Int32Array(workerData.control)
      while (Atomics.load(control, 0) === 0) {
        const message = receiveMessageOnPort(parentPort)
        if (message) parentPort.postMessage(message.message)
        Atomics.wait(control, 1, 0, 20)
      }`
    const { status, stdout } = run(
      worker,
      `const facts = []
       const desired = (ip) => ({ addresses: [{ ip, interfaces: 'all' }], excludeInterfaces: [] })
       link.onFact((fact) => {
         console.log(fact.kind, fact.desired?.addresses[0].ip)
         if (fact.kind === 'desired') link.stop()
       })
       for (const ip of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) link.set(desired(ip))`,
    )
    assert.deepEqual([status, stdout], [0, 'ready undefined\ndesired 192.0.2.3\nwake closed\n'])
  })
})
