/** One archive of packages that apt is told of; only what is asked of it here. */
export type AptSource = {
  readonly uri: string
  readonly suites: readonly string[]
  readonly components: readonly string[]
  /** Options that say why the archive is trusted, as fields of a deb822 source: they go along where the archive is used. */
  readonly trust: Readonly<Partial<Record<TrustField, string>>>
}
type TrustField = 'Signed-By' | 'Trusted'

const TRUST_FIELDS: readonly TrustField[] = ['Signed-By', 'Trusted']

/** Reads the one-line form of sources.list(5): `deb [options] URI suite component ...`. */
export function readListForm(text: string): readonly AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line)
    if (match === null) return []
    const [, options = '', uri = '', suite = '', components = ''] = match
    return [{ uri, suites: [suite], components: wordsOf(components), trust: trustOf(optionsOf(options)) }]
  })
}

/** Reads the deb822 form of sources.list(5): paragraphs of fields. */
export function readDeb822Form(text: string): readonly AptSource[] {
  return text.split(/\n[ \t]*\n/).flatMap((paragraph) => {
    const fields = fieldsOf(paragraph)
    const words = (name: string): readonly string[] => wordsOf(fields.get(name) ?? '')
    if (!words('types').includes('deb') || /^(no|false|off|0)$/i.test(fields.get('enabled') ?? 'yes')) return []
    const [suites, components] = [words('suites'), words('components')]
    return words('uris').map((uri) => ({ uri, suites, components, trust: trustOf(fields) }))
  })
}

/**
 * The archive of this machine's Debian: of its release, or of a suite by role. Not those of its updates and security
 * fixes, which have no other releases, nor anybody else's.
 * @param codename of the machine's release, VERSION_CODENAME of os-release(5)
 */
export function debianArchive(sources: readonly AptSource[], codename: string): AptSource | undefined {
  const releases = new Set([codename, 'oldstable', 'stable', 'testing', 'unstable', 'sid'])
  return sources.find(
    ({ uri, suites, components }) =>
      !uri.startsWith('cdrom:') && components.includes('main') && suites.some((suite) => releases.has(suite)),
  )
}

/** The archive, but with other suites of it, as the text of a deb822 source. */
export function sourceText({ uri, trust }: AptSource, suites: readonly string[]): string {
  const fields = {
    Types: 'deb',
    URIs: uri,
    Suites: suites.join(' '),
    Components: 'main',
    Architectures: 'amd64',
    ...trust,
  }
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')}\n`
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function optionsOf(text: string): ReadonlyMap<string, string> {
  return new Map(wordsOf(text).map((word) => [word.split('=')[0] ?? '', word.slice(word.indexOf('=') + 1)]))
}

/** By lower-case name; a value keeps its further lines as they stand, since Signed-By may hold a whole key. */
function fieldsOf(paragraph: string): ReadonlyMap<string, string> {
  const lines = paragraph
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'))
  const fields = new Map<string, string>()
  let name = ''
  for (const line of lines) {
    const [, start, value = ''] = /^([\w-]+):\s*(.*)$/.exec(line) ?? []
    if (start !== undefined) name = start.toLowerCase()
    const soFar = fields.get(name)
    if (start !== undefined) fields.set(name, value.trimEnd())
    else if (soFar !== undefined) fields.set(name, `${soFar}\n${line}`)
  }
  return fields
}

function trustOf(options: ReadonlyMap<string, string>): AptSource['trust'] {
  return Object.fromEntries(
    TRUST_FIELDS.flatMap((field) => {
      const value = options.get(field.toLowerCase())
      return value === undefined || value === '' ? [] : [[field, value]]
    }),
  )
}
