import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { it } from 'node:test'
import { systemClock } from '@steelyard/runtime'
import { nodeIncoming, nodeTransport } from './node-transport.ts'
import { startSession } from './session/session.ts'
import { PEER } from './testing/duet.ts'

const PACKAGE = new URL('..', import.meta.url).pathname
const CODE = /```ts\n(?<code>[\s\S]*?)```/.exec(readFileSync(`${PACKAGE}README.md`, 'utf8'))?.groups?.['code'] ?? ''

it('the ten lines of the README peer with a router and announce a prefix', { timeout: 20_000 }, async () => {
  assert.equal(CODE.split('\n').filter((line) => line !== '' && !line.startsWith('import')).length, 8)
  const options = { routerId: '127.0.0.2' }
  const transport = nodeTransport({ host: '127.0.0.1' }, options)
  const ports = { transport, clock: systemClock, random: Math.random }
  let announced = (): void => {}
  const isAnnounced = new Promise<void>((resolve) => (announced = resolve))
  const router = startSession({ ...PEER, localAsn: 64_999, peerAsn: { kind: 'external' }, passive: true }, ports, {
    onView: () => {},
    onNotification: () => {},
  })
  const server = createServer((socket) => {
    socket.on('data', () => setImmediate(() => router.counters().receivedPrefixes > 0 && announced()))
    router.accept(nodeIncoming(socket, options))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const code = CODE.replace("host: '192.0.2.1', port: 179", `host: '127.0.0.1', port: ${port}`)
  assert.notEqual(code, CODE)
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', code], {
    cwd: PACKAGE,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  try {
    await isAnnounced
    assert.equal(router.counters().receivedPrefixes, 1)
    assert.equal(router.view().established?.remoteAsn, 64_512)
  } finally {
    child.kill()
    await ended
    await router.stop({ kind: 'silent' })
    server.close()
  }
})
