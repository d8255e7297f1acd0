import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  CHART,
  differences,
  EVERYTHING,
  helm,
  keyOf,
  type ManifestObject,
  METALLB_VALUES,
  rendered,
  setting,
} from './chart-objects.ts'
import { objectsOf } from './manifest.ts'

/** What Helm makes of the chart; test/e2e/chart.test.ts has an API server take it. */

/** The manifest with the most in it. */
const PROMETHEUS = new URL('../../config/manifests/steelyard-prometheus.yaml', import.meta.url).pathname

/** Names that occur in nothing else, so that they can be told from what is fixed. */
const FULLNAME = 'of-the-chart'
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/of-the-chart-alerts/g, 'metallb-alerts'],
  [/of-the-chart-/g, ''],
  [/of-the-chart:/g, 'metallb-system:'],
]

/** Where chart and manifest differ, and why. Every line here is looked for, too. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'Namespace metallb-system': 'Helm makes the namespace by --create-namespace, and labels are given to it by hand',
  'NetworkPolicy controller: spec.egress.0.ports.2':
    'the chart has a value for the port, the manifest lists the usual ones',
  'NetworkPolicy controller: spec.egress.0.ports.3': 'the same',
  'DaemonSet speaker: spec.updateStrategy.rollingUpdate': "the manifest spells out the API server's default",
  'DaemonSet speaker: spec.template.spec.containers.0.startupProbe': 'MetalLB has the value, and people set it',
  'Deployment controller: spec.strategy': 'MetalLB has the value; its default is that of the API server',
  'Role prometheus': 'the chart knows whose Prometheus it is, and lets it find the Pods here',
  'RoleBinding prometheus': 'the same',
  'ServiceMonitor controller-monitor: spec.jobLabel': 'a value of MetalLB',
  'ServiceMonitor speaker-monitor: spec.jobLabel': 'a value of MetalLB',
}

/** The same for all objects of a kind of place: labels are those that Helm recommends, and membership goes by them. */
const OTHERWISE: readonly (readonly [RegExp, string])[] = [
  [/: metadata\.labels/, 'labels as Helm recommends them'],
  [
    /: spec\.(selector|selector\.matchLabels|podSelector\.matchLabels|template\.metadata\.labels)\.(app|component)/,
    'the same, in selectors',
  ],
  [/^CustomResourceDefinition \S+: metadata\.annotations/, 'CRDs are kept by Helm'],
  [/Probe\.(initialDelaySeconds|successThreshold|timeoutSeconds)$/, "the chart spells out the API server's defaults"],
]

