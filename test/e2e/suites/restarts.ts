import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service } from '@steelyard/model'
import type { Lab } from '../../lab/lab.ts'
import { addressesOf, PATHS, pool, service } from './objects.ts'
import { assertOneOwner, assertSilence, createService, removeService, statusNode, waitForAnswer } from './scene.ts'

const BURST = 200
const AWAY_MS = 20_000
/** Longer than a node that comes back takes to hear of what it missed. */
const SETTLE_MS = 5000

/** Nothing is lost and nothing moves, whatever ends and comes back. */
export function restartsSuite(lab: () => Lab): void {
  const burstNames = Array.from({ length: BURST }, (_, index) => `burst-${index}`)
  const statuses = async (): Promise<ReadonlyMap<string, string>> => {
    const { items } = await lab().api.list<Service>(PATHS.services)
    const mine = items.filter(({ metadata }) => metadata.name.startsWith('burst-'))
    return new Map(mine.flatMap((each) => addressesOf(each).map((address) => [each.metadata.name, address] as const)))
  }
  const controller = (): ReturnType<Lab['programs']['of']>[number] =>
    lab().programs.of('controller')[0] ?? assert.fail('no controller')

  describe('restarts', () => {
    it(`the controller, killed in the middle of ${BURST} new Services, loses none and changes none`, async () => {
      await lab().api.create(PATHS.pools, pool('burst', ['10.200.0.0/23'], { autoAssign: false }))
      const annotations = { 'metallb.io/address-pool': 'burst' }
      const creating = (async () => {
        for (const name of burstNames) await lab().api.create(PATHS.services, service(name, {}, { annotations }))
      })()
      const early = await lab().waitFor('a third of them to have addresses', async () => {
        const now = await statuses()
        return now.size >= BURST / 3 && now
      })
      lab().programs.kill(controller())
      await creating
      const late = await lab().waitFor(
        'all of them to have addresses',
        async () => {
          const now = await statuses()
          return now.size === BURST && now
        },
        { timeoutMs: 30_000 },
      )
      assert.equal(new Set(late.values()).size, BURST, 'every address is unique')
      for (const [name, address] of early) assert.equal(late.get(name), address, `${name} kept its address`)
    })

    it('and once more, killed at rest: not one status is written again', async () => {
      const before = await lab().api.list<Service>(PATHS.services)
      lab().programs.kill(controller())
      await lab().waitFor('the controller to be ready again', () => !controller().isReady())
      await lab().waitFor('the controller to be ready again', () => controller().isReady())
      const [address = ''] = await createService(lab(), service('after', {}))
      await waitForAnswer(lab(), address)
      const now = await lab().api.list<Service>(PATHS.services)
      const versions = new Map(now.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]))
      for (const { metadata } of before.items)
        assert.equal(versions.get(metadata.name), metadata.resourceVersion, metadata.name)
      await removeService(lab(), 'after')
      for (const name of burstNames) await removeService(lab(), name)
      await lab().api.remove(`${PATHS.pools}/burst`)
    })

    it('a node that is lost gives its address to another, and takes nothing when it comes back', async () => {
      const [address = ''] = await createService(lab(), service('moving'))
      const first = await assertOneOwner(lab(), 'moving', address)
      await lab().faults.cutLink(first)
      const next = await lab().waitFor('another owner', async () => {
        const node = await statusNode(lab(), 'moving')
        return node !== first && node
      })
      assert.equal(await assertOneOwner(lab(), 'moving', address), next)
      await lab().faults.restoreLink(first)
      await lab().waitFor(`the speaker on ${first} to be alive again`, () => lab().programs.speakerOn(first).isReady())
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
      assert.equal(await assertOneOwner(lab(), 'moving', address), next)
      await waitForAnswer(lab(), address)
      await removeService(lab(), 'moving')
    })

    it(`the API server, away for ${AWAY_MS / 1000} s: the address answers all the time, afterwards all is followed again`, async () => {
      const [stays = ''] = await createService(lab(), service('stays'))
      await assertOneOwner(lab(), 'stays', stays)
      const [goes = ''] = await createService(lab(), service('goes'))
      await assertOneOwner(lab(), 'goes', goes)
      const knocker = await lab().client.knock(stays, 80)
      await lab().faults.stopApiServer()
      const end = performance.now() + AWAY_MS
      while (performance.now() < end) {
        await lab().client.forgetNeighbours()
        await waitForAnswer(lab(), stays)
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
      await lab().faults.startApiServer()
      await removeService(lab(), 'goes')
      const knocking = await knocker.stop()
      // A shared machine may lose a connection to its own load; an address that is silent loses them all.
      assert.ok(
        knocking.failures < knocking.attempts / 100,
        `${knocking.failures} of ${knocking.attempts} connections failed`,
      )
      await lab().waitFor(
        'silence for the deleted Service',
        () => assertSilence(lab(), goes).then(() => true as const),
        { timeoutMs: 30_000 },
      )
      const [fresh = ''] = await createService(lab(), service('fresh'))
      await waitForAnswer(lab(), fresh)
      await removeService(lab(), 'stays')
      await removeService(lab(), 'fresh')
    })
  })
}
