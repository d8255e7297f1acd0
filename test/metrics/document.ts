import type { Family } from '@steelyard/metrics'
import { writeFileSync } from 'node:fs'
import { controllerRegistry } from '../../controller/src/metrics/start-controller-metrics.ts'
import { speakerRegistry } from '../../speaker/src/metrics/start-speaker-metrics.ts'

export const DOCUMENT = new URL('../../docs/metrics.md', import.meta.url).pathname

const NOTHING = { observations: { writes: new Map(), follows: new Map() }, observed: () => undefined, now: () => 0 }

/** The registries of both programs, as they are at the start. */
export const REGISTRIES = { controller: controllerRegistry(NOTHING), speaker: speakerRegistry(NOTHING) } as const

export type Program = keyof typeof REGISTRIES

const INTRO = `# Metrics

<!-- Made by \`npm run docs\` from test/metrics/document.ts and the registries of both programs. -->

Both programs answer \`/metrics\` over HTTPS on port 9120 (\`--port\`; 0 = none), in the text format of Prometheus. The names that begin with
\`metallb_\` are those of MetalLB, so that dashboards and alerts made for it go on working; \`steelyard_\` is what is ours.

Everything is read from the state of the program at the moment of a scrape. What is not asked for costs nothing, and a series goes with its
pool, Service, address or peer.

## Who may read them

Whoever shows a bearer token whose owner may \`get\` the path \`/metrics\`: the program asks the API server by a TokenReview and a
SubjectAccessReview. A ClusterRole for it comes with \`config/prometheus\`. The answer counts for a minute (a refusal for 5 seconds), and for who was let
in, ten minutes more or less while the API server is away: metrics are wanted most then.

| answer | when |
| --- | --- |
| 200 | |
| 401 | no bearer token, or one that is nobody's |
| 403 | its owner has no right to get \`/metrics\` |
| 503 | the API server could not be asked, or is being asked about eight others |

Each says why in one line. To look by hand:

\`\`\`sh
kubectl -n metallb-system create serviceaccount reader
kubectl create clusterrolebinding reader --clusterrole=metallb-system:metrics-reader --serviceaccount=metallb-system:reader
TOKEN=$(kubectl -n metallb-system create token reader)
kubectl -n metallb-system port-forward deployment/controller 9120 &
curl -sk -H "Authorization: Bearer $TOKEN" https://localhost:9120/metrics
\`\`\`

## The certificate

A program makes one for itself when it starts, and a new one each half year. With \`--metrics-cert-dir\` it takes \`tls.crt\` and \`tls.key\` from that
folder, and newer ones within ten seconds, without a restart; broken ones change nothing and are told in the log.

| flag | |
| --- | --- |
| \`--metrics-cert-dir\` | folder of \`tls.crt\` and \`tls.key\` |
| \`--tls-min-version\` | \`VersionTLS13\` (default) or \`VersionTLS12\` |
| \`--tls-cipher-suites\` | IANA names, for TLS 1.2 only; the own certificate has an ECDSA key, so name one of \`TLS_ECDHE_ECDSA_…\` with it |
| \`--tls-curve-preferences\` | IANA numbers: 29 is X25519, 23 P-256, 4588 X25519MLKEM768 |

## With the Prometheus operator

\`kubectl apply -k config/prometheus\` brings the alerts, a ServiceMonitor for each program, and the right to read for the account
\`prometheus-k8s\` in \`monitoring\` (change it in \`metrics-reader.yaml\`). \`config/prometheus/pod-monitors\` does it by PodMonitors and a token
of its own. The dashboard \`config/grafana/steelyard.json\` is imported as it is.`

const ALERTS = `## Alerts

| alert | when | for |
| --- | --- | --- |
| \`MetalLBStaleConfig\` | a program refused the newest configuration and works with an older one | 1 minute |
| \`MetalLBConfigNotLoaded\` | a program never had a valid configuration | 1 minute |
| \`MetalLBAddressPoolExhausted\` | all addresses of a pool are in use | 1 minute |
| \`MetalLBAddressPoolUsage75Percent\`, \`…85Percent\`, \`…95Percent\` | more than that of a pool is in use | at once |
| \`MetalLBBGPSessionDown\` | a BGP session is not established | 1 minute |
| \`SteelyardAddressConflict\` | another machine answers for an address that is announced | 1 minute |
| \`SteelyardKernelAnswers\` | the kernel of a node answers ARP for every Service: kube-proxy in IPVS mode without strictARP | 1 minute |`

const BOUNDS = `## How many series there are

No label takes a value that a stranger could choose: names come from objects of the cluster, reasons and causes from fixed lists. In numbers, for
one program:

- a controller has 7 for each pool, and fewer than 150 beside;
- a speaker has 4 for each address that it announces on the LAN, 1 for each that it announces by BGP, 17 for each BGP session and 8 more with BFD, and
  fewer than 250 beside.

With 10 000 Services on three nodes that is some 13 000 of a speaker on the LAN, and 10 000 of one that announces all of them by BGP:
\`metallb_speaker_announced\` is a series for each. Who does not look at single addresses drops it and \`metallb_layer2_*\` by a relabelling rule.

Numbers are floating point, as Prometheus has them: the addresses of a pool beyond 2^53 are rounded, and those beyond int64 show as 2^63.`

/** docs/metrics.md, with a table of all metrics. */
export function renderDocument(): string {
  const { controller, speaker } = REGISTRIES
  const common = controller.families.filter((family) => speaker.families.some((other) => same(family, other)))
  const without = (families: readonly Family[]): readonly Family[] =>
    families.filter((family) => !common.some((other) => same(family, other)))
  const sections = [
    table('Of both programs', common),
    table('Of the controller', without(controller.families)),
    table('Of a speaker', without(speaker.families)),
  ]
  return `${[INTRO, ...sections, BOUNDS, ALERTS].join('\n\n')}\n`
}

function same(a: Family, b: Family): boolean {
  return a.name === b.name && a.help === b.help && a.bound === b.bound
}

function table(title: string, families: readonly Family[]): string {
  const rows = families.map(
    ({ name, type, labels, help, bound }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} | ${bound} |`,
  )
  return [
    `## ${title}\n`,
    '| name | type | labels | meaning | at most |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

if (import.meta.main) writeFileSync(DOCUMENT, renderDocument())
