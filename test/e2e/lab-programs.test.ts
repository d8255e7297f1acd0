import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { installSteelyard } from '../lab/install.ts'
import { type Lab, startLab } from '../lab/lab.ts'

/**
 * The lab runs our programs as a kubelet runs containers. Shown with a program that tells what it was
 * given, so that this stands whatever the real ones do.
 */

const WRITE_HERE = `/steelyard-written-${process.pid}`

const PROGRAM = `
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { get } from 'node:https'

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const read = (path) => { try { return readFileSync(path, 'utf8') } catch (error) { return error.code } }
const write = (path) => { try { writeFileSync(path, ''); return 'written' } catch (error) { return error.code } }
const ask = (path) => new Promise((resolve) => {
  const headers = { authorization: 'Bearer ' + read(ACCOUNT + '/token') }
  const host = process.env.KUBERNETES_SERVICE_HOST
  get({ host, port: process.env.KUBERNETES_SERVICE_PORT, path, headers, ca: read(ACCOUNT + '/ca.crt') }, (answer) => resolve(answer.resume().statusCode))
    .on('error', (error) => resolve(error.message))
})
console.log(JSON.stringify({
  args: process.argv.slice(2),
  node: process.env.METALLB_NODE_NAME,
  inherited: process.env.HOME,
  namespace: read(ACCOUNT + '/namespace'),
  excluded: read('/etc/metallb/excludel2.yaml'),
  user: process.getuid(),
  written: write(${JSON.stringify(WRITE_HERE)}),
  secret: read('/etc/ml_secret_key/secretkey'),
  kept: write('/var/lib/steelyard/' + process.env.METALLB_NODE_NAME),
  host: read('/etc/hostname'),
  capabilities: /CapEff:\\s*([0-9a-f]+)/.exec(read('/proc/self/status'))[1],
  allowed: await ask('/api/v1/nodes'),
  forbidden: await ask('/api/v1/secrets'),
}))
createServer((_asked, answer) => answer.end('ok')).listen(17472, process.argv[2])
`

const MANIFEST = `
apiVersion: v1
kind: Namespace
metadata: { name: metallb-system }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: speaker, namespace: metallb-system }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: speaker }
rules: [{ apiGroups: [""], resources: [nodes], verbs: [list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: speaker }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: speaker }
subjects: [{ kind: ServiceAccount, name: speaker, namespace: metallb-system }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: exclude, namespace: metallb-system }
data: { excludel2.yaml: "announcedInterfacesToExclude: ['^veth.*']" }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: speaker, namespace: metallb-system }
spec:
  selector: { matchLabels: { app: metallb, component: speaker } }
  template:
    metadata: { labels: { app: metallb, component: speaker } }
    spec:
      hostNetwork: true
      serviceAccountName: speaker
      terminationGracePeriodSeconds: 2
      containers:
        - name: speaker
          image: steelyard
          args: [127.0.0.1]
          env: [{ name: METALLB_NODE_NAME, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]
          securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: [ALL], add: [NET_RAW] } }
          readinessProbe: { httpGet: { path: /readyz, port: 17472, host: 127.0.0.1 } }
          volumeMounts:
            - { name: exclude, mountPath: /etc/metallb }
            - { name: secret, mountPath: /etc/ml_secret_key }
            - { name: state, mountPath: /var/lib/steelyard }
      volumes:
        - { name: exclude, configMap: { name: exclude } }
        - { name: secret, secret: { secretName: late, optional: true } }
        - { name: state, hostPath: { path: /var/lib/steelyard, type: DirectoryOrCreate } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: controller, namespace: metallb-system }
spec:
  selector: { matchLabels: { app: metallb, component: controller } }
  template:
    metadata: { labels: { app: metallb, component: controller } }
    spec:
      serviceAccountName: speaker
      securityContext: { runAsUser: 65534 }
      terminationGracePeriodSeconds: 0
      containers:
        - name: controller
          image: steelyard
          args: ["::"]
          ports: [{ name: health, containerPort: 17472 }]
          securityContext: { capabilities: { drop: [ALL] } }
          readinessProbe: { httpGet: { path: /readyz, port: health } }
`

/** Bits of linux/capability.h: CAP_DAC_READ_SEARCH, which the lab leaves, and CAP_NET_RAW. */
const [READ_ANY_FILE, NET_RAW] = [1n << 2n, 1n << 13n]

