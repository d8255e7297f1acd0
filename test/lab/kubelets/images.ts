import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuiltImage, buildImage } from '../../../scripts/image.ts'
import type { ImageTool } from '../../../scripts/image/tool.ts'
import { runOrThrow } from '../command.ts'

/** What containerd starts first in every Pod. */
export const PAUSE_IMAGE = 'registry.k8s.io/pause:3.10'
const PAUSE_SOURCE = fileURLToPath(new URL('pause.c', import.meta.url))

export type Images = {
  /** Of the product, as `npm run image` makes it. */
  readonly product: BuiltImage
  /** Waits and reaps; also the first process of a node. */
  readonly pauseProgram: string
  /** OCI archives, for `ctr image import`. */
  readonly archives: readonly string[]
}

/** What a node would pull: made here, since no registry need be reachable. */
export async function makeImages(folder: string, log: (line: string) => void): Promise<Images> {
  const archive = join(folder, 'steelyard.oci.tar')
  const product = buildImage({ out: archive, log })
  const pauseProgram = join(folder, 'pause')
  await runOrThrow(['cc', '-Os', '-static', '-s', '-o', pauseProgram, PAUSE_SOURCE])
  chmodSync(pauseProgram, 0o755)
  return { product, pauseProgram, archives: [archive, makePauseImage(product.tool, folder, pauseProgram)] }
}

function makePauseImage(tool: ImageTool, folder: string, program: string): string {
  const archive = join(folder, 'pause.oci.tar')
  const container = tool.run(['from', 'scratch'])
  try {
    tool.run(['copy', '--chmod', '755', container, program, '/pause'])
    tool.run(['config', '--entrypoint', '["/pause"]', '--user', '65535:65535', container])
    tool.run(['commit', '--quiet', container, PAUSE_IMAGE])
  } finally {
    tool.run(['rm', container])
  }
  tool.run(['push', '--quiet', PAUSE_IMAGE, `oci-archive:${archive}:${PAUSE_IMAGE}`])
  return archive
}
