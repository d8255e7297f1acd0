import { randomBytes, randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Api, eventRecorder, loadKubeConfig, observeApi, realApi } from '@steelyard/kube'
import {
  createLogger,
  errorText,
  type HealthCheck,
  type HealthServer,
  type Logger,
  makeSignedCertificate,
  ownNamespace,
  preferSmallHeap,
  refuseStart,
  startHealth,
  stopOnSignal,
  tlsSettings,
  usage,
} from '@steelyard/program'
import { systemClock } from '@steelyard/runtime'
import { COMPONENT, type Controller, type ControllerOptions, startController } from './controller.ts'
import { CONTROLLER_FLAGS, type ControllerFlags, readControllerFlags } from './flags.ts'
import { startControllerMetrics } from './metrics/start-controller-metrics.ts'
import { ownDeployment } from './own-deployment.ts'
import { WEBHOOK_PORT } from './webhook/constants.ts'
import { startWebhook, type Webhook } from './webhook/webhook.ts'

/** Kubernetes gives the controller no more than its last writes need. */
const GRACE_MS = 5000
/** Of the membership Secret, as many as nobody guesses. */
const SECRET_BYTES = 16

preferSmallHeap()
await main()

async function main(): Promise<void> {
  const flags = readControllerFlags({ args: process.argv.slice(2), env: process.env })
  if (flags.kind === 'help') return void process.stdout.write(usage('controller', CONTROLLER_FLAGS))
  if (flags.kind === 'refused') return refuseStart('controller', flags.problems, usage('controller', CONTROLLER_FLAGS))
  const namespace = ownNamespace(flags.values.namespace)
  if (!namespace.ok) return refuseStart('controller', [namespace.reason], usage('controller', CONTROLLER_FLAGS))
  const log = createLogger({ level: flags.values['log-level'], caller: 'main' })
  for (const warning of flags.warnings) log.warn(warning, { op: 'flags' })
  try {
    await run(flags.values, namespace.value, log)
  } catch (error) {
    // What cannot be had at the start: credentials, the probe's port.
    log.error(`cannot start: ${errorText(error)}`, { op: 'start' })
    process.exitCode = 1
  }
}

async function run(flags: ControllerFlags, namespace: string, log: Logger): Promise<void> {
  const credentials = await loadKubeConfig({ kubeconfig: flags.kubeconfig, env: process.env })
  log.info(`reaching the API server at ${credentials.server.origin}`, { op: 'start', namespace })
  const ports = { api: realApi(credentials), flags, namespace, log }
  if (flags['webhook-mode'] === 'onlywebhook') await judgeOnly(ports)
  else await allocate(ports)
}

async function allocate(ports: Ports): Promise<void> {
  const { flags, namespace, log } = ports
  // The probes first: a port that cannot be had must not leave a controller behind that nobody can see.
  const started: { controller?: Controller } = {}
  const health = await probes(flags, () => (started.controller ? started.controller.notReady() : 'starting'))
  const membershipSecret = await secretToMake(ports)
  const { api, observations } = observeApi(ports.api, systemClock)
  const observed = (): Controller['observed'] | undefined => started.controller?.observed
  const metrics = await startControllerMetrics(flags, { api, observations, observed, log })
  const webhook = flags['webhook-mode'] === 'disabled' ? undefined : startWebhookFor({ ...ports, api })
  const controller = startController({
    api,
    clock: systemClock,
    timeOfDay: () => new Date(),
    random: Math.random,
    log,
    namespace,
    identity: flags['pod-name'] === '' ? `${hostname()}_${randomUUID()}` : flags['pod-name'],
    podName: flags['pod-name'],
    loadBalancerClass: flags['lb-class'],
    membershipSecret,
    webhook,
  })
  started.controller = controller
  stopOnSignal({
    log,
    graceMs: () => GRACE_MS,
    stop: async () => {
      await controller.stop()
      await Promise.all([webhook?.stop(), health?.stop(), metrics?.stop()])
    },
  })
  await controller.lost
  log.error('another replica is active: ending, to start anew as a standby', { reason: 'LeaseLost' })
  process.exit(1)
}

type Ports = {
  readonly api: Api
  readonly flags: ControllerFlags
  readonly namespace: string
  readonly log: Logger
}

/** @throws Error when the Deployment that is to own it does not exist */
async function secretToMake({ api, flags, namespace, log }: Ports): Promise<ControllerOptions['membershipSecret']> {
  const name = flags['ml-secret-name']
  if (name === '') return undefined
  const ports = { api, clock: systemClock, random: Math.random, log }
  const owner = await ownDeployment(ports, { namespace, name: flags.deployment })
  return { name, owner, newSecret: () => randomBytes(SECRET_BYTES).toString('base64') }
}

function startWebhookFor({ api, flags, namespace, log }: Ports): Webhook {
  return startWebhook({
    api,
    clock: systemClock,
    timeOfDay: () => new Date(),
    random: Math.random,
    log,
    namespace,
    port: WEBHOOK_PORT,
    http2: flags['webhook-http2'],
    tls: tlsSettings(flags),
    secretName: flags['webhook-secret'],
    serviceName: flags['cert-service-name'],
    makeCertificate: makeSignedCertificate,
    certificateFolder: flags['disable-cert-rotation'] ? flags['cert-dir'] : undefined,
  })
}

/** `onlywebhook`: another process allocates. It holds the Lease, so certificates are kept without; versions settle who writes. */
async function judgeOnly(ports: Ports): Promise<void> {
  const { api, flags, log } = ports
  const world = { api, clock: systemClock, timeOfDay: () => new Date(), random: Math.random, log }
  const webhook = startWebhookFor(ports)
  const health = await probes(flags, webhook.problem)
  const events = eventRecorder(api, { ...world, component: COMPONENT, log: log.from('events') })
  const keeping = webhook.keep({ ...world, events })
  log.info('--webhook-mode=onlywebhook: nothing is allocated here', { op: 'start' })
  stopOnSignal({
    log,
    graceMs: () => GRACE_MS,
    stop: async () => {
      await keeping.stop()
      events.stop()
      await webhook.stop()
      await health?.stop()
    },
  })
}

async function probes(flags: ControllerFlags, ready: HealthCheck): Promise<HealthServer | undefined> {
  const port = flags['health-probe-port']
  return port === 0 ? undefined : startHealth({ port }, { healthy: () => undefined, ready })
}
