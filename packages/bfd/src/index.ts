export { NEXT, type BfdState } from './transition.ts'
