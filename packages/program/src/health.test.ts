import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startHealth } from './health.ts'

describe('the health server', () => {
  it('answers what each check says, at the moment it is asked', async () => {
    let missing: string | undefined = 'nodes are not listed yet'
    const server = await startHealth({ host: '127.0.0.1', port: 0 }, { healthy: () => undefined, ready: () => missing })
    const get = async (path: string): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`)
      return [response.status, await response.text()]
    }
    try {
      assert.deepEqual(await get('/healthz'), [200, 'ok\n'])
      assert.deepEqual(await get('/readyz'), [503, 'nodes are not listed yet\n'])
      missing = undefined
      assert.deepEqual(await get('/readyz?verbose'), [200, 'ok\n'])
      assert.equal((await get('/metrics'))[0], 404)
    } finally {
      await server.stop()
    }
  })
  it('says which flag a taken port came from', async () => {
    const checks = { healthy: () => undefined, ready: () => undefined }
    const first = await startHealth({ host: '127.0.0.1', port: 0 }, checks)
    try {
      await assert.rejects(
        startHealth({ host: '127.0.0.1', port: first.port }, checks),
        /--health-probe-port: cannot listen on 127\.0\.0\.1, port \d+/,
      )
    } finally {
      await first.stop()
    }
  })
})
