import { type CheckResult, notChecked, ok, warning } from './check-result.ts'
import { CONTROL_PORT, MULTIHOP_PORT } from '@steelyard/bfd'
import type { NodeFacts } from './node-check.ts'

const MEMBERSHIP_PORT = 7946

/** What must come in from other machines. */
const PORTS = [
  { port: MEMBERSHIP_PORT, what: 'membership: speakers hear each other', check: 'firewall for membership' },
  { port: CONTROL_PORT, what: 'BFD', check: 'firewall for BFD' },
  { port: MULTIHOP_PORT, what: 'BFD over several hops', check: 'firewall for multihop BFD' },
] as const

/**
 * Whether packets for these ports come in, as far as rules show it at a glance: a chain that drops all it does not
 * know, and no rule that names the port. What a firewall outside of this machine does, nobody here can say.
 */
export function firewallChecks({ ruleset, listening }: NodeFacts): readonly CheckResult[] {
  if (ruleset === undefined) {
    return PORTS.map(({ check }) =>
      notChecked(check, 'neither nft nor iptables-save could be run', 'run it as root on the node'),
    )
  }
  const drops = dropsByDefault(ruleset)
  return PORTS.map(({ port, what, check }) => {
    const heard = port === MEMBERSHIP_PORT && listening?.udp.has(port) === true ? ', and a speaker listens' : ''
    if (!drops) return ok(check, `no rule of this machine drops what comes in by default${heard}`)
    if (namesPort(ruleset.text, port)) return ok(check, `UDP ${port} is named in the rules (${what})${heard}`)
    return warning(
      check,
      `what comes in is dropped by default, and no rule names UDP ${port} (${what})`,
      `let UDP ${port} in from the other nodes and routers`,
    )
  })
}

function dropsByDefault({ tool, text }: NonNullable<NodeFacts['ruleset']>): boolean {
  if (tool === 'iptables') return /^:INPUT (DROP|REJECT)\b/m.test(text) || /^-A INPUT -j (DROP|REJECT)\b/m.test(text)
  return /hook input[^}]*?policy drop/.test(text)
}

/** A number alone, in a list, or in a range of both tools. */
function namesPort(text: string, port: number): boolean {
  if (new RegExp(`dport[s]? [^\\n]*\\b${port}\\b`).test(text)) return true
  return [...text.matchAll(/dports? [^\n]*?\b(\d+)[:-](\d+)\b/g)].some(
    ([, low, high]) => Number(low) <= port && port <= Number(high),
  )
}
