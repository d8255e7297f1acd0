import { describe, it } from 'node:test'
import { fakeClock } from '@steelyard/runtime'
import { API_CONTRACT, type ContractSubject } from '../contract-suite.ts'
import { memoryApi } from './memory-api.ts'

const clock = fakeClock()
const api = memoryApi({ clock })

const subject: ContractSubject = {
  api: () => api,
  namespace: 'contract',
  pass: (ms) => clock.advanceAsync(ms),
  forget: () => {
    api.cluster.expireVersions()
    return Promise.resolve()
  },
}

describe('the server in memory keeps the contract', () => {
  for (const [sentence, check] of API_CONTRACT) it(sentence, () => check(subject))
})
