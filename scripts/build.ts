import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { build } from 'esbuild'

const ROOT = new URL('..', import.meta.url).pathname
const OUT = `${ROOT}dist`

/** One bundle per program, one for the speaker's link worker, which is a thread with an entry file of its own, and one for what makes certificates. */
const ENTRIES: Readonly<Record<string, string>> = {
  controller: 'controller/src/main.ts',
  speaker: 'speaker/src/main.ts',
  'speaker-link': 'speaker/src/link/worker.ts',
  'certificate-maker': 'packages/program/src/certificate-maker.ts',
}

/** Some of what is bundled still calls `require`; ES modules have none of their own. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

/**
 * Bundles the programs into dist/: `node dist/controller.mjs FLAGS` needs nothing else of the
 * checkout. Not minified: a stack trace at night should name its functions.
 */
export async function buildPrograms(): Promise<void> {
  rmSync(OUT, { recursive: true, force: true })
  mkdirSync(OUT, { recursive: true })
  await build({
    absWorkingDir: ROOT,
    entryPoints: Object.entries(ENTRIES).map(([out, entry]) => ({ in: entry, out })),
    outdir: OUT,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // What is imported only when needed (the client library, for credential plugins) stays out of memory until then.
    // Chunks lie beside the programs, so that the addon and the worker are found relative to either.
    splitting: true,
    chunkNames: 'chunk-[name]-[hash]',
    banner: { js: REQUIRE },
    sourcemap: false,
    logLevel: 'warning',
  })
  copyFileSync(`${ROOT}packages/raw-socket/build/raw_socket.node`, `${OUT}/raw_socket.node`)
  await buildCli()
}

/** What kubectl looks for when somebody says `kubectl steelyard`. */
const PLUGIN = 'kubectl-steelyard'

/** One file that can be copied anywhere and run: so nothing is split off, the client library is in it and sleeps. */
async function buildCli(): Promise<void> {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { readonly version: string }
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['cli/src/main.ts'],
    outfile: `${OUT}/steelyard.mjs`,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    define: { STEELYARD_VERSION: JSON.stringify(version) },
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
    sourcemap: false,
    logLevel: 'warning',
  })
  chmodSync(`${OUT}/steelyard.mjs`, 0o755)
  copyFileSync(`${OUT}/steelyard.mjs`, `${OUT}/${PLUGIN}`)
}

if (import.meta.main) {
  const started = performance.now()
  await buildPrograms()
  for (const name of [...Object.keys(ENTRIES), 'steelyard']) {
    console.log(`dist/${name}.mjs  ${Math.ceil(statSync(`${OUT}/${name}.mjs`).size / 1024)} KiB`)
  }
  console.log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
