import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { SpeakerReport } from '../../speaker/src/decide/speaker-report.ts'
import { wantedStatus } from '../../speaker/src/decide/speaker-status.ts'
import { session } from '../../speaker/src/testing/speaker-report.ts'
import { type Kind, KINDS, nameOf, objectOf, pathOf } from './crd-examples/example.ts'
import { FULL } from './crd-examples/full-size.ts'
import { PEER } from './crd-examples/peers.ts'
import { TUTORIALS } from './crd-examples/tutorials.ts'
import { applyCrds, causes, said } from './crd-server.ts'
import { type Answer, type CallOptions, type RealApi, startRealApi } from './real-api.ts'

let api: RealApi

before(async () => {
  api = await startRealApi()
  await applyCrds(api)
})
after(() => api.stop())

type Stored = { readonly metadata: object; readonly spec?: object; readonly status?: object }

async function must<T = Stored>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const answer = await api.call<T>(method, path, options)
  assert.ok(answer.status < 300, `${method} ${path}: ${said(answer as Answer)}`)
  return answer.body
}

const create = (kind: Kind, name: string, rest: object): Promise<Stored> =>
  must('POST', `${pathOf(kind)}?fieldValidation=Strict`, { body: objectOf(kind, name, rest) })

describe('what people have is taken as it stands', () => {
  for (const [what, yaml] of Object.entries(TUTORIALS)) {
    it(what, async () => {
      const { status, stderr } = await api.kubectl(['apply', '-f', '-'], yaml)
      assert.equal(status, 0, stderr)
    })
  }
})

const POLICY_DEFAULTS = {
  membership: { heartbeatInterval: '100ms', misses: 4 },
  partition: 'available',
  rebalance: { mode: 'never', delay: '5m' },
  moves: { perSecond: 20 },
  announcement: { refreshInterval: '60s', framesPerSecond: 2000 },
  duplicateAddress: 'warn',
  maintenance: { drainUnschedulable: false },
}

describe('defaults are filled in', () => {
  const rows: readonly (readonly [string, Kind, object, object])[] = [
    ['of a pool', KINDS.pool, { addresses: ['192.0.2.0/24'] }, { autoAssign: true, avoidBuggyIPs: false }],
    ['of a BGP advertisement', KINDS.bgp, {}, { aggregationLength: 32, aggregationLengthV6: 128 }],
    ['of a peer', KINDS.peer, PEER, { peerPort: 179, dualStackAddressFamily: false, disableMP: false }],
    ['of a v1beta1 peer', KINDS.oldPeer, PEER, { peerPort: 179, dualStackAddressFamily: false, disableMP: false }],
    ['of an L2 advertisement: none', KINDS.l2, {}, {}],
    ['of a BFD profile: none', KINDS.bfd, {}, {}],
    ['of a Community: none', KINDS.community, {}, {}],
    ['of a policy', KINDS.policy, {}, POLICY_DEFAULTS],
    [
      'of a policy that says one thing',
      KINDS.policy,
      { rebalance: { mode: 'now' } },
      { ...POLICY_DEFAULTS, rebalance: { mode: 'now', delay: '5m' } },
    ],
  ]
  for (const [what, kind, spec, defaults] of rows) {
    it(what, async () => {
      const name = nameOf(kind, `defaults-${kind.plural}-${kind.version}`)
      const stored = await create(kind, name, { spec })
      assert.deepEqual(stored.spec, { ...spec, ...defaults })
      await must('DELETE', pathOf(kind, name))
    })
  }
})

