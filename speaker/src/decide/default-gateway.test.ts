import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAddress } from '@steelyard/net'
import { defaultGateway } from './default-gateway.ts'
import { speakerPod } from '../testing/objects.ts'
import { nodesOfSpeakers, rosterOf } from './roster.ts'

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const LAN = 'eth0\t0043A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n'
const found = (text: string): string | undefined => {
  const gateway = defaultGateway(text)
  return gateway === undefined ? undefined : `${formatAddress(gateway.ip)} ${gateway.interface}`
}

describe('defaultGateway', () => {
  const cases: [name: string, text: string, expected: string | undefined][] = [
    [
      'is the default route',
      `${HEAD}eth0\t00000000\t0143A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n${LAN}`,
      '192.168.67.1 eth0',
    ],
    [
      'is the one of the lowest metric of several',
      `${HEAD}wlan0\t00000000\t0101010A\t0003\t0\t0\t600\t00000000\t0\t0\t0\neth0\t00000000\t0143A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n`,
      '192.168.67.1 eth0',
    ],
    ['is none where no route is a default one', `${HEAD}${LAN}`, undefined],
    [
      'is none for a default route without a gateway',
      `${HEAD}tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n`,
      undefined,
    ],
    ['is none in a file that says nothing', '', undefined],
    ['is none in a line that is cut off', `${HEAD}eth0\t00000000\t01`, undefined],
    ['is none where the address is no number', `${HEAD}eth0\t00000000\tXYZ3A8C0\t0003\t0\t0\t0\t00000000\n`, undefined],
  ]
  for (const [name, text, expected] of cases) it(name, () => assert.equal(found(text), expected))
})

describe('rosterOf', () => {
  const node = (name: string, ...addresses: [type: string, address: string][]) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { addresses: addresses.map(([type, address]) => ({ type, address })) },
  })
  const nodes = [
    node('n3', ['Hostname', 'n3'], ['InternalIP', 'fc00::3'], ['InternalIP', '10.0.0.3'], ['InternalIP', '10.0.1.3']),
    node('n1', ['InternalIP', '10.0.0.1']),
    node('n2', ['ExternalIP', '198.51.100.2'], ['InternalIP', '10.0.0.2']),
    node('n4', ['InternalIP', 'not an address']),
  ]
  it('names only nodes that run a speaker, or have run one, when any was seen', () => {
    const labels = { app: 'metallb', component: 'speaker' }
    const known = new Set<string>()
    const names = (...pods: ReturnType<typeof speakerPod>[]) =>
      nodesOfSpeakers(nodes, pods, labels, known).map(({ metadata }) => metadata.name)
    assert.deepEqual(names(), ['n3', 'n1', 'n2', 'n4'], 'speakers run by hand have no Pods')
    assert.deepEqual(names(speakerPod('n1'), speakerPod('n2')), ['n1', 'n2'])
    assert.deepEqual(names(speakerPod('n1')), ['n1', 'n2'], 'its Pod is being replaced')
  })
  it('is every other node at its first internal address of the family, by name', () => {
    assert.deepEqual(rosterOf(nodes, 'n1', 4), [
      { node: 'n2', address: '10.0.0.2' },
      { node: 'n3', address: '10.0.0.3' },
    ])
    assert.deepEqual(rosterOf(nodes, 'n1', 6), [{ node: 'n3', address: 'fc00::3' }])
  })
})
