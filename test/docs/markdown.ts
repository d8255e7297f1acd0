import { globSync, readFileSync } from 'node:fs'

const ROOT = new URL('../..', import.meta.url).pathname

/** A page: its path from the root, and its text. */
export type Page = { readonly path: string; readonly text: string }

/** A fenced block: what stands behind its fence, what is in it, and its line in the page. */
export type Block = { readonly info: string; readonly text: string; readonly line: number }

/** A link to a place in this repository: a file relative to the page (empty: the page itself), a heading, or both. */
export type Link = { readonly file: string; readonly heading: string }

/** What people read: the README, the other pages at the root, and the guides. */
export function pages(): readonly Page[] {
  return globSync(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/*.md'], { cwd: ROOT })
    .toSorted()
    .map(pageAt)
}

export function pageAt(path: string): Page {
  return { path, text: readFileSync(`${ROOT}${path}`, 'utf8') }
}

const FENCED = /^( *)```([^\n`]*)\n([\s\S]*?)^ *```$/gm

export function blocks({ text }: Page): readonly Block[] {
  return [...text.matchAll(FENCED)].map(({ 2: info = '', 3: inside = '', index }) => ({
    info: info.trim(),
    text: inside,
    line: text.slice(0, index).split('\n').length,
  }))
}

/** The text without blocks, whose hashes and brackets are no headings and links. */
function prose(text: string): string {
  return text.replaceAll(FENCED, '')
}

/** Links within the repository; what has a scheme leads elsewhere. */
export function links({ text }: Page): readonly Link[] {
  const plain = prose(text).replaceAll(/`[^`\n]+`/g, 'code')
  const targets = [...plain.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target)
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', heading = ''] = target.split('#')
      return { file, heading }
    })
}

/** The anchors of a page, as GitHub makes them: a heading that stands twice gets a number. */
export function anchors({ text }: Page): ReadonlySet<string> {
  const found = new Map<string, number>()
  const made = [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = anchorOf(heading)
    const before = found.get(plain) ?? 0
    found.set(plain, before + 1)
    return before === 0 ? plain : `${plain}-${before}`
  })
  return new Set(made)
}

/** The anchor of a heading. */
export function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')
}

/** What stands between backticks in the text, and each line of a block of commands. */
export function codeIn(page: Page): readonly string[] {
  const spans = [...prose(page.text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...spans, ...blocks(page).flatMap(({ text }) => text.split('\n'))]
}

/** The commands of the `sh` blocks, one a line, without what is said of them behind `#`. */
export function commands(page: Page): readonly string[] {
  return blocks(page)
    .filter(({ info }) => info.split(/[ (]/)[0] === 'sh')
    .flatMap(({ text }) => text.split('\n').map((line) => line.replace(/(^|\s+)#.*$/, '').trim()))
    .filter((command) => command !== '')
}
