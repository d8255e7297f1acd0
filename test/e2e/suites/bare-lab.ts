import { after, before } from 'node:test'
import type { LabOptions } from '../../lab/base.ts'
import { installSteelyard } from '../../lab/install.ts'
import { type Lab, startLab } from '../../lab/lab.ts'

export const SHOP = 'shop'

/** One lab for a whole file of tests that bring all objects of their own: the product, and a namespace `shop`. */
export function withBareLab(suffix: string, options: LabOptions = {}): () => Lab {
  let lab: Lab | undefined
  before(async () => {
    lab = await startLab({ ...options, suffix, form: 'dist', endsOnSignal: true })
    await lab.api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SHOP } })
    await installSteelyard(lab)
  })
  after(async () => lab?.stop())
  return () => {
    if (lab === undefined) throw new Error('the lab did not start')
    return lab
  }
}
