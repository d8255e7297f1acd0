import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { urlHost } from '../../lab/client/client.ts'
import type { Lab } from '../../lab/lab.ts'
import { patience } from '../../lab/wait.ts'
import { assertResult, FAMILIES, POLICIES, type ProxyResult, rowName } from '../../proxy-modes/results.ts'
import { service } from './objects.ts'
import { assertOneOwner, createService, removeService, waitForAnswer } from './scene.ts'

/** How often the client asks: that a Pod of three is missed each time has a chance of 1 in 400 000. */
const ASKED = 32
/** kube-proxy brings a connection to a Pod before it has written all by which it spares others to be hidden. */
const SETTLE_MS = 1000
/** Addresses that no Service had before: what kube-proxy still has of another one is not what is looked at. */
const FRESH = { IPv4: '192.168.67.18', IPv6: 'fc00:67::18' } as const

/** One column of the table in docs/kube-proxy.md: what a user sees, for each family and each policy. */
export function proxyTableSuite(lab: () => Lab): void {
  describe('what a user sees through kube-proxy', () => {
    for (const family of FAMILIES) {
      for (const [at, policy] of POLICIES.entries()) {
        it(`is what docs/kube-proxy.md says: ${rowName({ family, policy })}`, async () => {
          const name = `table-${family}-${policy}`.toLowerCase()
          const ports = [
            { name: 'tcp', port: 80, targetPort: 8080 },
            { name: 'udp', port: 81, targetPort: 8080, protocol: 'UDP' },
          ]
          const spec = { ipFamilies: [family], ipFamilyPolicy: 'SingleStack', externalTrafficPolicy: policy, ports }
          const annotations = { 'metallb.io/loadBalancerIPs': `${FRESH[family]}${at}` }
          const [address = ''] = await createService(lab(), service(name, spec, { annotations }))
          const owner = await assertOneOwner(lab(), name, address)
          await waitForAnswer(lab(), address)
          await sleep(SETTLE_MS * patience())
          const result = await look(lab(), address, owner)
          await removeService(lab(), name)
          assertResult(lab().proxyMode, { family, policy }, result)
        })
      }
    }
  })
}

async function look(lab: Lab, address: string, owner: string): Promise<ProxyResult> {
  const { client } = lab
  const seen = []
  for (let asked = 0; asked < ASKED; asked++) seen.push(await waitForAnswer(lab, address))
  const nodes = new Set(seen.map(({ node }) => node))
  assert.ok(nodes.size === lab.nodes.length || (nodes.size === 1 && nodes.has(owner)), [...nodes].join())
  const callers = new Set(seen.map((answer) => (isClient(lab, answer.client) ? 'the client' : 'a node')))
  const echo = await lab.waitFor('an echo', () => client.udp(address, 81, 'hello'))
  assert.equal(echo.said, 'hello')
  const fromNodes = await Promise.all(
    lab.nodes.map((node) => node.run(['curl', '-sfg', '-m2', `http://${urlHost(address)}/`])),
  )
  return {
    pods: nodes.size === 1 ? 'of the owner' : 'of all nodes',
    seenAs: [...callers].join(' or '),
    udp: isClient(lab, echo.client) ? 'the client' : 'a node',
    nodesReachIt: fromNodes.filter(({ status }) => status === 0).length === lab.nodes.length ? 'all' : 'not all',
  }
}

/** A Pod that listens on both families sees IPv4 written as IPv6. */
function isClient({ client }: Lab, caller: string): boolean {
  return [client.address4, client.address6].includes(caller.replace('::ffff:', ''))
}
