import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { steelyard } from '../e2e/suites/cli-command.ts'
import { allReady } from '../e2e/suites/cluster.ts'
import { askWho, eventReasons, waitForAddresses, waitForAnswer, waitForOwner } from '../e2e/suites/scene.ts'
import { installSteelyard } from '../lab/install.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { arpSysctls, kernelCondition, speakerStatus } from './ipvs/node-view.ts'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8')
const GUIDE = read('docs/ipvs.md')

/** The path of docs/ipvs.md, from a forgotten strictARP to one answer: its pool, its Service, its words. */
describe('the guide to IPVS', () => {
  let lab: Lab
  let address = ''
  let owner = ''
  before(async () => {
    lab = await startLab({ suffix: 'vt', proxyMode: 'ipvs', strictArp: false, form: 'dist' })
    await installSteelyard(lab)
    await lab.apply(read('config/samples/first-pool.yaml'))
    await lab.apply(read('config/samples/web.yaml'))
    await allReady(lab)
  })
  after(() => lab.stop())

  it('the Service has its address from the pool, and answers', async () => {
    const addresses = await waitForAddresses(lab, 'web')
    assert.deepEqual(addresses, ['192.168.67.120'])
    address = addresses[0] ?? ''
    owner = await waitForOwner(lab, 'web')
    await waitForAnswer(lab, address)
  })

  it('without strictARP the kernel of every node answers ARP, beside the owner', async () => {
    const everybody = lab.nodes.map(({ mac }) => mac)
    await lab.waitFor('all kernels to answer', async () => {
      const { macs } = await askWho(lab, address)
      return everybody.every((mac) => macs.includes(mac))
    })
    for (const node of lab.nodes) assert.deepEqual(await arpSysctls(node), { ignore: 0, announce: 0 })
  })

  it('every speaker says so of its node, in the words of the guide', async () => {
    for (const { name } of lab.nodes) {
      const condition = await lab.waitFor(`the condition of ${name}`, async () => {
        const found = await kernelCondition(lab, name)
        return found?.status === 'True' && found
      })
      assert.equal(condition.reason, 'StrictARPOff')
      assert.ok(GUIDE.includes(condition.message ?? 'nothing'), `not in the guide: ${condition.message}`)
    }
  })

  it('the owner hears the others answer, and names their nodes', async () => {
    const others = lab.nodes.filter(({ name }) => name !== owner)
    const conflicts = await lab.waitFor('both conflicts', async () => {
      const { conflicts: found = [] } = await speakerStatus(lab, owner)
      return found.length === others.length && found
    })
    assert.deepEqual(
      conflicts.map(({ ip, mac, ofNode }) => [ip, mac, ofNode]),
      others.map(({ name, mac }) => [address, mac, name]),
    )
    await lab.waitFor('the Event', async () => (await eventReasons(lab, 'web')).includes('addressConflict'))
  })

  it('explain names the cause, and check the nodes, as the guide shows', async () => {
    const explained = await steelyard(lab, ['explain', 'service', 'default/web'])
    const [verdict = '', cause = '', advice = ''] = explained.stdout.split('\n')
    for (const line of [verdict, cause, advice]) assert.ok(GUIDE.includes(line), `not in the guide: ${line}`)
    assert.match(cause, /StrictARPOff/)
    const checked = await steelyard(lab, ['check'])
    assert.equal(checked.status, 2)
    const line = checked.stdout.split('\n').find((one) => one.includes('ARP settings')) ?? 'nothing'
    assert.ok(GUIDE.includes(line.trimEnd()), `not in the guide: ${line}`)
  })

  it('with strictARP, and kube-proxy restarted, the owner alone answers, and all speakers take it back', async () => {
    await lab.setStrictArp(true)
    for (const node of lab.nodes) assert.deepEqual(await arpSysctls(node), { ignore: 1, announce: 2 })
    const { macs } = await askWho(lab, address)
    assert.deepEqual([...new Set(macs)], [lab.node(await waitForOwner(lab, 'web')).mac])
    await waitForAnswer(lab, address)
    for (const { name } of lab.nodes) {
      await lab.waitFor(
        `${name} to take it back`,
        async () => (await kernelCondition(lab, name))?.reason === 'StrictARP',
      )
    }
  })

  it('strictARP that is turned off again leaves the settings in place until the node restarts', async () => {
    await lab.setStrictArp(false)
    for (const node of lab.nodes) assert.deepEqual(await arpSysctls(node), { ignore: 1, announce: 2 })
  })
})
