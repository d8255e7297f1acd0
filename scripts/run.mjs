// The first thing every npm script runs, by whatever Node the machine has (>= 18): brings the
// checkout into shape, then runs a TypeScript program on the Node 24 of node_modules.
// Plain JavaScript, since nothing is installed yet when it starts.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const node = join(root, 'node_modules', '.bin', 'node')
const stamp = join(root, 'node_modules', '.steelyard-lock-hash')

/** `npm ci` when node_modules is missing or was made from another lock file. */
function installDependencies() {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  const started = Date.now()
  console.error('steelyard: installing dependencies (npm ci) …')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  })
  if (npm.error) fail(`npm could not be started: ${npm.error.message}`)
  if (npm.status !== 0) fail('npm ci failed; what it said stands above')
  if (!existsSync(node))
    fail('npm ci ended well, but node_modules/.bin/node is missing: are install scripts switched off?')
  writeFileSync(stamp, hash)
  console.error(`steelyard: dependencies installed in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

function fail(message) {
  console.error(`steelyard: ${message}`)
  process.exit(1)
}

/** Compiles the native addon when its sources changed; a check of the text of the project needs none. */
function buildAddon(program) {
  if (program.endsWith('check.ts')) return
  const built = spawnSync(node, [join(root, 'packages/raw-socket/build.ts')], {
    cwd: root,
    stdio: ['ignore', process.stderr, process.stderr],
  })
  if (built.status !== 0) fail('the native addon could not be built; what the compiler said stands above')
}

/** The child cleans up after a signal, so this parent passes it on and waits, however often it is sent. */
function runProgram(program, args) {
  const child = spawn(node, [join(root, program), ...args], { cwd: root, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}

const [program, ...args] = process.argv.slice(2)
if (program === undefined) fail('usage: node scripts/run.mjs PROGRAM.ts [ARGUMENT ...]')
installDependencies()
buildAddon(program)
runProgram(program, args)
