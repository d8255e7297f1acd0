import type { RuleExample } from './example.ts'

type Row = readonly [
  path: string,
  spec: (value: string) => object,
  below: string,
  least: string,
  most: string,
  above: string,
]

const BOUNDS: readonly Row[] = [
  ['gracefulShutdown', (value) => ({ gracefulShutdown: value }), '', '0s', '10m', '10m0.001s'],
  ['weightedECMP.minInterval', (value) => ({ weightedECMP: { minInterval: value } }), '99ms', '100ms', '1h', '3601s'],
]

function boundsOf([path, spec, below, least, most, above]: Row): readonly RuleExample[] {
  const example = (rule: string, refused: string, accepted: string): RuleExample => ({
    rule: `${path} ${rule}`,
    at: `spec.${path}`,
    says: `"${refused}": found "${refused}"; accepted: a duration from ${least} to ${most}`,
    refused: spec(refused),
    accepted: spec(accepted),
  })
  const long = example('is not too long', above, most)
  return below === '' ? [long] : [example('is not too short', below, least), long]
}

const restart = (rule: string, refused: string, accepted: string): RuleExample => ({
  rule: `a restart time ${rule}`,
  at: 'spec.gracefulRestart.restartTime',
  says: `"${refused}": found "${refused}"; accepted: whole seconds from 1s to 4095s`,
  refused: { gracefulRestart: { restartTime: refused } },
  accepted: { gracefulRestart: { restartTime: accepted } },
})

/** `spec` of BGPPeerPolicies. */
export const PEER_POLICY_RULES: readonly RuleExample[] = [
  ...BOUNDS.flatMap(boundsOf),
  restart('is not 0', '0s', '1s'),
  restart('is whole seconds', '1500ms', '2000ms'),
  restart('fits its field of 12 bits', '1h8m16s', '1h8m15s'),
  {
    rule: 'no peer stands twice',
    at: 'spec.peers',
    says: 'found "tor" more than once; accepted: each once',
    refused: { peers: ['tor', 'tor'] },
    accepted: { peers: ['tor', 'spine'] },
  },
  {
    rule: 'a port to listen on needs somebody who listens',
    at: 'spec.listenPort',
    says: 'found 1179 without passive, so that nothing listens; accepted: none, or passive: true',
    refused: { listenPort: 1179 },
    accepted: { listenPort: 1179, passive: true },
  },
]
