import { LIST_CONTRACT } from './contract/list-contract.ts'
import { PATCH_CONTRACT } from './contract/patch-contract.ts'
import { REVIEW_CONTRACT } from './contract/review-contract.ts'
import type { ContractCase } from './contract/subject.ts'
import { WATCH_CONTRACT } from './contract/watch-contract.ts'
import { WRITE_CONTRACT } from './contract/write-contract.ts'

/**
 * What every `Api` must do, run against the memory server and against a real one: whatever the programs
 * rely on is said here, so that tests in memory mean something.
 */
export const API_CONTRACT: readonly ContractCase[] = [
  ...WRITE_CONTRACT,
  ...PATCH_CONTRACT,
  ...LIST_CONTRACT,
  ...WATCH_CONTRACT,
  ...REVIEW_CONTRACT,
]

export { type ContractSubject, GADGET_DEFINITION, GADGETS } from './contract/subject.ts'