describe('both versions of BGPPeer', () => {
  const EVERYTHING = {
    ...PEER,
    localASN: 64_600,
    peerPort: 1179,
    sourceAddress: '192.0.2.2',
    routerID: '192.0.2.3',
    vrf: 'red',
    bfdProfile: 'fast',
    interface: '',
    holdTime: '9s',
    keepaliveTime: '3s',
    connectTime: '5s',
    nodeSelectors: [{ matchLabels: { rack: 'a' }, matchExpressions: [{ key: 'zone', operator: 'Exists' }] }],
    password: '',
    passwordSecret: { name: 'tor-1', namespace: 'elsewhere' },
    enableGracefulRestart: true,
    ebgpMultiHop: true,
    dualStackAddressFamily: true,
    disableMP: true,
  }
  const bySecond = { ...EVERYTHING, peerASN: 0, dynamicASN: 'external', peerAddress: '', interface: 'eth0' }
  const unsetTimers = {
    myASN: 64_512,
    peerASN: 64_513,
    peerAddress: '192.0.2.1',
    peerPort: 179,
    dualStackAddressFamily: false,
    disableMP: false,
  }
  const ROWS = [
    ['with everything in it', EVERYTHING],
    ['found on an interface, with a learnt AS number', bySecond],
    ['whose timers stay unset', unsetTimers],
  ] as const
  const WAYS = [
    [KINDS.peer, KINDS.oldPeer],
    [KINDS.oldPeer, KINDS.peer],
  ] as const
  for (const [what, spec] of ROWS) {
    for (const [first, second] of WAYS) {
      it(`lose nothing of a peer ${what}, made as ${first.version} and changed as ${second.version}`, async () => {
        const name = `both-${first.version}-${ROWS.findIndex((row) => row[0] === what)}`
        assert.deepEqual((await create(first, name, { spec })).spec, spec)
        const seen = await must('GET', pathOf(second, name))
        assert.deepEqual(seen.spec, spec)
        const changed = { ...seen, metadata: { ...seen.metadata, labels: { changed: 'yes' } } }
        assert.deepEqual((await must('PUT', pathOf(second, name), { body: changed })).spec, spec)
        assert.deepEqual((await must('GET', pathOf(first, name))).spec, spec)
      })
    }
  }

  it('stand in one order of preference: only v1beta1 comes with a warning, which names v1beta2', async () => {
    const warnings = async (kind: Kind): Promise<readonly string[]> => (await api.call('GET', pathOf(kind))).warnings
    assert.deepEqual(await warnings(KINDS.peer), [])
    assert.deepEqual(await warnings(KINDS.oldPeer), [
      'metallb.io/v1beta1 BGPPeer is deprecated; use metallb.io/v1beta2',
    ])
  })
})

describe('the status is written apart', () => {
  const COUNTERS = { assignedIPv4: 1, assignedIPv6: 0, availableIPv4: 255, availableIPv6: 9_007_199_254_740_991 }
  const SERVICE = { node: 'n1', serviceName: 'web', serviceNamespace: 'shop' }
  const NEVER = '2026-01-01T00:00:00Z'
  const condition = (type: string): object => ({
    type,
    status: 'True',
    reason: 'Reconciled',
    message: '',
    lastTransitionTime: NEVER,
  })
  const rows: readonly (readonly [Kind, object, object])[] = [
    [KINDS.pool, { spec: { addresses: ['192.0.2.0/24'] } }, COUNTERS],
    [KINDS.l2Status, {}, { ...SERVICE, interfaces: [{ name: 'eth0' }] }],
    [KINDS.bgpStatus, {}, { ...SERVICE, peers: ['tor-1', 'tor-2'] }],
    [KINDS.state, {}, { result: 'Valid', errorSummary: '', conditions: [condition('poolReconcilerValid')] }],
  ]
  for (const [kind, rest, status] of rows) {
    it(`of ${kind.kind}`, async () => {
      const made = await create(kind, 'apart', { ...rest, status })
      assert.equal(made.status, undefined)
      const written = await must('PUT', pathOf(kind, 'apart', 'status'), {
        body: { ...made, spec: { addresses: [] }, status },
      })
      assert.deepEqual(written.status, status)
      assert.deepEqual(written.spec, made.spec)
      const again = await must('PUT', pathOf(kind, 'apart'), { body: { ...written, status: {} } })
      assert.deepEqual(again.status, status)
    })
  }

  it('of a pool with all four counters, or none', async () => {
    const body = { status: { assignedIPv4: 1 } }
    const type = 'application/merge-patch+json'
    await create(KINDS.pool, 'counters', { spec: { addresses: ['198.51.100.0/24'] } })
    const answer = await api.call('PATCH', pathOf(KINDS.pool, 'counters', 'status'), { body, type })
    assert.equal(answer.status, 422)
    assert.deepEqual(
      causes(answer)
        .map((cause) => cause.replace(/:.*/, ''))
        .toSorted(),
      ['status.assignedIPv6', 'status.availableIPv4', 'status.availableIPv6'],
    )
  })

  it('of a ConfigurationState condition by condition, as two programs apply them', async () => {
    const apply = (manager: string, type: string): Promise<Stored> =>
      must('PATCH', `${pathOf(KINDS.state, 'shared', 'status')}?fieldManager=${manager}&force=true`, {
        type: 'application/apply-patch+yaml',
        body: objectOf(KINDS.state, 'shared', { status: { conditions: [condition(type)] } }),
      })
    await create(KINDS.state, 'shared', {})
    await apply('poolReconciler', 'poolReconcilerValid')
    const { status } = await apply('configReconciler', 'configReconcilerValid')
    assert.deepEqual(status, { conditions: [condition('poolReconcilerValid'), condition('configReconcilerValid')] })
  })
})

