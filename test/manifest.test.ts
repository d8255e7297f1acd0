import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { CONTROL_PORT, ECHO_PORT, MULTIHOP_PORT } from '@steelyard/bfd'
import { DEFAULT_PEER_POLICY } from '@steelyard/model'
import { HEALTH_PORT, METRICS_PORT } from '@steelyard/program'
import { ADMISSION_PATHS } from '../controller/src/decide/admission/paths.ts'
import { readControllerFlags } from '../controller/src/flags.ts'
import { WEBHOOK_CONFIGURATION, WEBHOOK_PORT } from '../controller/src/webhook/constants.ts'
import { readSettings } from '../speaker/src/flags.ts'
import {
  type Container,
  CONTROLLER,
  find,
  type Listed,
  NAMESPACE,
  OBJECTS,
  objectsOf,
  SPEAKER,
} from './e2e/manifest.ts'

/** What can be said of the shipped manifest without an API server; test/e2e/manifests.test.ts asks a real one. */

describe('the Pods', () => {
  const [controller = {}] = CONTROLLER.spec.containers
  const [speaker = {}] = SPEAKER.spec.containers

  it('are told apart by the labels of the contract', () => {
    assert.deepEqual(CONTROLLER.metadata, { labels: { app: 'metallb', component: 'controller' } })
    assert.deepEqual(SPEAKER.metadata, { labels: { app: 'metallb', component: 'speaker' } })
  })

  it('of the speaker share the network of every node, and have 2 seconds to say goodbye', () => {
    const { hostNetwork, terminationGracePeriodSeconds, tolerations = [] } = SPEAKER.spec
    assert.deepEqual(
      { hostNetwork, terminationGracePeriodSeconds },
      { hostNetwork: true, terminationGracePeriodSeconds: 2 },
    )
    assert.deepEqual(
      tolerations.map(({ key, effect }) => `${key}:${effect}`),
      ['node-role.kubernetes.io/control-plane:NoSchedule', 'node-role.kubernetes.io/master:NoSchedule'],
    )
  })

  it('of the speaker have NET_RAW and nothing else', () => {
    assert.deepEqual(speaker['securityContext'], {
      runAsUser: 0,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
      seccompProfile: { type: 'RuntimeDefault' },
    })
  })

  it('of the controller have nothing, and go at once', () => {
    assert.equal(CONTROLLER.spec.terminationGracePeriodSeconds, 0)
    assert.deepEqual(controller['securityContext'], {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  it('are probed where the programs answer', () => {
    const probe = (path: string, host?: string): object => ({
      path,
      port: 'health',
      ...(host === undefined ? {} : { host }),
    })
    const probesOf = (container: Readonly<Record<string, unknown>>): readonly unknown[] =>
      ['livenessProbe', 'readinessProbe'].map((name) => (container[name] as { httpGet: object }).httpGet)
    assert.deepEqual(probesOf(controller), [probe('/healthz'), probe('/readyz')])
    assert.deepEqual(probesOf(speaker), [probe('/healthz', '127.0.0.1'), probe('/readyz', '127.0.0.1')])
  })

  it('name the ports that the programs listen on', () => {
    const common = [
      { name: 'health', containerPort: HEALTH_PORT },
      { name: 'metricshttps', containerPort: METRICS_PORT },
    ]
    assert.deepEqual(controller['ports'], [{ name: 'webhook-server', containerPort: WEBHOOK_PORT }, ...common])
    assert.deepEqual(speaker['ports'], [
      ...common,
      { name: 'memberlist-tcp', containerPort: 7946, protocol: 'TCP' },
      { name: 'memberlist-udp', containerPort: 7946, protocol: 'UDP' },
      { name: 'bfd-control', containerPort: CONTROL_PORT, protocol: 'UDP' },
      { name: 'bfd-echo', containerPort: ECHO_PORT, protocol: 'UDP' },
      { name: 'bfd-multihop', containerPort: MULTIHOP_PORT, protocol: 'UDP' },
    ])
  })

  it('are evicted last', () => {
    const classes = [CONTROLLER, SPEAKER].map(({ spec }) => spec.priorityClassName)
    assert.deepEqual(classes, ['system-cluster-critical', 'system-node-critical'])
  })

  it('of the speaker have the time that routers are given by default, and a second more', () => {
    const leavingSeconds = DEFAULT_PEER_POLICY.gracefulShutdownMs / 1000
    assert.equal(SPEAKER.spec.terminationGracePeriodSeconds, leavingSeconds + 1)
  })

  it('of the speaker find the secret of membership once the controller has made it, and do not wait for it', () => {
    assert.deepEqual(
      SPEAKER.spec.volumes?.find(({ name }) => name === 'membership-secret'),
      { name: 'membership-secret', secret: { secretName: 'memberlist', optional: true, defaultMode: 0o400 } },
    )
    assert.deepEqual(mountOf(speaker, 'membership-secret'), { mountPath: '/etc/ml_secret_key', readOnly: true })
    assert.equal(variableOf(speaker, 'METALLB_ML_SECRET_KEY_PATH'), '/etc/ml_secret_key')
    assert.equal(variableOf(controller, 'METALLB_ML_SECRET_NAME'), 'memberlist')
    assert.equal(variableOf(controller, 'METALLB_DEPLOYMENT'), find('Deployment', 'controller').metadata.name)
  })

  it('of the speaker are settled on membership by what the manifest says, on the address of their node', () => {
    const { env = [] } = speaker as { readonly env?: readonly Variable[] }
    const given = env.map(({ name, value, valueFrom }) => [
      name,
      value ?? FIELD_VALUES[valueFrom?.fieldRef.fieldPath ?? ''],
    ])
    const read = readSettings({ args: speaker['args'] as string[], env: Object.fromEntries(given) })
    assert.ok(read.kind === 'settings')
    assert.deepEqual(read.settings.options.membership, {
      bindAddress: '192.0.2.11',
      port: 7946,
      secretKeyPath: '/etc/ml_secret_key',
      wan: false,
    })
    assert.deepEqual(read.settings.warnings, [])
    assert.deepEqual(read.settings.options.speakerLabels, (SPEAKER.metadata as { labels: object }).labels)
  })

  it('of the speaker keep a folder on their node, the one thing they can write', () => {
    assert.deepEqual(
      SPEAKER.spec.volumes?.find(({ name }) => name === 'state'),
      { name: 'state', hostPath: { path: '/var/lib/steelyard', type: 'DirectoryOrCreate' } },
    )
    assert.deepEqual(mountOf(speaker, 'state'), { mountPath: '/var/lib/steelyard' })
    assert.equal(variableOf(speaker, 'STEELYARD_STATE_DIR'), '/var/lib/steelyard')
    const writable = mountsOf(speaker).filter(({ readOnly }) => readOnly !== true)
    assert.deepEqual(
      writable.map(({ name }) => name),
      ['state'],
    )
  })
})

type Variable = {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}
type VolumeMount = { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }

/** What a kubelet would fill in. */
const FIELD_VALUES: Readonly<Record<string, string>> = {
  'spec.nodeName': 'n1',
  'metadata.name': 'speaker-x',
  'metadata.namespace': NAMESPACE,
  'status.podIP': '192.0.2.11',
}

function mountsOf(container: Container): readonly VolumeMount[] {
  return container['volumeMounts'] as readonly VolumeMount[]
}

function mountOf(container: Container, volume: string): object | undefined {
  const found = mountsOf(container).find(({ name }) => name === volume)
  if (found === undefined) return undefined
  const { name: _, ...mount } = found
  return mount
}

function variableOf(container: Container, variable: string): string | undefined {
  return (container['env'] as readonly Variable[]).find(({ name }) => name === variable)?.value
}

describe('the webhook', () => {
  const [controller = {}] = CONTROLLER.spec.containers
  const { webhooks = [] } = find('ValidatingWebhookConfiguration', WEBHOOK_CONFIGURATION)

  it('is asked at every path where something is judged, and at no other', () => {
    const asked = webhooks.map(({ name, clientConfig: { service } }) => `${name} ${service.name} ${service.path}`)
    const judged = ADMISSION_PATHS.map(({ path, kind }) => {
      const group = path.startsWith('/validate-steelyard-dev-') ? 'steelyard.dev' : 'metallb.io'
      return `${kind.toLowerCase()}validationwebhook.${group} metallb-webhook-service ${path}`
    })
    assert.deepEqual(asked, judged)
    for (const { rules, clientConfig } of webhooks) {
      const [group, version, plural] = [rules[0]?.apiGroups[0], rules[0]?.apiVersions[0], rules[0]?.resources[0]]
      const singular = plural?.replace(/ies$/, 'y').replace(/s$/, '')
      assert.equal(clientConfig.service.path, `/validate-${group?.replaceAll('.', '-')}-${version}-${singular}`)
    }
  })

  it('judges what is made and changed, and of what is deleted BFDProfiles', () => {
    const operations = webhooks.map(({ rules }) => rules.map((rule) => rule.operations.join()).join('; '))
    assert.deepEqual(new Set(operations), new Set(['CREATE,UPDATE', 'CREATE,DELETE']))
    const [profiles] = webhooks.filter(({ rules }) => rules[0]?.operations.includes('DELETE') === true)
    assert.equal(profiles?.name, 'bfdprofilevalidationwebhook.metallb.io')
  })

  it('never stands in the way: nothing is refused because it cannot be asked, and nobody waits long', () => {
    for (const {
      failurePolicy,
      sideEffects,
      matchPolicy,
      timeoutSeconds,
      admissionReviewVersions,
      clientConfig,
    } of webhooks) {
      assert.deepEqual(
        { failurePolicy, sideEffects, matchPolicy, admissionReviewVersions },
        { failurePolicy: 'Ignore', sideEffects: 'None', matchPolicy: 'Equivalent', admissionReviewVersions: ['v1'] },
      )
      assert.ok(timeoutSeconds <= 5)
      assert.equal(clientConfig.caBundle, undefined, 'the controller knows whom to trust')
    }
  })

  it('has its certificate in a Secret that is shipped empty, and that no Pod waits for', () => {
    assert.equal(find('Secret', 'metallb-webhook-cert').data, undefined)
    assert.deepEqual(
      CONTROLLER.spec.volumes?.find(({ name }) => name === 'webhook-cert'),
      { name: 'webhook-cert', secret: { secretName: 'metallb-webhook-cert', optional: true } },
    )
    const flags = readControllerFlags({
      args: controller['args'] as string[],
      env: { METALLB_DEPLOYMENT: 'controller' },
    })
    assert.ok(flags.kind === 'values')
    const {
      'cert-dir': mountPath,
      'webhook-mode': mode,
      'webhook-secret': secret,
      'cert-service-name': service,
    } = flags.values
    assert.deepEqual(mountOf(controller, 'webhook-cert'), { mountPath, readOnly: true })
    assert.deepEqual([mode, secret, service], ['enabled', 'metallb-webhook-cert', 'metallb-webhook-service'])
  })
})

describe('the interfaces that are not announced on', () => {
  it('are those of the contract', () => {
    const names =
      'docker.* cbr.* dummy.* virbr.* lxcbr.* veth.* lo$ cali.* tunl.* flannel.* kube-ipvs.* cni.* nodelocaldns.* lxc.*'
    const [list] = parseAllDocuments(find('ConfigMap', 'metallb-excludel2').data?.['excludel2.yaml'] ?? '')
    assert.deepEqual(list?.toJS(), { announcedInterfacesToExclude: names.split(' ').map((name) => `^${name}`) })
  })
})

describe('the manifest for two controllers', () => {
  const more = objectsOf(`${new URL('..', import.meta.url).pathname}config/manifests/steelyard-ha.yaml`)
  const key = ({ kind, metadata }: Listed): string => `${kind} ${metadata.name}`
  const others = new Map(OBJECTS.map((object) => [key(object), JSON.stringify(object)]))

  it('differs from the plain one in the Deployment, and has a budget for disruptions', () => {
    const changed = more.filter((object) => others.get(key(object)) !== JSON.stringify(object))
    assert.deepEqual(changed.map(key), ['Deployment controller', 'PodDisruptionBudget controller'])
    assert.equal(more.length, OBJECTS.length + 1)
  })

  it('asks for a second replica on another node, and keeps one of the two while nodes are drained', () => {
    const spec = (kind: string): Readonly<Record<string, unknown>> =>
      more.find((object) => object.kind === kind)?.spec as unknown as Readonly<Record<string, unknown>>
    assert.equal(spec('Deployment')['replicas'], 2)
    const { topologySpreadConstraints: spread } = (spec('Deployment')['template'] as { spec: Record<string, object[]> })
      .spec
    const labels = { app: 'metallb', component: 'controller' }
    assert.deepEqual(
      [spread?.length, spec('PodDisruptionBudget')],
      [1, { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: labels } }],
    )
  })
})