describe('a program of ours in the lab', () => {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-test-'))
  const [program, manifest] = [join(folder, 'program.mjs'), join(folder, 'manifest.yaml')]
  let lab: Lab
  before(async () => {
    writeFileSync(program, PROGRAM)
    writeFileSync(manifest, MANIFEST)
    lab = await startLab({ suffix: `p${process.pid}`, nodes: 2, form: { controller: program, speaker: program } })
    await installSteelyard(lab, { manifest, controllers: 2, speakerArgs: ['--log-level=debug'] })
  })
  after(async () => {
    await lab.stop()
    rmSync(folder, { recursive: true })
  })

  type Told = Readonly<Record<string, unknown>> & { readonly capabilities: string }
  const toldBy = (file: string): Told => JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '') as Told

  it('sees the arguments, environment and files of its Pod, and none of ours', () => {
    const { args, node, inherited, excluded, namespace } = toldBy(lab.programs.speakerOn('n2').logFile())
    assert.deepEqual(
      { args, node, inherited, excluded, namespace },
      {
        args: ['127.0.0.1', '--log-level=debug'],
        node: 'n2',
        inherited: undefined,
        excluded: "announcedInterfacesToExclude: ['^veth.*']",
        namespace: 'metallb-system',
      },
    )
  })

  it('sees a change of its ConfigMap', async () => {
    const path = '/api/v1/namespaces/metallb-system/configmaps/exclude'
    await lab.api.patch(path, { data: { 'excludel2.yaml': 'announcedInterfacesToExclude: [eth1]' } })
    const pid = lab.programs.speakerOn('n1').pid()
    const seen = `/proc/${pid}/root/etc/metallb/excludel2.yaml`
    await lab.waitFor('the new text', () => readFileSync(seen, 'utf8').includes('eth1'))
  })

  it('starts without a Secret that it can do without, and sees it when it appears', async () => {
    const speaker = lab.programs.speakerOn('n1')
    assert.equal(toldBy(speaker.logFile())['secret'], 'ENOENT')
    const metadata = { name: 'late', namespace: 'metallb-system' }
    const body = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { secretkey: 'here it is' } }
    await lab.api.create('/api/v1/namespaces/metallb-system/secrets', body)
    const seen = `/proc/${speaker.pid()}/root/etc/ml_secret_key/secretkey`
    await lab.waitFor('the Secret', () => existsSync(seen) && readFileSync(seen, 'utf8') === 'here it is')
  })

  it('keeps files in a folder of its node, which are not those of another node', () => {
    for (const node of ['n1', 'n2']) {
      const speaker = lab.programs.speakerOn(node)
      assert.equal(toldBy(speaker.logFile())['kept'], 'written')
      assert.deepEqual(readdirSync(`/proc/${speaker.pid()}/root/var/lib/steelyard`), [node])
    }
    assert.equal(existsSync('/var/lib/steelyard'), false)
  })

  it('still sees the rest of the machine, where nothing of this has appeared', () => {
    assert.equal(toldBy(lab.programs.speakerOn('n1').logFile())['host'], readFileSync('/etc/hostname', 'utf8'))
    assert.equal(existsSync('/etc/metallb'), false)
    assert.equal(existsSync('/run/secrets/kubernetes.io'), false)
  })

  it('may do what its service account may, and nothing more', () => {
    for (const pod of [...lab.programs.of('controller'), ...lab.programs.of('speaker')]) {
      const { allowed, forbidden } = toldBy(pod.logFile())
      assert.deepEqual({ allowed, forbidden }, { allowed: 200, forbidden: 403 })
    }
  })

  it('has the capabilities of its container', () => {
    const masks = (['speaker', 'controller'] as const).map((name) => {
      const [pod] = lab.programs.of(name)
      return BigInt(`0x${toldBy(pod?.logFile() ?? '').capabilities}`) & ~READ_ANY_FILE
    })
    assert.deepEqual(masks, [NET_RAW, 0n])
  })

  it('is the user of its Pod, and writes nowhere', () => {
    const told = (['speaker', 'controller'] as const).map((name) => toldBy(lab.programs.of(name)[0]?.logFile() ?? ''))
    assert.deepEqual(
      told.map(({ user, written }) => ({ user, written })),
      [
        { user: 0, written: 'EROFS' },
        { user: 65_534, written: 'EACCES' },
      ],
    )
    assert.equal(existsSync(WRITE_HERE), false)
  })

  it('is one on every node as a DaemonSet, and as many as told as a Deployment', () => {
    assert.deepEqual(
      lab.programs.of('speaker').map(({ node }) => node),
      ['n1', 'n2'],
    )
    assert.equal(lab.programs.of('controller').length, 2)
  })

  it('is not ready while it hangs, nor once it is dead, and is started again', async () => {
    const speaker = lab.programs.speakerOn('n1')
    const readyNow = async (): Promise<string | undefined> => {
      const path = `/api/v1/namespaces/metallb-system/pods/${speaker.name}`
      const pod = await lab.api.get<{ status: { conditions: { type: string; status: string }[] } }>(path)
      return pod.status.conditions.find(({ type }) => type === 'Ready')?.status
    }
    lab.programs.pause(speaker)
    await lab.waitFor('a hanging program not to be ready', async () => (await readyNow()) === 'False')
    lab.programs.resume(speaker)
    await lab.waitFor('it to be ready again', async () => (await readyNow()) === 'True')
    const before = speaker.pid()
    lab.programs.kill(speaker)
    await lab.waitFor('a dead program not to be ready', async () => (await readyNow()) === 'False', { everyMs: 10 })
    await lab.waitFor(
      'another to take its place',
      async () => (await readyNow()) === 'True' && speaker.pid() !== before,
    )
  })
})
