import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { longestGapMs } from '../../lab/client/gaps.ts'
import type { Witness } from '../../lab/client/witness.ts'
import { rollOutSpeakers } from '../../lab/install.ts'
import { allReady } from './cluster.ts'
import { service } from './objects.ts'
import { createService, removeService, waitForAnswer } from './scene.ts'
import {
  answerersNow,
  CEILING_MS,
  changesOf,
  pause,
  soleOwner,
  staysWith,
  type Watched,
  witnessed,
} from './witnessed.ts'

/**
 * One packet lost at the hand-over: its attempt fails after the 200 ms that the client allows, while the ones behind
 * it succeed. The rest is for a shared machine.
 */
const LOST_PACKET_MS = 300
/** Without an answer for so long an address has no owner: fifty questions, on a shared machine. */
const UNOWNED_MS = 1000
/** Kernels that have given up on a neighbour ask for it again each second: until then the halves have not met. */
const MEETING_MS = 1500
const BUSY_MS = 15_000

type Failure = {
  readonly what: string
  readonly hit: (watched: Watched, owner: string) => Promise<void>
  readonly mend: (watched: Watched, owner: string) => Promise<void>
}

const FAILURES: readonly Failure[] = [
  {
    what: 'whose cable is cut',
    hit: ({ lab }, owner) => lab.faults.cutLink(owner),
    mend: ({ lab }, owner) => lab.faults.restoreLink(owner),
  },
  {
    what: 'that stands still',
    hit: ({ lab }, owner) => lab.faults.freezeNode(owner),
    mend: ({ lab }, owner) => lab.faults.thawNode(owner),
  },
  {
    what: 'whose speaker is killed',
    hit: async ({ lab }, owner) => lab.programs.kill(lab.programs.speakerOn(owner), { restart: false }),
    mend: async ({ lab }, owner) => lab.programs.restart(lab.programs.speakerOn(owner)),
  },
]

/** Nodes and speakers fail one by one; Kubernetes is too slow, in this lab, to be of any help. */
export function failoverSuite(watched: () => Watched): void {
  describe('an address of a node', () => {
    for (const [index, { what, hit, mend }] of FAILURES.entries()) {
      const name = `moving-${index}`
      it(`${what} moves to one other, and stays there when the node is back`, async () => {
        const all = watched()
        const [address = ''] = await createService(all.lab, service(name))
        await waitForAnswer(all.lab, address)
        const moves: string[] = []
        const seen = await witnessed(all, [address], async (witness) => {
          const owner = await soleOwner(all, witness, { address })
          await hit(all, owner)
          const next = await otherOwner(all, witness, { address, owner, mend: () => mend(all, owner) })
          moves.push(`${owner}>${next}`)
          await allReady(all.lab)
          await soleOwner(all, witness, { address, node: next })
          await staysWith(all, witness, { address, node: next })
        })
        assert.deepEqual(changesOf(all, seen.answers(address)), moves)
        await waitForAnswer(all.lab, address)
        await removeService(all.lab, name)
      })
    }

    it('whose cable is cut moves though the API server is away', async () => {
      const all = watched()
      const [address = ''] = await createService(all.lab, service('alone'))
      await waitForAnswer(all.lab, address)
      await witnessed(all, [address], async (witness) => {
        const owner = await soleOwner(all, witness, { address })
        await all.lab.faults.stopApiServer()
        await all.lab.faults.cutLink(owner)
        const mend = async (): Promise<void> => {
          await all.lab.faults.restoreLink(owner)
          await all.lab.faults.startApiServer()
        }
        await otherOwner(all, witness, { address, owner, mend })
      })
      await allReady(all.lab)
      await removeService(all.lab, 'alone')
    })
  })

  describe('a speaker that is stopped in order', () => {
    it('hands over before it stops: no connection fails for longer than a lost packet', async () => {
      const all = watched()
      const [address = ''] = await createService(all.lab, service('orderly'))
      await waitForAnswer(all.lab, address)
      const moves: string[] = []
      const seen = await witnessed(all, [address], async (witness) => {
        const owner = await soleOwner(all, witness, { address })
        const pod = all.lab.programs.speakerOn(owner)
        await all.lab.programs.stop(pod, { restart: false })
        const mend = async (): Promise<void> => all.lab.programs.restart(pod)
        const next = await otherOwner(all, witness, { address, owner, mend })
        moves.push(`${owner}>${next}`)
        await allReady(all.lab)
        await staysWith(all, witness, { address, node: next })
      })
      assert.deepEqual(changesOf(all, seen.answers(address)), moves)
      assert.ok(seen.client.longestGapMs <= LOST_PACKET_MS, `a gap of ${seen.client.longestGapMs} ms`)
      await removeService(all.lab, 'orderly')
    })

    it('as all of them are, one after the other, leaves no address unowned at any time', async () => {
      const all = watched()
      const names = ['roll-1', 'roll-2', 'roll-3', 'roll-4', 'roll-5', 'roll-6']
      const addresses = await createAll(all, names)
      const span = { from: 0, to: 0 }
      const seen = await witnessed(all, addresses, async (witness) => {
        for (const address of addresses) await soleOwner(all, witness, { address })
        span.from = Date.now()
        await rollOutSpeakers(all.lab)
        await allReady(all.lab)
        span.to = Date.now()
        for (const address of addresses) await soleOwner(all, witness, { address })
      })
      for (const address of addresses) {
        const silence = longestGapMs(
          seen.answers(address).map(({ at }) => at),
          span,
        )
        assert.ok(silence < UNOWNED_MS, `${address} was unanswered for ${Math.round(silence)} ms`)
      }
      assert.ok(seen.client.longestGapMs < UNOWNED_MS, `a gap of ${seen.client.longestGapMs} ms`)
      await removeAll(all, names)
    })
  })

  describe('a node in maintenance', () => {
    it('gives away all it has, takes nothing, and is given addresses again once it is back', async () => {
      const all = watched()
      const names = ['kept-1', 'kept-2', 'kept-3']
      const addresses = await createAll(all, names)
      const owners: string[] = []
      await witnessed(all, addresses, async (witness) => {
        for (const address of addresses) owners.push(await soleOwner(all, witness, { address }))
        const [node = ''] = owners
        await all.lab.faults.startMaintenance(node)
        try {
          for (const address of addresses) {
            await soleOwner(all, witness, { address, butNot: node })
          }
          await takesNothing(all, node)
        } finally {
          await all.lab.faults.endMaintenance(node)
        }
      })
      const [node = ''] = owners
      assert.ok((await ownersOfNew(all, 'back')).includes(node), `${node} is given nothing any more`)
      await removeAll(all, names)
    })
  })

  describe('a network that falls in two', () => {
    it('serves both sides, and agrees on the owner of the larger one when it is whole again', async () => {
      const all = watched()
      const [address = ''] = await createService(all.lab, service('halves'))
      await waitForAnswer(all.lab, address)
      const seen = await witnessed(all, [address], async (witness) => {
        const owner = await soleOwner(all, witness, { address })
        const others = all.lab.nodes.map(({ name }) => name).filter((name) => name !== owner)
        const here = [...others, all.client.name, all.asker.name]
        await all.lab.faults.partition([owner, all.neighbour.name], here)
        const next = await otherOwner(all, witness, { address, owner, mend: all.lab.faults.healPartition })
        await pause(MEETING_MS)
        await soleOwner(all, witness, { address, node: next })
        await staysWith(all, witness, { address, node: next })
        assert.deepEqual(answerersNow(all, witness, address), [next])
      })
      assert.ok((seen.other?.longestGapMs ?? 0) < CEILING_MS, `the neighbour's gap: ${seen.other?.longestGapMs} ms`)
      await waitForAnswer(all.lab, address)
      await removeService(all.lab, 'halves')
    })
  })

  describe('a machine whose cores are all busy', () => {
    it('takes nobody for dead: no address moves', async () => {
      const all = watched()
      const names = ['busy-1', 'busy-2', 'busy-3']
      const addresses = await createAll(all, names)
      const seen = await witnessed(all, addresses, async (witness) => {
        for (const address of addresses) await soleOwner(all, witness, { address })
        await all.lab.faults.saturate()
        await pause(BUSY_MS)
        await all.lab.faults.relieve()
      })
      assert.deepEqual(
        addresses.flatMap((address) => changesOf(all, seen.answers(address))),
        [],
      )
      await removeAll(all, names)
    })
  })
}