describe('whom a status object speaks of never changes', () => {
  const SERVICE = { node: 'n1', serviceName: 'web', serviceNamespace: 'shop' }
  for (const kind of [KINDS.l2Status, KINDS.bgpStatus]) {
    it(`${kind.kind}: each field is set once`, async () => {
      const made = await create(kind, 'fixed', {})
      const path = pathOf(kind, 'fixed', 'status')
      const written = await must('PUT', path, { body: { ...made, status: SERVICE } })
      for (const [field, was] of Object.entries(SERVICE)) {
        for (const [value, shown] of [
          ['other', 'other'],
          [undefined, ''],
        ] as const) {
          const no = await api.call('PUT', path, { body: { ...written, status: { ...SERVICE, [field]: value } } })
          assert.deepEqual(causes(no), [
            `status.${field}: Invalid value: found "${shown}" in place of "${was}"; accepted: no change`,
          ])
        }
      }
      const gone = await api.call('PUT', path, { body: { ...written, status: undefined } })
      assert.deepEqual(causes(gone), ['status: Invalid value: found nothing in its place; accepted: no change'])
      await must('PUT', path, { body: { ...written, status: { ...SERVICE, peers: [], interfaces: [] } } })
    })
  }
})

describe('a list has one owner in server-side apply', () => {
  it('so that a second manager replaces it as a whole', async () => {
    const apply = (manager: string, addresses: readonly string[]): Promise<Answer> =>
      api.call('PATCH', `${pathOf(KINDS.pool, 'owned')}?fieldManager=${manager}`, {
        type: 'application/apply-patch+yaml',
        body: objectOf(KINDS.pool, 'owned', { spec: { addresses } }),
      })
    assert.equal((await apply('first', ['192.0.2.0/24'])).status, 201)
    assert.equal((await apply('second', ['198.51.100.0/24'])).status, 409)
    const forced = await must('PATCH', `${pathOf(KINDS.pool, 'owned')}?fieldManager=second&force=true`, {
      type: 'application/apply-patch+yaml',
      body: objectOf(KINDS.pool, 'owned', { spec: { addresses: ['198.51.100.0/24'] } }),
    })
    assert.deepEqual((forced.spec as { addresses: object }).addresses, ['198.51.100.0/24'])
  })
})

describe('what is large is taken within the cost budget of the rules', () => {
  for (const { what, kind, spec } of FULL) {
    it(what, async () => {
      await must('POST', `${pathOf(kind)}?dryRun=All&fieldValidation=Strict`, {
        body: objectOf(kind, 'full-size', { spec: spec() }),
      })
    })
  }
})

describe('the report of a speaker', () => {
  const SINCE = new Date('2026-01-01T00:00:00.123Z')
  const many = Array.from({ length: 5000 }, (_, index) => index)
  const services = Array.from({ length: 8 }, (_, index) => `${'n'.repeat(63)}/${index}${'s'.repeat(62)}`)
  const FULL_REPORT: SpeakerReport = {
    standing: 'fenced',
    policyGeneration: 2 ** 40,
    members: many.map((at) => ({ node: `${at}`.padStart(253, 'n'), status: 'suspect', since: SINCE })),
    owned: many.map((at) => ({ ip: `2001:db8::${at}`, epoch: 2 ** 32 - 1, since: SINCE, services, cause: 'NodeDead' })),
    moves: many.map((at) => ({ at: SINCE, ip: `2001:db8::${at}`, from: 'n1', to: '', cause: 'NodeDead' })),
    conflicts: many.map((at) => ({
      ip: `2001:db8::${at}`,
      mac: '02:00:00:00:00:01',
      interface: 'eth0',
      since: SINCE,
      ofNode: `${at}`.padStart(253, 'n'),
    })),
    sessions: many.map((at) =>
      session(`${at}`, at % 2 === 0 ? { established: true } : { lastError: '🙂'.repeat(2000) }),
    ),
    arp: {
      all: { ignore: 0, announce: 0 },
      interfaces: new Map([['eth0', { ignore: 0, announce: 0 }]]),
      hasIpvsDevice: true,
    },
    drops: Object.fromEntries(many.map((at) => [`Reason${at}`, 2 ** 50])),
  }

  it('is stored as it was written, however much there is to tell', async () => {
    const kind = KINDS.speakerStatus
    await create(kind, 'n1', {})
    const { apiVersion, kind: word } = objectOf(kind, 'n1') as { apiVersion: string; kind: string }
    const status = wantedStatus(undefined, { node: 'n1', owner: undefined, report: FULL_REPORT }, SINCE)
    const path = `${pathOf(kind, 'n1', 'status')}?fieldManager=steelyard-speaker&force=true&fieldValidation=Strict`
    const stored = await must('PATCH', path, {
      type: 'application/apply-patch+yaml',
      body: { apiVersion, kind: word, metadata: { name: 'n1' }, status },
    })
    assert.deepEqual(stored.status, status)
  })
})
