import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { cacheFolder, findIn } from './binaries.ts'
import { compareVersions } from './build-binaries.ts'
import { isAlive, isLock, startTimeOf, tryLock } from './lock.ts'
import { findProgram, missingCapabilities, missingText, systemPath } from './packages.ts'
import { planTopology } from './topology.ts'
import { patience } from './wait.ts'

const folder = mkdtempSync(join(tmpdir(), 'steelyard-test-'))
after(() => rmSync(folder, { recursive: true }))

function program(name: string, says: string): string {
  const file = join(folder, name)
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 })
  return file
}

describe('the machine', () => {
  it('is told what it lacks, one line each, and the one command that brings it', () => {
    const missing = [
      { program: 'nft', brings: 'nftables', what: 'kube-proxy' },
      { program: 'ip6tables', brings: 'iptables', what: 'kube-proxy' },
      { program: 'iptables', brings: 'iptables', what: 'kube-proxy' },
    ]
    assert.deepEqual(missingText(missing).split('\n'), [
      'system programs are missing:',
      '  nft: package nftables (for kube-proxy)',
      '  ip6tables: package iptables (for kube-proxy)',
      '  iptables: package iptables (for kube-proxy)',
      'install them with: apt-get install -y iptables nftables',
    ])
  })

  it('finds a program on the path, and nothing that cannot be executed', () => {
    const tool = program('a-tool', '')
    writeFileSync(join(folder, 'a-text'), '')
    assert.equal(findProgram('a-tool', `/nowhere:${folder}`), tool)
    assert.equal(findProgram('a-text', folder), undefined)
  })

  it('finds a program that is on no path where it is said to be', () => {
    const tool = program('a-daemon', '')
    assert.equal(findProgram(tool, '/nowhere'), tool)
    assert.equal(findProgram(`${tool}-of-others`, folder), undefined)
  })

  it('is searched where system programs are, too, each folder once', () => {
    assert.equal(systemPath('/usr/bin:/sbin'), '/usr/bin:/sbin:/usr/sbin')
    assert.equal(systemPath(''), '/usr/sbin:/sbin')
  })

  const MASKS = [
    ['root has all', 'CapEff:\t000001ffffffffff\n', []],
    ['a plain user has none', 'CapEff:\t0000000000000000\n', ['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_SYS_ADMIN']],
    ['a container by default lacks two', 'CapEff:\t00000000a80425fb\n', ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN']],
  ] as const
  for (const [what, status, lacking] of MASKS) {
    it(`${what} of the capabilities`, () => assert.deepEqual(missingCapabilities(status), lacking))
  }
})

describe('a Kubernetes program', () => {
  it('of the pinned minor version is used', () => {
    const path = program('kubectl-new', 'Client Version: v1.36.7')
    assert.deepEqual(findIn('kubectl', path), { kind: 'usable', path })
  })

  const REFUSED = [
    ['of another minor version', 'Client Version: v1.32.4'],
    ['of a vendor', 'Client Version: v1.36.4-dispatcher'],
    ['that says nothing', ''],
  ] as const
  for (const [what, says] of REFUSED) {
    it(`${what} is refused, with what it said`, () => {
      const found = findIn('kubectl', program('kubectl-old', says))
      assert.equal(found?.kind, 'refused')
      assert.match(found.why, says === '' ? /no version/ : new RegExp(says))
      assert.match(found.why, /wanted is v1\.36/)
    })
  }

  it('that is not there is no finding', () => assert.equal(findIn('etcd', join(folder, 'none')), undefined))

  it('is kept where the user keeps caches', () => {
    assert.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }), '/c/steelyard/kube/v1.36.3')
    assert.match(cacheFolder({}), /\/\.cache\/steelyard\/kube\/v1\.36\.3$/)
  })

  const VERSIONS = [
    ['1.26.8', '1.26.8', 0],
    ['1.26.10', '1.26.8', 1],
    ['1.25', '1.26.8', -1],
    ['1.27rc1', '1.26.8', 1],
  ] as const
  for (const [a, b, sign] of VERSIONS) {
    it(`is built by Go ${a} where ${b} is asked for: ${sign >= 0}`, () => {
      assert.equal(Math.sign(compareVersions(a, b)), sign)
    })
  }
})

describe('the patience of a wait', () => {
  it('is that of a usual machine unless told', () => {
    assert.equal(patience({}), 1)
    assert.equal(patience({ LAB_PATIENCE: '4' }), 4)
  })

  for (const told of ['', '0', '0.5', 'long']) {
    it(`is not guessed from ${JSON.stringify(told)}`, () => {
      assert.throws(() => patience({ LAB_PATIENCE: told }), /1 or more/)
    })
  }
})

describe('a lock', () => {
  it('is held by one process at a time, and free again after', () => {
    const file = join(folder, 'lock')
    const first = tryLock(file)
    assert.ok(isLock(first))
    const second = tryLock(file)
    assert.deepEqual(second, { pid: process.pid, startTime: startTimeOf(process.pid) })
    first.release()
    const third = tryLock(file)
    assert.ok(isLock(third))
    third.release()
  })

  it('of a dead process is taken over, also when its number lives again', () => {
    const file = join(folder, 'stale')
    writeFileSync(file, `${process.pid} 1\n`)
    const lock = tryLock(file)
    assert.ok(isLock(lock))
    lock.release()
  })

  it('knows this process alive and an impossible one dead', () => {
    assert.ok(isAlive({ pid: process.pid, startTime: startTimeOf(process.pid) ?? '' }))
    assert.equal(startTimeOf(2 ** 30), undefined)
  })
})

describe('the topology', () => {
  it('gives every machine its own names and addresses, and two suffixes share no namespace', () => {
    const [one, two] = [planTopology(3, ''), planTopology(3, 'b')]
    const namesOf = ({ fabric, nodes, client }: typeof one): string[] =>
      [fabric, ...nodes, client].map(({ namespace }) => namespace)
    assert.deepEqual(namesOf(one), ['fabric', 'n1', 'n2', 'n3', 'client'])
    assert.deepEqual(namesOf(two), ['fabric-b', 'n1-b', 'n2-b', 'n3-b', 'client-b'])
    const [node] = one.nodes
    assert.deepEqual(node?.podAddresses(254), { v4: '10.244.1.254', v6: 'fd00:10:244:1::fe' })
  })

  for (const [nodes, suffix] of [
    [0, ''],
    [31, ''],
    [1.5, ''],
    [3, 'Ab'],
    [3, 'a-b'],
    [3, 'abcdefghijklm'],
  ] as const) {
    it(`refuses ${nodes} nodes with the suffix ${JSON.stringify(suffix)}`, () => {
      assert.throws(() => planTopology(nodes, suffix), RangeError)
    })
  }
})