/** With two interfaces on a node, each on a LAN of its own; watched from the second. */
export function interfaceSuite(watched: () => Watched): void {
  describe('an address on a node with two interfaces, one of which loses its carrier', () => {
    it('moves to a node that has both, and stays there when the carrier is back', async () => {
      const all = watched()
      const [address = ''] = await createService(all.lab, service('two-armed'))
      const moves: string[] = []
      const seen = await witnessed(all, [address], async (witness) => {
        const owner = await soleOwner(all, witness, { address })
        await all.lab.faults.cutLink(owner, 'second')
        const mend = (): Promise<void> => all.lab.faults.restoreLink(owner, 'second')
        const next = await otherOwner(all, witness, { address, owner, mend })
        moves.push(`${owner}>${next}`)
        await staysWith(all, witness, { address, node: next })
      })
      assert.deepEqual(changesOf(all, seen.answers(address)), moves)
      await removeService(all.lab, 'two-armed')
    })
  })
}

type Move = { readonly address: string; readonly owner: string; readonly mend: () => Promise<void> }

/** Waits until another node alone answers for the address, then mends what was broken, whether one did or not. */
async function otherOwner(all: Watched, witness: Witness, { address, owner, mend }: Move): Promise<string> {
  try {
    return await soleOwner(all, witness, { address, butNot: owner })
  } finally {
    await mend()
  }
}

async function createAll({ lab }: Watched, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of names) found.push(...(await createService(lab, service(name))))
  for (const address of found) await waitForAnswer(lab, address)
  return found
}

async function removeAll({ lab }: Watched, names: readonly string[]): Promise<void> {
  for (const name of names) await removeService(lab, name)
}

/** The owners of six Services made now; gone again afterwards. */
async function ownersOfNew(all: Watched, prefix: string): Promise<readonly string[]> {
  const names = Array.from({ length: 6 }, (_, index) => `${prefix}-${index}`)
  const addresses = await createAll(all, names)
  const owners: string[] = []
  await witnessed(all, addresses, async (witness) => {
    for (const address of addresses) owners.push(await soleOwner(all, witness, { address }))
  })
  await removeAll(all, names)
  return owners
}

async function takesNothing(all: Watched, node: string): Promise<void> {
  assert.equal((await ownersOfNew(all, 'new')).includes(node), false, `${node} is in maintenance and took an address`)
}
