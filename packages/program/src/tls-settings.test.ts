import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSecureContext } from 'node:tls'
import { TLS_GROUPS, TLS_SUITES } from './constants.ts'
import { readGroups, readSuites, tlsSettings } from './tls-settings.ts'

const FLAGS = { 'tls-min-version': 'VersionTLS13', 'tls-cipher-suites': '', 'tls-curve-preferences': '' } as const

describe('the flags about TLS', () => {
  it('left out leave all but the version to Node', () => {
    assert.deepEqual(tlsSettings(FLAGS), { minVersion: 'TLSv1.3' })
  })

  it('choose suites of TLS 1.2, beside which those of TLS 1.3 stay', () => {
    const suites = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256'
    const settings = tlsSettings({ ...FLAGS, 'tls-min-version': 'VersionTLS12', 'tls-cipher-suites': suites })
    assert.equal(settings.minVersion, 'TLSv1.2')
    assert.equal(
      settings.ciphers,
      'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
    )
  })

  it('choose curves in the order in which they are given', () => {
    assert.equal(tlsSettings({ ...FLAGS, 'tls-curve-preferences': '29,23' }).ecdhCurve, 'X25519:prime256v1')
  })

  it('name what they do not know, and what they do', () => {
    const suites = readSuites('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_RC4_128_SHA')
    assert.ok(!suites.ok)
    assert.match(suites.reason, /^has TLS_RSA_WITH_RC4_128_SHA, which is none of TLS_AES_256_GCM_SHA384, /)
    const groups = readGroups('29,7,x')
    assert.ok(!groups.ok)
    assert.match(groups.reason, /^has 7, x, which is none of 23 \(prime256v1\), /)
    assert.ok(readSuites('').ok && readGroups('').ok)
  })

  for (const [id, name] of TLS_GROUPS) {
    it(`know curve ${id} by a name that this Node knows`, () => {
      createSecureContext({ ecdhCurve: name })
    })
  }
  for (const [iana, name] of TLS_SUITES) {
    it(`know ${iana} by a name that this Node knows`, () => {
      createSecureContext({ ciphers: name })
    })
  }
})
