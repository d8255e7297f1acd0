import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { announcingSuite } from '../e2e/suites/announcing.ts'
import { withLab } from '../e2e/suites/cluster.ts'
import { service } from '../e2e/suites/objects.ts'
import { proxyTableSuite } from '../e2e/suites/proxy-table.ts'
import { assertOneOwner, createService, removeService, statusNode, waitForAnswer } from '../e2e/suites/scene.ts'
import { trafficSuite } from '../e2e/suites/traffic.ts'
import { addressesOn, announcedOn, arpSysctls, kernelCondition } from './ipvs/node-view.ts'

describe('layer 2 with kube-proxy in IPVS mode and strictARP', () => {
  const lab = withLab('vs', 'ipvs')
  announcingSuite(lab)
  trafficSuite(lab)
  proxyTableSuite(lab)

  it('has the address on kube-ipvs0 of every node, on which no speaker announces', async () => {
    const [address = ''] = await createService(lab(), service('everywhere'))
    await assertOneOwner(lab(), 'everywhere', address)
    for (const node of lab().nodes) {
      await lab().waitFor(`kube-ipvs0 of ${node.name}`, async () =>
        (await addressesOn(node, 'kube-ipvs0')).includes(address),
      )
      assert.deepEqual(await addressesOn(node, 'eth0'), [node.address4, node.address6])
      assert.deepEqual(await arpSysctls(node), { ignore: 1, announce: 2 })
      assert.deepEqual(announcedOn(lab(), node.name), ['eth0'])
      const condition = await kernelCondition(lab(), node.name)
      assert.deepEqual([condition?.status, condition?.reason], ['False', 'StrictARP'])
      assert.match(condition?.message ?? '', /net\.ipv4\.conf\.all\.arp_ignore is 1 and arp_announce 2$/)
    }
    await removeService(lab(), 'everywhere')
  })

  it('moves to another node when the link of its owner is cut, and that one alone answers', async (test) => {
    const [address = ''] = await createService(lab(), service('moving'))
    const before = await assertOneOwner(lab(), 'moving', address)
    await waitForAnswer(lab(), address)
    const knocker = await lab().client.knock(address, 80)
    await sleep(500)
    await lab().faults.cutLink(before)
    // Until Kubernetes knows that the node is lost, kube-proxy takes every third connection to its Pod.
    await lab().waitFor('another node to say that it answers', async () => {
      const now = await statusNode(lab(), 'moving')
      return now !== undefined && now !== before
    })
    const after = await assertOneOwner(lab(), 'moving', address)
    const { longestGapMs } = await knocker.stop()
    test.diagnostic(`moved from ${before} to ${after}; the client's longest gap was ${longestGapMs} ms`)
    assert.notEqual(after, before)
    await waitForAnswer(lab(), address)
    await lab().faults.restoreLink(before)
    await removeService(lab(), 'moving')
  })
})
