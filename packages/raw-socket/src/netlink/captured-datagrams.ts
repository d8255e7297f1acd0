import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FIXTURES = fileURLToPath(new URL('../../../../test/fixtures/', import.meta.url))

/** For tests: `test/fixtures/netlink-NAME.hex` as bytes. Captured on a little-endian machine. */
export function capturedDatagram(name: string): Uint8Array {
  const text = readFileSync(`${FIXTURES}netlink-${name}.hex`, 'utf8').replaceAll(/^#.*$/gm, '')
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
}

/** Each of them, by name. */
export function capturedDatagrams(): ReadonlyMap<string, Uint8Array> {
  const names = globSync('netlink-*.hex', { cwd: FIXTURES }).map((file) =>
    file.slice('netlink-'.length, -'.hex'.length),
  )
  return new Map(names.toSorted().map((name) => [name, capturedDatagram(name)]))
}
