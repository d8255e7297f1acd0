import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, before, describe, it } from 'node:test'
import { createInterface } from 'node:readline'
import { eventually } from './link/speaker-node.ts'
import { type Namespaces, openNamespaces } from './namespaces.ts'

const FRR = '/usr/lib/frr'
const PROGRAM = new URL('./bgp/unnumbered-program.ts', import.meta.url).pathname
const BGPD = `router bgp 64512
 no bgp ebgp-requires-policy
 bgp router-id 10.0.0.1
 neighbor e0 interface remote-as external
 neighbor e0 timers 3 9
 neighbor e0 timers connect 1
 neighbor e0 capability extended-nexthop
 address-family ipv6 unicast
  neighbor e0 activate
`
const ZEBRA = `interface e0
 no ipv6 nd suppress-ra
 ipv6 nd ra-interval 5
`

type Shown = { readonly state: string; readonly remote?: string; readonly extendedNextHop?: boolean }

describe('BGP over an interface without addresses, with FRR', { timeout: 120_000 }, () => {
  let spaces: Namespaces
  let folder: string
  let router: string
  const children: ChildProcess[] = []
  const shown: Shown[] = []
  const start = (namespace: string, ...command: readonly string[]): ChildProcess => {
    const child = spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: ['pipe', 'pipe', 'inherit'] })
    process.once('exit', () => child.kill('SIGKILL'))
    children.push(child)
    return child
  }
  const vtysh = (command: string): string =>
    spawnSync('vtysh', ['--vty_socket', folder, '-c', command], { encoding: 'utf8' }).stdout
  const order = (line: string): void => void children.at(-1)?.stdin?.write(`${line}\n`)
  const routes = (family: 'ipv4' | 'ipv6'): string => vtysh(`show bgp ${family} unicast json`)

  before(async () => {
    spaces = openNamespaces('unn')
    folder = mkdtempSync(`${tmpdir()}/frr`)
    chmodSync(folder, 0o777)
    const node = spaces.add('n')
    router = spaces.add('r')
    for (const name of [node, router]) spaces.run(name, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0')
    spaces.connect({ namespace: node, name: 'e0' }, { namespace: router, name: 'e0' })
    for (const [name, config] of [
      ['zebra', ZEBRA],
      ['bgpd', BGPD],
    ] as const) {
      writeFileSync(`${folder}/${name}.conf`, config, { mode: 0o644 })
      const files = ['-f', `${folder}/${name}.conf`, '-i', `${folder}/${name}.pid`, '-z', `${folder}/zserv.api`]
      start(router, `${FRR}/${name}`, ...files, '--vty_socket', folder)
      await eventually(`${name} answers`, () => existsSync(`${folder}/${name}.vty`))
    }
    const ours = start(node, process.execPath, '--conditions=source', PROGRAM)
    assert.ok(ours.stdout !== null)
    createInterface({ input: ours.stdout }).on('line', (line) => shown.push(JSON.parse(line) as Shown))
  })
  after(async () => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    spaces?.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  it('finds the router by its advertisements, is found by its own, and is established', async () => {
    await eventually('the session is established', () => shown.at(-1)?.state === 'established')
    const last = shown.at(-1)
    assert.match(last?.remote ?? '', /^fe80::/)
    assert.equal(last?.extendedNextHop, true)
  })

  it('announces IPv4 with an IPv6 next hop, and IPv6, and takes both back', async () => {
    order('+192.0.2.99/32')
    order('+2001:db8::99/128')
    await eventually(
      'the router has both',
      () => /192\.0\.2\.99/.test(routes('ipv4')) && /:99\/128/.test(routes('ipv6')),
    )
    const one = vtysh('show bgp ipv4 unicast 192.0.2.99/32 json')
    assert.match(one, /"ip":"fe80::/)
    assert.match(one, /"valid":true/)
    await eventually('it forwards by them', () => /192\.0\.2\.99/.test(spaces.ip(router, 'route')))
    assert.match(spaces.ip(router, 'route'), /192\.0\.2\.99 .*via inet6 fe80::.* dev e0/)
    order('-192.0.2.99/32')
    order('-2001:db8::99/128')
    await eventually('both are gone', () => !/192\.0\.2\.99/.test(routes('ipv4')) && !/:99\/128/.test(routes('ipv6')))
    await eventually('it forwards no more', () => !/192\.0\.2\.99/.test(spaces.ip(router, 'route')))
  })

  it('made no default route of itself: what it advertises has lifetime 0', () => {
    assert.doesNotMatch(spaces.ip(router, '-6', 'route'), /^default/m)
  })
})
