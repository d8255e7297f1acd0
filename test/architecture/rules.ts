import { dirname, join } from 'node:path'

/** One source file: its path from the root, and its text. */
export type Source = { readonly file: string; readonly text: string }

/** A rule finds what is wrong with one file; nothing found = kept. */
export type Rule = { readonly name: string; readonly violations: (source: Source) => readonly string[] }

/** Lower may never import higher, nor its own height but for itself. A package absent here is a violation: place it deliberately. */
export const LAYER: Readonly<Record<string, number>> = {
  metrics: 0,
  net: 0,
  runtime: 0,
  'arp-lib': 1,
  bfd: 1,
  'bgp-ts': 1,
  membership: 1,
  model: 1,
  kube: 2,
  program: 2,
  'raw-socket': 2,
  controller: 3,
  speaker: 3,
  cli: 4,
}
const MAX_LINES = 300
const SCOPE = '@steelyard/'

const ownerOf = (file: string): string => (file.startsWith('packages/') ? file.split('/')[1] : file.split('/')[0]) ?? ''
const isTest = (file: string): boolean => file.endsWith('.test.ts')
const importsOf = (text: string): string[] =>
  [...text.matchAll(/^(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^import\s+['"]([^'"]+)['"]/gm)].map(
    (match) => match[1] ?? match[2] ?? '',
  )
const code = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '')

/** Decisions, and whole packages of them: nothing here may touch the world. */
const PURE_FOLDER = /\/decide\/|^packages\/bgp-ts\/src\/codec\//
const PURE_PACKAGES = new Set(['net', 'arp-lib', 'bfd', 'membership', 'model'])
const isPure = (file: string): boolean => !isTest(file) && (PURE_FOLDER.test(file) || PURE_PACKAGES.has(ownerOf(file)))
/** Only pure functions of them: the address syntax (`isIPv4`), and sealing with a key that is handed in. */
const PURE_NODE_MODULES: Readonly<Record<string, RegExp>> = {
  'node:net': /^packages\/net\/src\/address\.ts$/,
  'node:crypto': /^packages\/membership\/src\/seal\.ts$/,
}
const WORLD_IN_CODE =
  /\b(await|process\.|Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|setImmediate|performance\.now|console\.)/

export const RULES: readonly Rule[] = [
  {
    name: 'a file has at most 300 lines',
    violations: ({ text }) => {
      const lines = text.split('\n').length
      return lines > MAX_LINES ? [`${lines} lines`] : []
    },
  },
  {
    name: 'imports go down the layers, never sideways or up',
    violations: ({ file, text }) => importsOf(text).flatMap((target) => layerViolation(file, target)),
  },
  {
    name: 'nobody reaches into the files of another package',
    violations: ({ file, text }) =>
      importsOf(text).filter((target) => {
        if (target.startsWith(SCOPE)) return target.slice(SCOPE.length).includes('/')
        return target.startsWith('.') && ownerOf(join(dirname(file), target)) !== ownerOf(file)
      }),
  },
  {
    name: 'what decides does not touch the world',
    violations: ({ file, text }) => {
      if (!isPure(file)) return []
      const modules = importsOf(text).filter((target) => touchesWorld(file, target))
      const calls = WORLD_IN_CODE.exec(code(text))
      return calls === null ? modules : [...modules, calls[0]]
    },
  },
  {
    name: 'only packages/kube knows the Kubernetes client library',
    violations: ({ file, text }) =>
      ownerOf(file) === 'kube' ? [] : importsOf(text).filter((target) => target.startsWith('@kubernetes/')),
  },
  {
    name: 'an index names what it exports, and nothing has a default export',
    violations: ({ text }) => [...code(text).matchAll(/^export (?:\*|default\b).*$/gm)].map(([line]) => line),
  },
  {
    name: 'no enum, namespace, any, nor class but an Error',
    violations: ({ text }) =>
      [
        ...code(text).matchAll(
          /^\s*(?:export )?(?:const )?enum \w+|^\s*(?:export )?namespace \w+|: any\b|\bas any\b|^(?:export )?class \w+ (?!extends \w*Error\b)/gm,
        ),
      ].map(([found]) => found.trim()),
  },
  {
    name: 'a module has no state of its own',
    violations: ({ file, text }) =>
      isTest(file)
        ? []
        : [
            ...code(text).matchAll(
              /^(?:export )?(?:let|var) \w+|^(?:export )?const \w+(?:: [^=]+)? = new (?:Map|Set)(?:<[^(]*>)?\(\)$/gm,
            ),
          ].map(([found]) => found),
  },
  {
    name: 'files are kebab-case nouns, never a drawer for odds and ends',
    violations: ({ file }) => {
      const name = file.split('/').at(-1) ?? ''
      return /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(name) && !/^(utils?|helpers?|common|misc)\./.test(name)
        ? []
        : [name]
    },
  },
]

function layerViolation(file: string, target: string): string[] {
  const mine = LAYER[ownerOf(file)]
  if (mine === undefined) return [`${ownerOf(file)} has no layer`]
  if (!target.startsWith(SCOPE)) return []
  const name = target.slice(SCOPE.length).split('/')[0] ?? ''
  const theirs = LAYER[name]
  if (theirs === undefined) return [`${name} has no layer`]
  return theirs < mine ? [] : [`layer ${mine} imports ${name} of layer ${theirs}`]
}

function touchesWorld(file: string, target: string): boolean {
  if (/^@steelyard\/(kube|raw-socket|program)$/.test(target)) return true
  if (!target.startsWith('node:')) return false
  return PURE_NODE_MODULES[target]?.test(file) !== true
}

/** A protocol number lives in one file; everybody else imports its name. */
export const HOMES: readonly { readonly what: string; readonly literal: RegExp; readonly home: string }[] = [
  { what: 'EtherType ARP', literal: /\b0x0?806\b|\b2054\b/, home: 'packages/arp-lib/src/constants.ts' },
  { what: 'EtherType IPv4', literal: /\b0x0?800\b/, home: 'packages/arp-lib/src/constants.ts' },
  { what: 'EtherType IPv6', literal: /\b0x86dd\b|\b34525\b/i, home: 'packages/arp-lib/src/constants.ts' },
  {
    what: 'neighbour solicitation and advertisement',
    literal: /\b13[56]\b/,
    home: 'packages/arp-lib/src/constants.ts',
  },
  { what: 'the EtherType of beats', literal: /\b0x88b5\b|\b34997\b/i, home: 'packages/membership/src/constants.ts' },
  {
    what: 'the group address of beats',
    literal: /0x53, 0x59, 0x4c|53:59:4c/i,
    home: 'packages/membership/src/constants.ts',
  },
  { what: 'the purpose of a key', literal: /steelyard membership v/, home: 'packages/membership/src/constants.ts' },
  { what: 'AS_TRANS', literal: /\b23_?456\b/, home: 'packages/bgp-ts/src/constants.ts' },
  { what: 'BFD control port', literal: /\b3_?784\b/, home: 'packages/bfd/src/constants.ts' },
  { what: 'BFD echo port', literal: /\b3_?785\b/, home: 'packages/bfd/src/constants.ts' },
  { what: 'BFD multihop port', literal: /\b4_?784\b/, home: 'packages/bfd/src/constants.ts' },
  { what: 'the health port', literal: /\b17_?472\b/, home: 'packages/program/src/constants.ts' },
  { what: 'the webhook port', literal: /\b9_?443\b/, home: 'controller/src/webhook/constants.ts' },
]
