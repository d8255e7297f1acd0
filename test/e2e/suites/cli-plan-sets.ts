import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { stringify } from 'yaml'
import type { KubeObject, Service } from '@steelyard/model'
import { type PlanSet, pool, service } from '../../cli/plan-set.ts'
import { expected, PLAN_SETS, type Planned, type Shown, shown } from '../../cli/plan-sets.ts'
import type { Lab } from '../../lab/lab.ts'
import { SHOP } from './bare-lab.ts'
import { steelyard } from './cli-command.ts'
import { PRODUCT_NAMESPACE } from './objects.ts'

const ALL_SERVICES = '/api/v1/services'
/** Several passes of the controller: one that has more to write would have written it. */
const REST_MS = 400

/** The change sets that `plan` is held to in memory, now with kubectl, the API server and the controller for real. */
export function cliPlanSetsSuite(lab: () => Lab): void {
  describe('steelyard plan says what then really happens when', () => {
    afterEach(() => clear(lab()))
    for (const set of PLAN_SETS) {
      it(set.name, async () => {
        await begin(lab(), set)
        const before = shown(await services(lab()))
        const files = writeFiles(lab(), set)
        const { planned, status } = await ask(lab(), files)
        await change(lab(), files, set.turnedDown === true)
        await compare(lab(), expected(before, planned, set))
        assert.equal(planned.moves, set.moves)
        assert.equal(status === 2, set.moves)
      })
    }
  })
}

type Files = { readonly applied: string | undefined; readonly deleted: string | undefined }

async function begin(lab: Lab, set: PlanSet): Promise<void> {
  const pools = Object.entries(set.pools).map(([name, [addresses, more]]) => pool(name, addresses, more))
  const created = Object.entries(set.services).map(([key, file]) => service(key, file))
  await lab.kubectl(['apply', '-f', '-'], yamlOf(pools))
  if (created.length > 0) await lab.kubectl(['apply', '-f', '-'], yamlOf(created))
  await rested(lab)
}

function writeFiles(lab: Lab, { applied, deleted }: PlanSet): Files {
  const write = (name: string, objects: readonly KubeObject[] = []): string | undefined => {
    if (objects.length === 0) return undefined
    const path = join(lab.folder, name)
    writeFileSync(path, yamlOf(objects))
    return path
  }
  return { applied: write('change.yaml', applied), deleted: write('gone.yaml', deleted) }
}

async function ask(lab: Lab, { applied, deleted }: Files): Promise<{ planned: Planned; status: number }> {
  const files = [
    ...(applied === undefined ? [] : ['-f', applied]),
    ...(deleted === undefined ? [] : ['--delete', deleted]),
  ]
  const { stdout, stderr, status } = await steelyard(lab, ['plan', ...files, '-o', 'json'])
  assert.equal(stderr, '')
  return { planned: JSON.parse(stdout) as Planned, status }
}

/** As a user would, in one command each. */
async function change(lab: Lab, { applied, deleted }: Files, turnedDown: boolean): Promise<void> {
  if (applied !== undefined) {
    const { status, stderr } = await lab.tryKubectl(['apply', '-f', applied])
    assert.equal(status === 0, !turnedDown, stderr)
  }
  if (applied !== undefined && deleted !== undefined) await rested(lab)
  if (deleted !== undefined) await lab.kubectl(['delete', '-f', deleted])
}

/** It comes to be so, and stays. */
async function compare(lab: Lab, wanted: Shown): Promise<void> {
  await lab.waitFor(
    'the addresses of the plan',
    async () => {
      assert.deepEqual(shown(await services(lab)), wanted)
      return true
    },
    { timeoutMs: 10_000 },
  )
  await rested(lab)
  assert.deepEqual(shown(await services(lab)), wanted)
}

/** Waits until no Service has changed for a while. */
async function rested(lab: Lab): Promise<void> {
  let [last, since] = ['', performance.now()]
  await lab.waitFor('the controller to rest', async () => {
    const now = (await services(lab)).map(({ metadata }) => metadata.resourceVersion).join()
    if (now !== last) [last, since] = [now, performance.now()]
    return performance.now() - since > REST_MS
  })
}

async function services(lab: Lab): Promise<readonly Service[]> {
  const { items } = await lab.api.list<Service>(ALL_SERVICES)
  return items
}

async function clear(lab: Lab): Promise<void> {
  const gone = (namespace: string, ...what: readonly string[]): Promise<unknown> =>
    lab.kubectl(['-n', namespace, 'delete', '--ignore-not-found', ...what])
  await Promise.all([
    gone('default', 'service', 'a', 'b', 'c'),
    gone(SHOP, 'service', '--all'),
    gone(PRODUCT_NAMESPACE, 'ipaddresspool,community', '--all'),
    lab.kubectl(['label', 'namespace', SHOP, 'tier-']),
  ])
}

function yamlOf(objects: readonly KubeObject[]): string {
  return objects.map((object) => stringify(object)).join('---\n')
}
