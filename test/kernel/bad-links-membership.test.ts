import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ownerChanges, twoAnswerersMs } from '../lab/wire/answerers.ts'
import { toldAt } from '../netns/link/member-process.ts'
import { eventually } from '../netns/link/speaker-node.ts'
import { keepOwned, type Keeper } from './bad-links/keeper.ts'
import { type MemberLan, type MemberLanOptions, octetOf, openMemberLan, VIP } from './bad-links/member-lan.ts'
import {
  AWFUL,
  BOUND,
  CORRUPTED,
  DUPLICATED,
  GOOD,
  JITTER_50,
  type LinkQuality,
  LOSS_1,
  LOSS_20,
  LOSS_5,
  NARROW,
  REORDERED,
  ROUGH,
  setQuality,
} from './bad-links/quality.ts'
import { dropsOf, udpChecksumErrors, verdictsSince } from './bad-links/verdicts.ts'
import { startWitness, type Witness } from './bad-links/witness.ts'

/** The links of the issue: up to here nobody may be taken for dead who is not. */
const BEARABLE = [GOOD, LOSS_1, LOSS_5, JITTER_50, REORDERED, DUPLICATED, CORRUPTED, NARROW, BOUND, ROUGH]
const TOO_BAD = [LOSS_20, AWFUL]
const QUIET_MS = 6000
const BAD_MS = 15_000
const KILLS = 3
/** No figure, but what nobody would call noticed any more: on a good link it takes half a second. */
const NOTICED_MS = 3000
/** So long two may answer: one that comes back doubts itself for 300 ms at most, and then goes on until the better claim has come. */
const BESIDE_MS = 1500

/** What was seen while nobody was killed. */
type Quiet = { readonly suspicions: number; readonly deaths: number; readonly changes: number; readonly twoMs: number }

type Plan = MemberLanOptions & { readonly bearable: readonly LinkQuality[]; readonly bad: readonly LinkQuality[] }

function testMembers(plan: Plan): void {
  let lan: MemberLan
  let keeper: Keeper | undefined
  let witness: Witness | undefined
  before(async () => {
    lan = await openMemberLan('bl', plan)
    await lan.allLive()
    keeper = keepOwned(VIP, lan.members)
    witness = startWitness(lan.client, VIP, lan.wire)
  })
  after(async () => {
    keeper?.stop()
    await witness?.stop()
    await lan.close()
  })

  const held = (): Keeper => keeper ?? assert.fail('nobody has the address')
  const answersSince = (ms: number): readonly Answer[] => witness?.answers(ms) ?? assert.fail('nobody asks')

  const watchQuietly = async (ms: number): Promise<Quiet> => {
    const since = Date.now()
    await sleep(ms)
    const verdicts = verdictsSince(lan.members, since)
    const answers = answersSince(since)
    assert.ok(answers.length > 0, 'nobody answered')
    const told = (status: string): number => verdicts.filter((verdict) => verdict.status === status).length
    const [suspicions, deaths] = [told('suspect'), told('dead')]
    return { suspicions, deaths, changes: ownerChanges(answers).length, twoMs: twoAnswerersMs(answers) }
  }

  /** Stops the owner until another has its address and all live again; when each other one told it dead. */
  const kill = async (): Promise<{ readonly took: readonly number[]; readonly twoMs: number }> => {
    await lan.allLive()
    const owner = held().owner()
    const others = lan.members.filter((each) => each !== owner)
    const since = Date.now()
    owner.freeze()
    const dead = (): (number | undefined)[] => others.map((each) => toldAt(each, owner.node, 'dead', since))
    await eventually('all others say so', () => dead().every((at) => at !== undefined))
    const answersNow = (): boolean => answersSince(since).at(-1)?.mac === octetOf(held().owner().node)
    await eventually('another answers', () => held().owner() !== owner && answersNow())
    const thawedAt = Date.now()
    owner.thaw()
    await lan.allLive()
    await sleep(500)
    return { took: dead().map((at) => (at ?? 0) - since), twoMs: twoAnswerersMs(answersSince(thawedAt)) }
  }

  const tell = (test: TestContext, quiet: Quiet, kills: Awaited<ReturnType<typeof kill>>[]): void => {
    const took = kills.flatMap((each) => each.took).toSorted((one, other) => one - other)
    const middle = took[Math.floor(took.length / 2)]
    test.diagnostic(
      `quiet: ${quiet.suspicions} suspicions, ${quiet.deaths} deaths, ${quiet.changes} changes of owner, two answered for ` +
        `${quiet.twoMs.toFixed(0)} ms; told dead after ${took[0]} / ${middle} / ${took.at(-1)} ms; ` +
        `two after a thaw: ${kills.map(({ twoMs }) => twoMs.toFixed(0)).join(' ')} ms`,
    )
    for (const ms of took) assert.ok(ms < NOTICED_MS, `${ms} ms`)
    for (const { twoMs } of [quiet, ...kills]) assert.ok(twoMs < BESIDE_MS, `${twoMs} ms`)
  }

  const killSome = async (): Promise<Awaited<ReturnType<typeof kill>>[]> => {
    const kills = []
    for (let round = 0; round < KILLS; round++) kills.push(await kill())
    return kills
  }

  for (const quality of plan.bearable) {
    it(`${quality.name}: nobody is falsely dead, the address stays, and a real death is told`, async (test) => {
      setQuality(lan.spaces, lan.uplinks, quality)
      await lan.allLive()
      const quiet = await watchQuietly(QUIET_MS)
      assert.deepEqual({ ...quiet, suspicions: 0 }, { suspicions: 0, deaths: 0, changes: 0, twoMs: 0 })
      tell(test, quiet, await killSome())
    })
  }

  for (const quality of plan.bad) {
    it(`${quality.name}: two never answer for long, and all is well again by itself`, async (test) => {
      setQuality(lan.spaces, lan.uplinks, quality)
      const quiet = await watchQuietly(BAD_MS)
      const kills = await killSome()
      setQuality(lan.spaces, lan.uplinks, GOOD)
      await lan.allLive()
      const last = await watchQuietly(1000)
      assert.deepEqual(last, { suspicions: 0, deaths: 0, changes: 0, twoMs: 0 })
      tell(test, quiet, kills)
    })
  }

  it('counted duplicates as replays, and what was damaged by whoever found it first', async (test) => {
    // They are told every ten seconds.
    await sleep(11_000)
    const drops = lan.members.map(dropsOf)
    const sum = (reason: string): number => drops.reduce((total, each) => total + (each[reason] ?? 0), 0)
    const damaged = lan.uplinks.reduce((total, { namespace }) => total + udpChecksumErrors(lan.spaces, namespace), 0)
    test.diagnostic(
      `${sum('Replayed')} replayed, ${damaged} that the kernel found to be damaged, ${sum('Forged')} that we did`,
    )
    assert.ok(sum('Replayed') > 0)
    // Over UDP the kernel's checksum stands before our seal; a frame of our own has the seal alone.
    assert.ok(damaged > 0)
    if (!plan.bound) assert.ok(sum('Forged') > 0)
  })
}

describe('three members on bad links', () => testMembers({ count: 3, bound: true, bearable: BEARABLE, bad: TOO_BAD }))
describe('five members on bad links, which also beat on their interfaces', () =>
  testMembers({ count: 5, bound: false, bearable: [ROUGH], bad: [AWFUL] }))
