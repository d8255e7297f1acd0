import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { HOMES, RULES, type Source } from './architecture/rules.ts'

const ROOT = new URL('..', import.meta.url).pathname
const SOURCES: readonly Source[] = globSync(
  ['packages/*/src/**/*.ts', 'controller/src/**/*.ts', 'speaker/src/**/*.ts', 'cli/src/**/*.ts'],
  { cwd: ROOT },
)
  .toSorted()
  .map((file) => ({ file, text: readFileSync(`${ROOT}${file}`, 'utf8') }))

describe('the rules of the house', () => {
  it('finds the sources it is meant to check', () => assert.ok(SOURCES.length > 20, `only ${SOURCES.length} files`))

  for (const rule of RULES) {
    it(rule.name, () => {
      const broken = SOURCES.flatMap((source) => rule.violations(source).map((what) => `${source.file}: ${what}`))
      assert.deepEqual(broken, [])
    })
  }

  for (const { what, literal, home } of HOMES) {
    it(`${what} is written only in ${home}`, () => {
      const strays = SOURCES.filter(
        ({ file, text }) => file !== home && !file.endsWith('.test.ts') && literal.test(text),
      )
      assert.deepEqual(
        strays.map(({ file }) => file),
        [],
      )
    })
  }
})

/** Every rule seen red: a guard that never fired may be a guard that cannot. */
const RED: Readonly<Record<string, Source>> = {
  'a file has at most 300 lines': { file: 'packages/net/src/long.ts', text: '\n'.repeat(300) },
  'imports go down the layers, never sideways or up': {
    file: 'packages/arp-lib/src/arp.ts',
    text: "import { viewService } from '@steelyard/model'",
  },
  'nobody reaches into the files of another package': {
    file: 'controller/src/main.ts',
    text: "import { parse } from '../../packages/net/src/address.ts'",
  },
  'what decides does not touch the world': {
    file: 'controller/src/decide/pick.ts',
    text: "import { readFileSync } from 'node:fs'\nconst at = Date.now()",
  },
  'only packages/kube knows the Kubernetes client library': {
    file: 'speaker/src/main.ts',
    text: "import { KubeConfig } from '@kubernetes/client-node'",
  },
  'an index names what it exports, and nothing has a default export': {
    file: 'packages/net/src/index.ts',
    text: "export * from './address.ts'",
  },
  'no enum, namespace, any, nor class but an Error': { file: 'packages/net/src/kind.ts', text: 'class Store {}' },
  'a module has no state of its own': {
    file: 'packages/kube/src/cache.ts',
    text: 'const seen = new Map<string, number>()',
  },
  'files are kebab-case nouns, never a drawer for odds and ends': { file: 'packages/net/src/utils.ts', text: '' },
}

describe('each rule fires', () => {
  for (const rule of RULES) {
    it(`on a file that breaks "${rule.name}"`, () => {
      const red = RED[rule.name]
      assert.ok(red !== undefined, 'no example of this rule broken')
      assert.notDeepEqual(rule.violations(red), [])
    })
  }
})
