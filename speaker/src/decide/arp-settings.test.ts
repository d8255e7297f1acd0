import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answeredByKernel, type ArpSettings, kernelCondition, STRICT_ARP_ADVICE } from './arp-settings.ts'

/** Of a node with eth0 and eth1, `all` and eth1 as told. */
const settings = (ignore: number, announce: number, ofEth1 = 0, hasIpvsDevice = true): ArpSettings => ({
  all: { ignore, announce },
  interfaces: new Map([
    ['eth0', { ignore: 0, announce: 0 }],
    ['eth1', { ignore: ofEth1, announce: 0 }],
  ]),
  hasIpvsDevice,
})

describe('the kernel of a node under IPVS', () => {
  // As arp_ignore() of net/ipv4/arp.c has it: what is reserved answers.
  const rows = [
    [0, 'eth0 eth1'],
    [1, ''],
    [2, ''],
    [3, 'eth0 eth1'],
    [4, 'eth0 eth1'],
    [7, 'eth0 eth1'],
    [8, ''],
    [9, 'eth0 eth1'],
  ] as const
  for (const [ignore, answered] of rows) {
    it(`answers ${answered === '' ? 'nowhere' : `on ${answered}`} with arp_ignore ${ignore}`, () => {
      assert.equal(answeredByKernel(settings(ignore, 2)).join(' '), answered)
    })
  }

  it('does as the larger of two values says, and that is why one interface alone may be quiet', () => {
    assert.deepEqual(answeredByKernel(settings(0, 0, 1)), ['eth0'])
    assert.deepEqual(answeredByKernel(settings(1, 0, 3)), ['eth1'])
  })

  it('is no matter without kube-ipvs0, whatever is set', () => {
    const without = settings(0, 0, 0, false)
    assert.deepEqual(answeredByKernel(without), [])
    assert.deepEqual([kernelCondition(without).status, kernelCondition(without).reason], ['False', 'NotIPVS'])
  })
})

describe('the condition KernelAnswers', () => {
  it('names the interfaces, the values, and what to do', () => {
    assert.deepEqual(kernelCondition(settings(0, 0)), {
      type: 'KernelAnswers',
      status: 'True',
      reason: 'StrictARPOff',
      message: `the kernel answers ARP on eth0, eth1 for the address of every Service, whoever announces it: net.ipv4.conf.all.arp_ignore is 0 and arp_announce 0, where IPVS mode needs 1 and 2; ${STRICT_ARP_ADVICE}`,
    })
  })

  it('is False with strictARP', () => {
    const { status, reason, message } = kernelCondition(settings(1, 2))
    assert.deepEqual(
      [status, reason, message],
      ['False', 'StrictARP', 'IPVS mode; net.ipv4.conf.all.arp_ignore is 1 and arp_announce 2'],
    )
  })

  it('tells of an arp_announce that still has it ask for others', () => {
    assert.match(kernelCondition(settings(1, 0)).message, /arp_announce 0; it may ask others in the name of a Service/)
  })

  it('is Unknown where the settings cannot be read', () => {
    const { status, reason } = kernelCondition({ all: undefined, interfaces: new Map(), hasIpvsDevice: true })
    assert.deepEqual([status, reason], ['Unknown', 'NotReadable'])
  })
})
