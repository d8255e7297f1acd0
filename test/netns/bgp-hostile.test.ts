import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Child, startChild } from '../lab/child.ts'
import { inNamespace } from '../lab/command.ts'
import { waitFor } from '../lab/wait.ts'
import { HOSTILE_ASN, MILLION, type Misdeed, REQUESTS } from './bgp/hostile-terms.ts'
import { type Network, openNetwork, ROUTER } from './bgp/network.ts'
import { type Peer, peerConfig, routeText, startPeer } from './bgp/peer.ts'

const PROGRAM = new URL('./bgp/hostile-program.ts', import.meta.url).pathname
/** Between the first look and the last: what a heap breathes. A table of a million routes would be hundreds. */
const MOST_GROWTH_MIB = 60

describe('our BGP and peers that mean no good', () => {
  const made: { network?: Network; other?: Child; peer?: Peer } = {}
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-hostile-'))
  before(() => {
    made.network = openNetwork('bgh', [])
  })
  after(() => {
    made.network?.spaces.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Both ends, for the time of one test. */
  async function against(misdeed: Misdeed, check: (peer: Peer, other: Child) => Promise<void>): Promise<void> {
    const { network } = made
    assert.ok(network !== undefined)
    const other = startChild({
      name: misdeed,
      command: [...inNamespace(network.router), process.execPath, '--conditions=source', PROGRAM, misdeed],
      logFile: join(folder, `${misdeed}.log`),
    })
    await waitFor('the other end', () => other.tail().includes('ready'), { background: other.tail })
    const config = peerConfig({
      localAsn: 65_001,
      peerAsn: HOSTILE_ASN,
      families: [4],
      holdMs: 30_000,
      keepaliveMs: 10_000,
    })
    const peer = startPeer(network.us, { address: ROUTER.ipv4, config })
    try {
      await check(peer, other)
    } finally {
      await peer.kill()
      await other.stop()
    }
  }

  it('a million routes are looked at, counted and forgotten: memory stays flat', () =>
    against('million', async (peer, other) => {
      await peer.established()
      const first = await peer.look()
      await waitFor('all of them', () => other.tail().includes('told'), { timeoutMs: 60_000 })
      const last = await waitFor('the count', async () => {
        const look = await peer.look()
        return look.counters.receivedPrefixes >= MILLION && look
      })
      assert.equal(last.counters.receivedPrefixes, MILLION)
      assert.equal(last.counters.malformedUpdates, 0)
      assert.ok(last.mebibytes - first.mebibytes < MOST_GROWTH_MIB, `from ${first.mebibytes} to ${last.mebibytes} MiB`)
      assert.equal(peer.view().flaps, 0)
    }))

  it('one that asks for everything 10 000 times gets few answers, costs no memory, and the session stands', () =>
    against('flood', async (peer) => {
      await peer.established()
      peer.announce(Array.from({ length: 200 }, (_, n) => routeText(`10.1.${n}.0/24`)))
      peer.complete()
      const first = await peer.look()
      const last = await waitFor('all requests', async () => {
        const look = await peer.look()
        return look.counters.received.routeRefresh === REQUESTS && look
      })
      // What is asked for while an answer is due is answered once.
      assert.ok(last.counters.sent.update < REQUESTS / 100, `${last.counters.sent.update} UPDATEs`)
      assert.ok(last.mebibytes - first.mebibytes < MOST_GROWTH_MIB, `from ${first.mebibytes} to ${last.mebibytes} MiB`)
      assert.equal(peer.view().state, 'established')
    }))

  it('one that takes the connection and says nothing is left, and named', () =>
    against('half open', async (peer) => {
      const error = await waitFor('an error', () => peer.view().lastError, {
        timeoutMs: 30_000,
        background: () => peer.views.map((view) => JSON.stringify(view)).join('\n'),
      })
      assert.match(error, /OPEN/)
    }))

  it('one that says OPEN and nothing more is left by the hold timer', () =>
    against('open only', async (peer) => {
      const { code } = await waitFor(
        'our NOTIFICATION',
        () => peer.notifications.find(({ which }) => which === 'sent'),
        {
          timeoutMs: 45_000,
        },
      )
      assert.equal(code, 4)
    }))
})
