import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { ADDRESS_SCENARIOS } from '../../cli/address-scenarios.ts'
import { BGP_SCENARIOS } from '../../cli/bgp-scenarios.ts'
import type { Scenario } from '../../cli/explain-scenarios.ts'
import { readGolden } from '../../cli/golden.ts'
import { LAYER2_SCENARIOS } from '../../cli/layer2-scenarios.ts'
import { WEB } from '../../cli/scene.ts'
import type { Lab } from '../../lab/lab.ts'
import type { LabRouter } from '../../lab/routing/router.ts'
import { steelyard } from './cli-command.ts'
import { makeReal, type RealScene, unmake } from './real-scene.ts'

/** The causes of the unit tests that are not made here, and why. */
const NOT_MADE: Readonly<Record<string, string>> = {
  'not-dual-stack': 'the lab is dual stack',
  'invalid-configuration': 'programs that run go on with what they had, so the Service gets its address',
  'bgp-broken-peer': 'speakers that run go on with what they had',
  'address-left-the-pool': 'a controller that runs takes such an address back at once',
  'interface-missing': 'says what speakers without membership write; ours write the Event of the next one',
  'speakers-fenced': 'needs a LAN that is cut in two',
  'kernel-answers': 'needs IPVS: test/kernel makes it',
  'foreign-machine': 'needs a second machine with the address, and a cause that names its owner',
}
/** What was said only in passing is not what stays. */
const STAYS_MS = 300

/** Routers stand where the scenes say (192.168.67.2); nothing listens there until one is started. */
export function cliExplainScenariosSuite(lab: () => Lab): void {
  const made = (scenarios: readonly Scenario[]): readonly Scenario[] =>
    scenarios.filter(({ name }) => NOT_MADE[name] === undefined)
  const [refused, routed] = [made(BGP_SCENARIOS).slice(0, 1), made(BGP_SCENARIOS).slice(1)]
  const suite = (scenarios: readonly Scenario[]): void => {
    let real: RealScene = { nodes: [], held: [] }
    afterEach(() => unmake(lab(), real))
    for (const scenario of scenarios) {
      it(scenario.what, async () => {
        real = await makeReal(lab(), scenario.scene())
        await namesCause(lab(), scenario)
      })
    }
  }

  describe('steelyard explain, of causes made for real, names why a Service has no address:', () => {
    suite(made(ADDRESS_SCENARIOS))
  })
  describe('steelyard explain, of causes made for real, names why nobody on the LAN answers:', () => {
    suite(made(LAYER2_SCENARIOS))
  })
  describe('steelyard explain, of causes made for real, names why a machine that is no router has no way:', () => {
    suite(refused)
  })
  describe('steelyard explain, of causes made for real, names why a router has no way:', () => {
    let router: LabRouter | undefined
    before(async () => {
      router = await lab().startRouter({ asn: 64_513, nodesAsn: 64_512, over: ['ipv4', 'ipv6'] })
    })
    after(() => router?.close())
    suite(routed)
  })
}

async function namesCause(lab: Lab, { name, reason, answers }: Scenario): Promise<void> {
  const look = async (): Promise<true> => {
    const { stdout, stderr, status } = await steelyard(lab, ['explain', 'service', WEB])
    assert.equal(stderr, '')
    assert.equal(
      causeOf(stdout.replaceAll(/\bn([123])\b/g, 'worker-$1')),
      causeOf(readGolden(`explain/${name}`)),
      stdout,
    )
    assert.equal(status, answers === true ? 0 : 2)
    return true
  }
  await lab.waitFor(`explain to name ${reason}`, look, { timeoutMs: 15_000, everyMs: 200 })
  await new Promise((resolve) => setTimeout(resolve, STAYS_MS))
  await look()
}

/** Which of the nodes tells of a missing interface is chance. */
function causeOf(text: string): string {
  const line = text.split('\n').find((one) => one.startsWith('  Cause')) ?? ''
  return line.replace(/node worker-\d has none of the interfaces/, 'node worker-2 has none of the interfaces')
}
