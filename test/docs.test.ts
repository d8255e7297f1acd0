import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { COMMAND_TABLE } from './docs/command-table.ts'
import { anchorOf, anchors, blocks, codeIn, commands, links, type Page, pageAt, pages } from './docs/markdown.ts'
import { isOurs, modelProblems, objectsIn, schemaProblems, type Shown } from './docs/objects.ts'

const ROOT = new URL('..', import.meta.url).pathname
const PAGES = pages()

/** What `npm run build` and `npm run image` make. */
const MADE = /^(dist|image)\//
const FILE_NAME =
  /(?<![\w./@$<{-])(?:docs|test|config|crds|packages|scripts|speaker|controller|charts|cli|\.ci|dist|image)\/[\w./*{},-]*[\w}]/g

function deadLinks(page: Page): readonly string[] {
  return links(page)
    .filter(({ file, heading }) => !leads(page, file, heading))
    .map(({ file, heading }) => `${file}#${heading}`)
}

function leads(page: Page, file: string, heading: string): boolean {
  if (file === '') return anchors(page).has(heading)
  const path = join(dirname(page.path), file)
  if (!existsSync(`${ROOT}${path}`)) return false
  return heading === '' || (path.endsWith('.md') && anchors(pageAt(path)).has(heading))
}

function missingFiles(page: Page): readonly string[] {
  const named = codeIn(page).flatMap((code) => code.match(FILE_NAME) ?? [])
  return [...new Set(named)].filter((name) => !MADE.test(name) && globSync(name, { cwd: ROOT }).length === 0)
}

describe('the guides', () => {
  it('are found', () => assert.ok(PAGES.length > 20))

  for (const page of PAGES) {
    it(`${page.path}: every link leads somewhere`, () => assert.deepEqual(deadLinks(page), []))
    it(`${page.path}: every file that is named exists`, () => assert.deepEqual(missingFiles(page), []))
    it(`${page.path}: every fence is closed`, () => {
      assert.equal(page.text.match(/^ *```/gm)?.length ?? 0, blocks(page).length * 2)
    })
  }
})

describe('an object that a guide shows', () => {
  const all = PAGES.map((page) => ({ page, shown: objectsIn(page) }))
  it('is found', () => assert.ok(all.flatMap(({ shown }) => shown).length > 8))

  for (const { page, shown } of all) {
    for (const one of shown.filter(isOurs)) {
      it(`${one.at} ${one.object.kind} has the fields of its kind`, () => assert.deepEqual(schemaProblems(one), []))
    }
    if (shown.some(isOurs))
      it(`${page.path}: together they are a configuration`, () => assert.deepEqual(modelProblems(shown), []))
  }
})

/** Pages of which a test of the e2e ring runs every block, but for those that say why not. */
const RUN_WHOLE = globSync('test/e2e/*.test.ts', { cwd: ROOT })
  .flatMap((file) => [...readFileSync(`${ROOT}${file}`, 'utf8').matchAll(/^const GUIDE = .*(docs\/[\w-]+\.md)/gm)])
  .map(([, path = '']) => path)

describe('a command in a guide', () => {
  const run = new Set(RUN_WHOLE.flatMap((path) => runIn(pageAt(path))))
  it('is run where a test is made from its page', () =>
    assert.ok(RUN_WHOLE.includes('docs/install.md') && run.size > 10))

  for (const page of PAGES) {
    for (const command of runIn(page)) {
      it(`${page.path}: ${command}`, () => {
        const known = run.has(command) || COMMAND_TABLE.some(({ commands: some }) => some.test(command))
        assert.ok(known, 'test/docs/command-table.ts names no test that runs it, and no reason why none does')
      })
    }
  }

  for (const row of COMMAND_TABLE) {
    it(`has a true row: ${row.commands.source}`, () => {
      const meant = PAGES.flatMap(runIn).filter((command) => row.commands.test(command))
      assert.notDeepEqual(meant, [], 'no command is meant by it')
      if ('notRun' in row) return
      assert.ok(readFileSync(`${ROOT}${row.test}`, 'utf8').includes(row.seen), `${row.test} has no ${row.seen}`)
    })
  }
})

/** The commands whose block does not say itself why they are not run. */
function runIn(page: Page): readonly string[] {
  const excused = blocks(page).filter(({ info }) => /^sh \(not run by .{20,}\)$/.test(info))
  const why = new Set(excused.map(({ text }) => text))
  return commands({ ...page, text: [...why].reduce((text, one) => text.replace(one, ''), page.text) })
}

const page = (text: string): Page => ({ path: 'docs/example.md', text })
function pool(spec: object): Shown {
  const metadata = { name: 'a', namespace: 'metallb-system' }
  const object = { apiVersion: 'metallb.io/v1beta1', kind: 'IPAddressPool', metadata, spec }
  return { at: 'here', object }
}

describe('docs/security.md', () => {
  it('has every port that the manifest opens', () => {
    const { text } = pageAt('docs/security.md')
    const manifest = readFileSync(`${ROOT}config/manifests/steelyard.yaml`, 'utf8')
    const ports = [...manifest.matchAll(/containerPort: (\d+)/g)].map(([, port = '']) => port)
    assert.ok(ports.length > 5)
    assert.deepEqual(
      ports.filter((port) => !new RegExp(`^\\| (TCP|UDP) .*\\b${port}\\b`, 'm').test(text)),
      [],
    )
  })
})

/** Each check seen red. */
describe('what is wrong in a guide is found', () => {
  it('a link to a page that is not there', () => assert.deepEqual(deadLinks(page('[x](no.md)')), ['no.md#']))
  it('a link to a heading that is not there', () => {
    assert.deepEqual(deadLinks(page('# One\n[x](#one) [y](#two) [z](crds.md#by-kind)')), ['#two'])
  })
  it('a file that is not there', () => {
    assert.deepEqual(missingFiles(page('`test/run.ts` `test/no.ts`\n')), ['test/no.ts'])
    assert.deepEqual(missingFiles(page('```sh\nkubectl apply -f config/no.yaml\n```\n')), ['config/no.yaml'])
  })
  it('a field that is missing, unknown, of another type or out of bounds', () => {
    assert.deepEqual(schemaProblems(pool({})), ['.spec.addresses is missing'])
    assert.deepEqual(schemaProblems(pool({ addresses: [], adresses: 1 })), ['.spec.adresses is no field'])
    assert.deepEqual(schemaProblems(pool({ addresses: 'a' })), ['.spec.addresses: "a" is no array'])
  })
  it('an object that the programs refuse', () => {
    assert.match(modelProblems([pool({ addresses: ['192.0.2.7'] })]).join(), /IPAddressPool a: spec\.addresses\[0\]/)
  })
  it('a command without its remark', () => {
    assert.deepEqual(commands(page('```sh\nls -l  # all\n\n```\n```text\nno\n```\n')), ['ls -l'])
  })
  it('an anchor, as GitHub makes it', () => {
    assert.equal(anchorOf('When `it` does not, [ever](x.md): 1–2 “work”'), 'when-it-does-not-ever-12-work')
  })
})
