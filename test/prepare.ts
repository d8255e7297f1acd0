import { buildPrograms } from '../scripts/build.ts'
import { ensureBase, nativePlatform } from '../scripts/image/base.ts'
import { findTool, ImageError } from '../scripts/image/tool.ts'
import { findBinaries, findNodeBinaries } from './lab/binaries.ts'
import { findHelm } from './lab/helm.ts'
import { checkMachine, MachineError } from './lab/packages.ts'
import { ensureKernel } from './kernel/guest/build-kernel.ts'
import { findPlace, placeLine } from './kernel/place.ts'

/** What the real rings need and what takes long, once for all of them: so that no test waits for a build. */
try {
  checkMachine('iptables', 'nftables', 'tests')
  const binaries = { ...(await findBinaries(console.log)), ...(await findNodeBinaries(console.log)) }
  console.log(`Kubernetes programs: ${Object.values(binaries).join(' ')}`)
  console.log(`Helm: ${await findHelm(console.log)}`)
  if (process.argv.includes('kernel')) {
    const place = findPlace()
    console.log(placeLine(place))
    if (place.kind === 'guest') console.log(`kernel for guests: ${await ensureKernel(console.log)}`)
  }
  await buildPrograms()
  console.log('bundles: dist/')
  const base = ensureBase(findTool(), {
    platform: nativePlatform(),
    nodeProgram: process.execPath,
    log: console.log,
  })
  console.log(`base of the image: ${base}`)
} catch (error) {
  console.error(error instanceof MachineError || error instanceof ImageError ? error.message : error)
  process.exitCode = 1
}