describe('the chart', () => {
  it('passes helm lint, with its own values, with those of MetalLB and with all that can be switched on', async () => {
    for (const values of [[], ['--values', METALLB_VALUES], setting(EVERYTHING)]) {
      const { status, stdout, stderr } = await helm(['lint', '--strict', CHART, ...values])
      assert.equal(status, 0, `${stdout}${stderr}`)
    }
  })

  describe('beside the manifest', () => {
    let ours: ReadonlyMap<string, object>
    let theirs: ReadonlyMap<string, object>
    before(async () => {
      const values = setting({
        fullnameOverride: FULLNAME,
        'networkpolicies.enabled': true,
        'prometheus.serviceAccount': 'prometheus-k8s',
        'prometheus.namespace': 'monitoring',
        'prometheus.serviceMonitor.enabled': true,
        'prometheus.prometheusRule.enabled': true,
      })
      const objects = (await rendered(...values)).map(renamed)
      theirs = new Map(objects.map((object) => [keyOf(object), withoutMembershipLabels(object)]))
      ours = new Map(objectsOf(PROMETHEUS).map((object) => [`${object.kind} ${object.metadata.name}`, object]))
    })

    it('differs in nothing that has no reason here', () => {
      const found = [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((key) => compared(key))
      const unexplained = found.filter((where) => !OTHERWISE.some(([pattern]) => pattern.test(where)))
      assert.deepEqual(unexplained.toSorted(), Object.keys(DIFFERENCES).toSorted())
    })

    it('has a reason for every kind of difference that there is', () => {
      const found = [...ours.keys()].flatMap((key) => compared(key))
      const idle = OTHERWISE.filter(([pattern]) => !found.some((where) => pattern.test(where)))
      assert.deepEqual(idle, [])
    })

    function compared(key: string): readonly string[] {
      const [left, right] = [ours.get(key), theirs.get(key)]
      if (left === undefined || right === undefined) return [key]
      return differences(left, right).map((path) => `${key}: ${path}`)
    }
  })
})

function renamed(object: ManifestObject): ManifestObject {
  const text = NAMES.reduce((told, [pattern, name]) => told.replaceAll(pattern, name), JSON.stringify(object))
  return JSON.parse(text) as ManifestObject
}

/** The speaker's flag that says who belongs to membership: the labels of its own Pod, which are others than the manifest's. */
function withoutMembershipLabels(object: ManifestObject): ManifestObject {
  if (object.kind !== 'DaemonSet') return object
  const copy = structuredClone(object) as unknown as {
    spec: {
      template: { metadata: { labels: object }; spec: { containers: { env: { name: string; value: string }[] }[] } }
    }
  }
  const [container] = copy.spec.template.spec.containers
  const labels = container?.env.find(({ name }) => name === 'METALLB_ML_LABELS')
  assert.deepEqual(
    labels?.value.split(',').toSorted(),
    Object.entries(copy.spec.template.metadata.labels)
      .map(([key, value]) => `${key}=${value}`)
      .toSorted(),
  )
  if (container !== undefined) container.env = container.env.filter((each) => each !== labels)
  return copy as unknown as ManifestObject
}

describe('what is refused', () => {
  const MONITORS = { 'prometheus.serviceAccount': 'prometheus', 'prometheus.namespace': 'monitoring' }
  const ROWS: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    [
      'configuration inside the values',
      { configInline: { peers: [] } },
      /configInline is refused: .* take configInline out/,
    ],
    [
      'both kinds of monitors',
      { ...MONITORS, 'prometheus.serviceMonitor.enabled': true, 'prometheus.podMonitor.enabled': true },
      /refused together: every series would be scraped twice/,
    ],
    [
      'monitors for a Prometheus that nobody knows',
      { 'prometheus.podMonitor.enabled': true },
      /rbacPrometheus needs prometheus\.serviceAccount and prometheus\.namespace/,
    ],
    [
      'a Prometheus whose namespace nobody knows',
      { 'prometheus.serviceMonitor.enabled': true, 'prometheus.serviceAccount': 'prometheus' },
      /rbacPrometheus needs prometheus\.serviceAccount and prometheus\.namespace/,
    ],
    [
      'speakers on some nodes that do not know of each other',
      { 'speaker.memberlist.enabled': false, 'speaker.nodeSelector': { lan: 'yes' } },
      /speaker\.nodeSelector is refused with speaker\.memberlist\.enabled=false/,
    ],
    [
      'cipher suites under TLS 1.3',
      { 'tls.cipherSuites': 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' },
      /tls\.cipherSuites needs tls\.minVersion=VersionTLS12/,
    ],
    ["MetalLB's own program", { 'speaker.image.repository': 'quay.io/metallb/speaker' }, /take speaker\.image out/],
    ['a log level that there is not', { 'speaker.logLevel': 'loud' }, /speaker.*logLevel/s],
    ['a port that there is not', { 'speaker.memberlist.mlBindPort': 70_000 }, /mlBindPort/],
  ]
  for (const [what, values, sentence] of ROWS) {
    it(what, async () => {
      const { status, stderr } = await helm(['template', 'rel', CHART, ...setting(values)])
      assert.notEqual(status, 0)
      assert.match(stderr, sentence)
    })
  }
})

describe('what has no effect', () => {
  const notes = async (...flags: readonly string[]): Promise<string> =>
    (await helm(['install', 'rel', CHART, '--dry-run=client', '--namespace=metallb-system', ...flags])).stdout

  it('is told after the install, with the reason', async () => {
    const said = await notes('--values', METALLB_VALUES)
    const lines = /have no effect here:\n([\s\S]*)$/.exec(said)?.[1]?.trim().split('\n') ?? []
    assert.deepEqual(
      lines.map((line) => line.trim()),
      [
        'prometheus.rbacProxy: no value of this chart',
        'speaker.frr: BGP is spoken by the speaker itself',
        'speaker.frrMetrics: BGP is spoken by the speaker itself',
        'speaker.reloader: BGP is spoken by the speaker itself',
        'frrk8s: BGP is spoken by the speaker itself',
      ],
    )
  })

  it('is not spoken of where everything has one', async () => {
    const [, said = ''] = (await notes()).split('NOTES:')
    assert.match(said, /Steelyard \S+ is installed in metallb-system/)
    assert.doesNotMatch(said, /no effect/)
  })
})

describe('values', () => {
  type Workload = { readonly spec: { readonly template: { readonly spec: { containers: { args: string[] }[] } } } }
  const argsOf = async (program: string, values: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const kind = program === 'speaker' ? 'DaemonSet' : 'Deployment'
    const workload = (await rendered(...setting(values))).find((object) => object.kind === kind)
    return (workload as unknown as Workload).spec.template.spec.containers[0]?.args
  }

  const ROWS: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
    ['controller', {}, ['--log-level=info']],
    ['speaker', {}, ['--log-level=info']],
    [
      'controller',
      { loadBalancerClass: 'lab/lb', 'controller.logLevel': 'debug' },
      ['--log-level=debug', '--lb-class=lab/lb'],
    ],
    ['controller', { 'controller.webhookMode': 'onlywebhook' }, ['--log-level=info', '--webhook-mode=onlywebhook']],
    [
      'speaker',
      { 'speaker.ignoreExcludeLB': true, 'speaker.wanConfig': true, 'prometheus.metricsPort': 7472 },
      ['--log-level=info', '--port=7472', '--ignore-exclude-lb', '--ml-wan-config'],
    ],
    [
      'speaker',
      { 'tls.minVersion': 'VersionTLS12', 'tls.cipherSuites': ['TLS_A', 'TLS_B'], 'tls.curvePreferences': [29, 23] },
      [
        '--log-level=info',
        '--tls-min-version=VersionTLS12',
        '--tls-cipher-suites=TLS_A,TLS_B',
        '--tls-curve-preferences=29,23',
      ],
    ],
    [
      'controller',
      { 'tls.controllerMetricsTLSSecret': 'mine' },
      ['--log-level=info', '--metrics-cert-dir=/etc/steelyard/metrics-cert'],
    ],
  ]
  for (const [program, values, expected] of ROWS) {
    it(`${JSON.stringify(values)} give the ${program} ${expected.join(' ')}`, async () => {
      assert.deepEqual(await argsOf(program, values), expected)
    })
  }

  it('of MetalLB give what they ask for', async () => {
    const objects = await rendered('--values', METALLB_VALUES)
    const named = objects.filter(({ kind }) => kind !== 'CustomResourceDefinition').map(keyOf)
    assert.deepEqual(named.toSorted(), METALLB_OBJECTS)
  })

  for (const program of ['controller', 'speaker'] as const) {
    it(`leave no object behind for a ${program} that is not wanted`, async () => {
      const off = {
        [`${program}.enabled`]: false,
        'crds.enabled': false,
        'networkpolicies.enabled': program === 'speaker',
      }
      const objects = await rendered(...setting(off))
      const left = objects.filter((object) => JSON.stringify(object).includes(`"rel-steelyard-${program}"`))
      assert.deepEqual(left.map(keyOf), [])
      assert.ok(objects.length > 5)
    })
  }
})

