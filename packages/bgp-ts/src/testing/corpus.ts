import { globSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../../../test/fixtures/bgp/', import.meta.url)

/** The messages of test/fixtures/bgp by their names; each file says where it comes from. */
export const CORPUS: ReadonlyMap<string, Uint8Array> = new Map(
  globSync('*.hex', { cwd: FOLDER.pathname })
    .sort()
    .map((file) => [file.slice(0, -'.hex'.length), hexBytes(readFileSync(new URL(file, FOLDER), 'utf8'))]),
)

/** The bytes of hex text; blanks and lines that begin with # are for people. */
export function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/^#.*$/gm, '').replaceAll(/\s/g, ''), 'hex'))
}
