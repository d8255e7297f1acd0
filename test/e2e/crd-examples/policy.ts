import type { RuleExample } from './example.ts'

type Row = readonly [path: `${string}.${string}`, below: string, least: string, most: string, above: string]

/** The durations of a SpeakerPolicy: what is refused just outside of the bounds that are taken. */
const DURATIONS: readonly Row[] = [
  ['membership.heartbeatInterval', '49.999ms', '50ms', '5s', '5001ms'],
  ['rebalance.delay', '0', '1s', '24h', '24h0m0.001s'],
  ['announcement.refreshInterval', '4s999ms', '5s', '1h', '3601s'],
]

function boundsOf([path, below, least, most, above]: Row): readonly RuleExample[] {
  const [part = '', field = ''] = path.split('.')
  const put = (value: string): object => ({ [part]: { [field]: value } })
  const example = (rule: string, refused: string, accepted: string): RuleExample => ({
    rule: `${path} ${rule}`,
    at: `spec.${path}`,
    says: `"${refused}": found "${refused}"; accepted: a duration from ${least} to ${most}`,
    refused: put(refused),
    accepted: put(accepted),
  })
  return [example('is not too short', below, least), example('is not too long', above, most)]
}

/** `spec` of SpeakerPolicies. */
export const POLICY_RULES: readonly RuleExample[] = [
  ...DURATIONS.flatMap(boundsOf),
  {
    rule: 'only one name counts',
    refused: {},
    refusedName: 'other',
    at: 'metadata.name',
    says: 'found "other"; accepted: the one name default',
    accepted: {},
  },
]
