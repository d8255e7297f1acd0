import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildAddon, BuildError } from './src/build-addon.ts'

/**
 * `node packages/raw-socket/build.ts [--out FILE]`: compiles the addon when its sources changed, into
 * `packages/raw-socket/build/raw_socket.node`, and puts a copy at FILE for a bundle that stands there.
 */
const { values } = parseArgs({ options: { out: { type: 'string' } } })

try {
  const built = buildAddon({
    packageFolder: fileURLToPath(new URL('.', import.meta.url)),
    compiler: process.env['CC'] ?? 'cc',
    ...(values.out === undefined ? {} : { copyTo: values.out }),
  })
  if (built.compiledInMs !== undefined) {
    process.stdout.write(`raw-socket: compiled in ${(built.compiledInMs / 1000).toFixed(2)} s\n`)
  }
} catch (error) {
  if (!(error instanceof BuildError)) throw error
  process.stderr.write(`raw-socket: ${error.message}\n`)
  process.exitCode = 1
}
