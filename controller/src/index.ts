// Only what decides: whoever looks at a cluster from outside asks the same functions as the program itself
// (docs/decisions/0018-cli-asks-the-cores.md). Nothing here touches the world, so a bundle takes no more than it uses.
export {
  type Allocator,
  configure,
  type Decision,
  newAllocator,
  note,
  observe,
  remove,
  type Subject,
} from './decide/allocator.ts'
export { countersOf } from './decide/ledger.ts'
export { type Desired, type Reason, type Tell } from './decide/outcome.ts'
export { admittingPools, pickFrom, shortageOf } from './decide/pick.ts'
export { storing } from './decide/stored-service.ts'
export { type Wish, wishOf } from './decide/wish.ts'
