import { compareVersions } from '../../lab/build-binaries.ts'

/** A package of the kernel's source. */
export type KernelSource = {
  /** The package, `linux-source-N.M`, and its version. */
  readonly name: string
  readonly version: string
  /** The kernel's own version. */
  readonly kernel: string
}

/** Before it, User-mode Linux dies at once on a processor whose state is larger than a buffer of fixed size (AMX). */
export const OLDEST_KERNEL = '6.13'

/**
 * Suites of the archive that are asked for a source, by names that stay: a release's own kernel is too old until the
 * next release, and a version that is named here would be gone in a few weeks.
 */
export const SUITES: readonly string[] = ['sid', 'stable-backports', 'trixie-backports']

/** Reads what `apt-cache madison` prints: `package | version | archive`, a line each. */
export function readMadison(lines: readonly string[]): readonly KernelSource[] {
  return lines.flatMap((line) => {
    const [name = '', version = ''] = line.split('|').map((column) => column.trim())
    // A pre-release is 7.4~rc1-1~exp1: its number is that of the release it is before.
    const kernel = /^(?:\d+:)?(\d+(?:\.\d+)+)(?![\d.]*~rc)/.exec(version)?.[1]
    return /^linux-source-\d+\.\d+$/.test(name) && kernel !== undefined ? [{ name, version, kernel }] : []
  })
}

/** The newest source that is new enough; undefined when there is none. */
export function chooseSource(sources: readonly KernelSource[]): KernelSource | undefined {
  return sources
    .filter(({ kernel }) => compareVersions(kernel, OLDEST_KERNEL) >= 0)
    .toSorted((a, b) => compareVersions(b.kernel, a.kernel))[0]
}
