import { createLogger } from '@steelyard/program'
import { type FakeClock, fakeClock } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ArpWatch, followArpSettings } from './arp-settings.ts'
import { kernelCondition } from './decide/arp-settings.ts'

type Line = Readonly<Record<string, unknown>>
type Scene = {
  readonly watch: ArpWatch
  readonly clock: FakeClock
  readonly files: Map<string, string>
  readonly lines: Line[]
  readonly changes: string[]
  /** Lets a look come to its end, after some time if so told. */
  readonly pass: (ms?: number) => Promise<void>
}

const CONF = '/proc/sys/net/ipv4/conf'

/** kube-proxy starts in IPVS mode. */
function setIpvs(files: Map<string, string>, [ignore, announce]: readonly [number, number]): void {
  for (const name of ['all', 'kube-ipvs0', 'eth0']) {
    files.set(`${CONF}/${name}/arp_ignore`, `${name === 'all' ? ignore : 0}\n`)
    files.set(`${CONF}/${name}/arp_announce`, `${name === 'all' ? announce : 0}\n`)
  }
}

function scene(): Scene {
  const [clock, files] = [fakeClock(), new Map<string, string>()]
  const [lines, changes]: [Line[], string[]] = [[], []]
  const log = createLogger({
    level: 'debug',
    caller: 'arp',
    to: { write: (line) => void lines.push(JSON.parse(line) as Line) },
  })
  const watch = followArpSettings({
    clock,
    log,
    readText: async (path) => files.get(path),
    onChange: (settings) => void changes.push(kernelCondition(settings).reason),
  })
  const pass = async (ms = 0): Promise<void> => {
    clock.advance(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { watch, clock, files, lines, changes, pass }
}

describe('the watch over ARP settings', () => {
  it('sees kube-proxy start, forget strictARP, and be mended, and tells each once', async () => {
    const { watch, files, lines, changes, pass } = scene()
    watch.onInterfaces(['eth0'])
    await pass()
    setIpvs(files, [0, 0])
    await pass(10_000)
    await pass(10_000)
    setIpvs(files, [1, 2])
    await pass(10_000)
    await pass(10_000)
    watch.stop()
    assert.deepEqual(changes, ['NotIPVS', 'StrictARPOff', 'StrictARP'])
    assert.deepEqual(
      lines.map(({ level, reason }) => [level, reason]),
      [
        ['warn', 'StrictARPOff'],
        ['info', 'StrictARP'],
      ],
    )
    assert.match(String(lines[0]?.['msg']), /answers ARP on eth0 .* set ipvs\.strictARP: true/)
  })

  it('looks at an interface as soon as it is announced on', async () => {
    const { watch, files, pass } = scene()
    setIpvs(files, [0, 0])
    await pass()
    assert.deepEqual([...(watch.now()?.interfaces ?? [])], [])
    watch.onInterfaces(['eth0'])
    await pass()
    assert.deepEqual([...(watch.now()?.interfaces ?? [])], [['eth0', { ignore: 0, announce: 0 }]])
    watch.stop()
  })

  it('takes a file that cannot be read, or says nothing, for one that is not there', async () => {
    const { watch, files, pass } = scene()
    files.set(`${CONF}/all/arp_ignore`, 'x')
    await pass()
    assert.deepEqual(watch.now(), { all: undefined, interfaces: new Map(), hasIpvsDevice: false })
    watch.stop()
  })

  it('tells nothing any more once it is stopped', async () => {
    const { watch, files, changes, pass } = scene()
    await pass()
    watch.stop()
    setIpvs(files, [0, 0])
    await pass(60_000)
    assert.deepEqual(changes, ['NotIPVS'])
  })
})
