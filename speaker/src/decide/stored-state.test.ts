import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '@steelyard/model'
import { config, node, service } from '../testing/objects.ts'
import { decodeFile, encodeFile, readClaims, readObjects, sameStored, storedObject } from './stored-state.ts'

const OWNER = { node: 'n1', namespace: 'metallb-system' }
const SAVED_AT = '2026-01-01T00:00:00.000Z'
const textOf = (lines: readonly unknown[], what = 'services', owner = OWNER): string =>
  [...encodeFile(owner, { what, savedAt: SAVED_AT, lines }, (line) => line)].join('')
const WHOLE = textOf([service('web', { ips: ['192.0.2.1'] }), service('döner')])

describe('a stored file', () => {
  it('reads back as what was written, none or thousands', () => {
    for (const count of [0, 1, 200, 201, 1000]) {
      const lines = Array.from({ length: count }, (_, at) => service(`web-${at}`))
      assert.deepEqual(decodeFile(OWNER, 'services', textOf(lines)), {
        ok: true,
        value: { what: 'services', savedAt: SAVED_AT, lines },
      })
    }
  })

  it('is refused when it is cut off, wherever that is', () => {
    for (let length = 0; length < WHOLE.length - 1; length++)
      assert.equal(decodeFile(OWNER, 'services', WHOLE.slice(0, length)).ok, false, `${length} characters`)
  })

  it('is refused when one character is another, wherever that is', () => {
    for (let at = 0; at < WHOLE.length - 1; at++) {
      const other = WHOLE[at] === '7' ? '8' : '7'
      const damaged = WHOLE.slice(0, at) + other + WHOLE.slice(at + 1)
      assert.equal(decodeFile(OWNER, 'services', damaged).ok, false, `at ${at}`)
    }
  })

  const foreign: [name: string, text: string, reason: string][] = [
    ['empty', '', 'is no state of a speaker, or damaged'],
    ['something else', '{"kind":"Service"}\n', 'is no state of a speaker, or damaged'],
    ['of another node', textOf([], 'services', { ...OWNER, node: 'n2' }), 'is of node "n2"; this one is "n1"'],
    [
      'of another install',
      textOf([], 'services', { ...OWNER, namespace: 'lb' }),
      'is of namespace "lb"; this speaker\'s is "metallb-system"',
    ],
    ['of another resource', textOf([], 'pods'), 'holds "pods"'],
    ['of another version', WHOLE.replace('"version":1', '"version":2'), 'has version 2; this speaker reads 1'],
    ['of a damaged time', WHOLE.replace(SAVED_AT, 'yesterday'), 'does not say when it was written'],
    ['a list of numbers', textOf([1, 2]), 'has a line that is no JSON object'],
  ]
  for (const [name, text, reason] of foreign) {
    it(`is refused when it is ${name}`, () => {
      assert.deepEqual(decodeFile(OWNER, 'services', text), { ok: false, reason })
    })
  }

  it('is refused when it holds objects of another kind, or none', () => {
    for (const line of [node('n1'), {}, { ...service('x'), metadata: {} }, { ...service('x'), metadata: 'x' }]) {
      const file = { what: 'services', savedAt: SAVED_AT, lines: [service('web'), line] }
      assert.deepEqual(readObjects(file, 'Service'), { ok: false, reason: 'has no Service in line 3' })
    }
  })
})

describe('stored claims', () => {
  const claims = (...lines: unknown[]) => readClaims({ what: 'claims', savedAt: SAVED_AT, lines })

  it('read back', () => {
    const lines = [
      { ip: '192.0.2.1', epoch: 0 },
      { ip: '2001:db8::1', epoch: 0xffff_ffff },
    ]
    assert.deepEqual(claims(...lines), { ok: true, value: lines })
  })

  const odd: unknown[] = [
    {},
    { ip: '192.0.2.1' },
    { ip: '192.0.2', epoch: 1 },
    { ip: 7, epoch: 1 },
    ...[-1, 0.5, 2 ** 32, '1'].map((epoch) => ({ ip: '192.0.2.1', epoch })),
  ]
  for (const line of odd) {
    it(`are refused with ${JSON.stringify(line)}`, () => {
      assert.deepEqual(claims(line), { ok: false, reason: 'has no claim in line 2' })
    })
  }
})

describe('what is stored of an object', () => {
  const versioned = (object: KubeObject, resourceVersion: string): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion, generation: 3 },
  })

  it('has no version and no generation, so that the API always wins', () => {
    assert.deepEqual(storedObject(versioned(service('web'), '7')), service('web'))
  })

  it('keeps the annotations of a Service, and not those of a configuration object', () => {
    const annotations = { 'metallb.io/x': 'y' }
    assert.deepEqual(storedObject(service('web', { annotations })), service('web', { annotations }))
    const pool = config('IPAddressPool', 'lan', { addresses: [] })
    assert.deepEqual(storedObject({ ...pool, metadata: { ...pool.metadata, annotations } }), pool)
  })

  it('is nothing for a peer with a password, of either kind', () => {
    assert.equal(storedObject(config('BGPPeer', 'tor', { password: 'hush' })), undefined)
    assert.equal(storedObject(config('BGPPeer', 'tor', { passwordSecret: { name: 'bgp' } })), undefined)
    const plain = config('BGPPeer', 'tor', { peerAddress: '192.0.2.1' })
    assert.deepEqual(storedObject(plain), plain)
  })

  it('is the same after a change of the version alone', () => {
    const web = service('web')
    assert.ok(sameStored(versioned(web, '1'), versioned(web, '2')))
    assert.ok(!sameStored(web, service('web', { ips: ['192.0.2.1'] })))
    assert.ok(!sameStored(undefined, web))
  })
})