const METALLB_OBJECTS: readonly string[] = [
  'ClusterRole rel-steelyard:controller',
  'ClusterRole rel-steelyard:metrics-reader',
  'ClusterRole rel-steelyard:speaker',
  'ClusterRole rel-steelyard:webhook-controller',
  'ClusterRoleBinding rel-steelyard:controller',
  'ClusterRoleBinding rel-steelyard:metrics-reader',
  'ClusterRoleBinding rel-steelyard:speaker',
  'ClusterRoleBinding rel-steelyard:webhook-controller',
  'ConfigMap metallb-excludel2',
  'DaemonSet rel-steelyard-speaker',
  'Deployment rel-steelyard-controller',
  'PrometheusRule rel-steelyard-alerts',
  'Role rel-steelyard-controller',
  'Role rel-steelyard-prometheus',
  'Role rel-steelyard-speaker',
  'Role rel-steelyard-webhook-controller',
  'RoleBinding rel-steelyard-controller',
  'RoleBinding rel-steelyard-prometheus',
  'RoleBinding rel-steelyard-speaker',
  'RoleBinding rel-steelyard-webhook-controller',
  'Secret metallb-webhook-cert',
  'Service metallb-webhook-service',
  'Service rel-steelyard-controller-monitor-service',
  'Service rel-steelyard-speaker-monitor-service',
  'ServiceAccount rel-steelyard-controller',
  'ServiceAccount rel-steelyard-speaker',
  'ServiceMonitor rel-steelyard-controller-monitor',
  'ServiceMonitor rel-steelyard-speaker-monitor',
  'ValidatingWebhookConfiguration metallb-webhook-configuration',
]
