import assert from 'node:assert/strict'
import { existsSync, globSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type BuiltImage, buildImage, productVersion, REPOSITORY } from '../../scripts/image.ts'
import { type UnpackedImage, unpackImage } from './image-container.ts'
import { type Container, CONTROLLER, SPEAKER, type Template } from './manifest.ts'

/** The Dockerfile, built, and both programs started from it as their Pods say: user, capabilities, read-only root. */
describe('the image', () => {
  let built: BuiltImage
  let image: UnpackedImage
  before(() => {
    built = buildImage()
    image = unpackImage(built)
  })
  after(() => image?.remove())

  it('has the name that the manifests ask for', (context) => {
    const names = [CONTROLLER, SPEAKER].map((template) => containerOf(template)['image'])
    assert.deepEqual(names, [built.name, built.name])
    context.diagnostic(`${built.size}, built in ${built.seconds.toFixed(1)} s on a ${built.base} base`)
  })

  it('says what it is', () => {
    const { Labels: labels, Healthcheck: healthcheck, User: user, WorkingDir: folder } = image.config.config
    const { title, version, licenses, revision } = Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [key.replace('org.opencontainers.image.', ''), value]),
    )
    assert.deepEqual([title, version, licenses], ['Steelyard', productVersion(), 'Apache-2.0'])
    assert.match(revision ?? '', /^[0-9a-f]{40}$|^unknown$/)
    assert.deepEqual({ user, folder, healthcheck }, { user: '65534:65534', folder: '/app', healthcheck: undefined })
    assert.equal(
      `${image.config.os}/${image.config.architecture}`,
      `linux/${process.arch === 'x64' ? 'amd64' : 'arm64'}`,
    )
    assert.ok(built.name.startsWith(`${REPOSITORY}:`))
  })

  it('has no shell, no package manager, and nothing that runs with the powers of its owner', () => {
    const files = globSync('**', { cwd: image.root }).map((file) => join(image.root, file))
    const programs = ['bin/sh', 'usr/bin', 'usr/sbin', 'usr/bin/dpkg', 'usr/local/bin/npm']
    assert.deepEqual(
      programs.filter((program) => existsSync(join(image.root, program))),
      [],
    )
    const SET_ID = 0o6000
    assert.ok(files.length > 20, `${files.length} files`)
    assert.deepEqual(
      files.filter((file) => lstatSync(file).isFile() && (lstatSync(file).mode & SET_ID) !== 0),
      [],
    )
  })

  const PROGRAMS = { controller: CONTROLLER, speaker: SPEAKER } as const
  for (const [program, template] of Object.entries(PROGRAMS)) {
    describe(`the ${program}`, () => {
      it('tells its flags', async () => {
        const { status, stdout, stderr } = await image.run(template, [...commandOf(template), '--help'])
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
        assert.match(stdout, new RegExp(`^Usage: ${program} \\[flags\\]`))
      })

      it('says in one line why it cannot start outside of a cluster', async () => {
        const flags = ['--namespace=metallb-system', ...(program === 'speaker' ? ['--node-name=n1'] : [])]
        const { status, stdout, stderr } = await image.run(template, [...commandOf(template), ...flags])
        assert.equal(status, 1)
        assert.match(`${stdout}${stderr}`, /cannot start: no --kubeconfig, no \$KUBECONFIG, and not in a Pod/)
      })

      it('runs as the user and with the powers that its Pod says, and can write nowhere', async () => {
        const seen = JSON.parse(await evaluated(template, LOOK_AROUND)) as object
        const power = program === 'speaker' ? CAP_NET_RAW : 0n
        assert.deepEqual(seen, {
          uid: program === 'speaker' ? 0 : 65_534,
          effective: power.toString(16).padStart(16, '0'),
          written: ['EROFS', 'EROFS', 'EROFS'],
        })
      })
    })
  }

  it('runs Node 24', async () =>
    assert.match(await evaluated(CONTROLLER, 'process.stdout.write(process.version)'), /^v24\./))

  it('has the addon, which opens a socket for frames with the one power that the speaker has', async () => {
    assert.equal(await evaluated(SPEAKER, OPEN_PACKET_SOCKET), 'opened')
  })

  it('has the addon, which is refused that socket in the Pod of the controller', async () => {
    assert.equal(await evaluated(CONTROLLER, OPEN_PACKET_SOCKET), 'EPERM')
  })

  async function evaluated(template: Template, code: string): Promise<string> {
    const { status, stdout, stderr } = await image.run(template, ['node', '--eval', code])
    assert.equal(status, 0, stderr)
    return stdout
  }
})

/** Bit 13 of the mask (linux/capability.h). */
const CAP_NET_RAW = 1n << 13n

const LOOK_AROUND = `
const { readFileSync, writeFileSync } = require('node:fs')
const attempt = (file) => { try { writeFileSync(file, ''); return 'written' } catch (error) { return error.code } }
const effective = /^CapEff:\\s*(\\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]
const written = ['/app/dist/controller.mjs', '/app/new', '/new'].map(attempt)
process.stdout.write(JSON.stringify({ uid: process.getuid(), effective, written }))`

const OPEN_PACKET_SOCKET = `
const addon = { exports: {} }
process.dlopen(addon, '/app/dist/raw_socket.node')
const [AF_PACKET, SOCK_RAW] = [17, 3]
const fd = addon.exports.socket(AF_PACKET, SOCK_RAW, 0)
process.stdout.write(fd >= 0 ? 'opened' : require('node:util').getSystemErrorName(fd))`

function containerOf({ spec }: Template): Container {
  return spec.containers[0] ?? {}
}

function commandOf(template: Template): readonly string[] {
  return containerOf(template)['command'] as readonly string[]
}
