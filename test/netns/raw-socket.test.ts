import { LINK_IO_CONTRACT } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Namespaces, openNamespaces, type ProgramEnd } from './namespaces.ts'

/** The program of `raw-socket/` by that name, which runs in a namespace: a process can be in one only. */
const programFile = (name: string): string => fileURLToPath(new URL(`raw-socket/${name}.ts`, import.meta.url))

function assertEndedWell({ status, stdout, stderr }: ProgramEnd): void {
  assert.equal(status, 0, `it ended with status ${status}:\n${stdout}${stderr}`)
}

type Result = { readonly subject: string; readonly name: string; readonly problem: string | null }

describe('the kernel keeps the contract of LinkIo', () => {
  let namespaces: Namespaces | undefined
  const results = new Map<string, Result>()
  before(() => {
    namespaces = openNamespaces('rs')
    const end = namespaces.run(namespaces.add('contract'), process.execPath, programFile('contract'))
    assertEndedWell(end)
    for (const line of end.stdout.trim().split('\n')) {
      const result: Result = JSON.parse(line)
      results.set(`${result.subject}: ${result.name}`, result)
    }
  })
  after(() => namespaces?.close())

  for (const { subject, cases } of LINK_IO_CONTRACT) {
    describe(subject, () => {
      for (const { name } of cases) {
        it(name, () => {
          const result = results.get(`${subject}: ${name}`)
          assert.ok(result !== undefined, 'it was not run')
          assert.equal(result.problem, null)
        })
      }
    })
  }
})

/** A program, and the sentence that it proves by ending well. What it writes is shown. */
const PROGRAMS: readonly (readonly [sentence: string, program: string])[] = [
  ['ten thousand sockets of every kind, good and refused, leave no descriptor open', 'descriptors'],
  ['two threads use the addon at once, and a thread that is ended leaves nothing open', 'threads'],
  ['a thread gets the short slices it asks for, and no other thread does', 'slice'],
  ['more memberships than a socket holds go to further ones, are told by MLD, and end with it', 'groups'],
  ['UDP tells hop counts, sources, destinations and interfaces, and is bound to a device', 'udp'],
  ['TCP refuses a wrong MD5 key and too low a TTL, and goes on in node:net', 'tcp'],
  ['what is network control says so and goes before the rest in the queues of this host', 'priority'],
  ['a link that goes down is told at once, lost news are told, and a port that left is not deleted', 'netlink'],
  ['random filters do in memory what they do in the kernel', 'bpf'],
]

const ONLY_NET_RAW = ['--inh-caps=-all,+net_raw', '--bounding-set=-all,+net_raw']

describe('on the kernel', () => {
  let namespaces: Namespaces
  before(() => {
    namespaces = openNamespaces('rs')
  })
  after(() => namespaces?.close())

  for (const [sentence, program] of PROGRAMS) {
    it(sentence, (test) => {
      const end = namespaces.run(namespaces.add(program), process.execPath, programFile(program))
      assertEndedWell(end)
      test.diagnostic(end.stdout.trim())
    })
  }

  it('ARP is exchanged with another kernel over a real cable, which believes us', (test) => {
    const [here, there] = [namespaces.add('here'), namespaces.add('there')]
    namespaces.connect({ namespace: here, name: 'near' }, { namespace: there, name: 'far' })
    namespaces.ip(there, 'address', 'add', '192.0.2.2/24', 'dev', 'far')
    const end = namespaces.run(here, process.execPath, programFile('arp'), there)
    assertEndedWell(end)
    test.diagnostic(end.stdout.trim())
  })

  it('CAP_NET_RAW alone is enough for everything', (test) => {
    const [here, there] = [namespaces.add('poor'), namespaces.add('rich')]
    namespaces.connect({ namespace: here, name: 'near' }, { namespace: there, name: 'far' })
    const end = namespaces.run(here, 'setpriv', ...ONLY_NET_RAW, process.execPath, programFile('capability'))
    assertEndedWell(end)
    test.diagnostic(end.stdout.trim())
  })
})
