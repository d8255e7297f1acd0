import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { debianArchive, readDeb822Form, readListForm, sourceText } from './apt-sources.ts'

const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg'

describe("the machine's apt sources", () => {
  it('are read from the one-line form, with the options that say why they are trusted', () => {
    const text = `# deb http://off.example/debian bookworm main
deb http://one.example/debian bookworm main contrib # ours
  deb [arch=amd64 signed-by=${KEYS}] http://two.example/debian sid main
deb-src http://one.example/debian bookworm main
`
    assert.deepEqual(readListForm(text), [
      { uri: 'http://one.example/debian', suites: ['bookworm'], components: ['main', 'contrib'], trust: {} },
      { uri: 'http://two.example/debian', suites: ['sid'], components: ['main'], trust: { 'Signed-By': KEYS } },
    ])
  })

  it('are read from the deb822 form, paragraph by paragraph', () => {
    const text = `Types: deb deb-src
# a comment
URIs: http://one.example/debian http://two.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: ${KEYS}

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
`
    const rest = {
      suites: ['bookworm', 'bookworm-updates'],
      components: ['main'],
      trust: { 'Signed-By': KEYS },
    }
    assert.deepEqual(readDeb822Form(text), [
      { uri: 'http://one.example/debian', ...rest },
      { uri: 'http://two.example/debian', ...rest },
    ])
  })

  it('keep a key that stands in the source itself', () => {
    const key = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQ==\n -----END PGP PUBLIC KEY BLOCK-----'
    const [source] = readDeb822Form(
      `Types: deb\nURIs: http://a.example\nSuites: sid\nComponents: main\nSigned-By:${key}\n`,
    )
    assert.ok(source)
    assert.equal(source.trust['Signed-By'], key)
    assert.deepEqual(readDeb822Form(sourceText(source, ['sid'])), [source])
  })
})

describe('the Debian archive of a machine', () => {
  const source = (uri: string, suite: string, components = ['main']) => ({
    uri,
    suites: [suite],
    components,
    trust: {},
  })

  it('is the one of its release, not that of security fixes nor of others', () => {
    const sources = [
      source('http://vendor.example/tool', 'tool-bookworm'),
      source('http://security.example', 'bookworm-security'),
      source('cdrom:[Debian]/', 'bookworm'),
      source('http://vendor.example/node', 'bookworm', ['node']),
      source('http://archive.example', 'bookworm'),
    ]
    assert.equal(debianArchive(sources, 'bookworm')?.uri, 'http://archive.example')
    assert.equal(debianArchive(sources.slice(0, 4), 'bookworm'), undefined)
  })

  it('may be told by the role of a release', () => {
    assert.equal(debianArchive([source('http://archive.example', 'stable')], 'bookworm')?.uri, 'http://archive.example')
  })
})
