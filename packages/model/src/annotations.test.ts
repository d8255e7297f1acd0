import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readAnnotations, type ServiceAnnotations } from './annotations.ts'

type Case = readonly [name: string, annotations: Record<string, string>, expected: Partial<ServiceAnnotations>]
const CASES: readonly Case[] = [
  ['no annotations ask for nothing', {}, {}],
  ['foreign annotations ask for nothing', { 'example.com/address-pool': 'a', 'address-pool': 'b' }, {}],
  [
    'stable keys are read',
    { 'metallb.io/address-pool': 'lan', 'metallb.io/loadBalancerIPs': '192.0.2.1', 'metallb.io/allow-shared-ip': 'k' },
    {
      addressPool: { key: 'metallb.io/address-pool', value: 'lan' },
      loadBalancerIps: { key: 'metallb.io/loadBalancerIPs', value: '192.0.2.1' },
      sharingKey: { key: 'metallb.io/allow-shared-ip', value: 'k' },
    },
  ],
  [
    'deprecated keys are read, and listed',
    { 'metallb.universe.tf/allow-shared-ip': 'k', 'metallb.universe.tf/address-pool': 'lan' },
    {
      addressPool: { key: 'metallb.universe.tf/address-pool', value: 'lan' },
      sharingKey: { key: 'metallb.universe.tf/allow-shared-ip', value: 'k' },
      deprecatedKeys: ['metallb.universe.tf/address-pool', 'metallb.universe.tf/allow-shared-ip'],
    },
  ],
  [
    'the stable key wins, and the deprecated one is listed all the same',
    { 'metallb.io/address-pool': 'lan', 'metallb.universe.tf/address-pool': 'old' },
    {
      addressPool: { key: 'metallb.io/address-pool', value: 'lan' },
      deprecatedKeys: ['metallb.universe.tf/address-pool'],
    },
  ],
  [
    'the stable key wins even when it is empty',
    { 'metallb.io/allow-shared-ip': '', 'metallb.universe.tf/allow-shared-ip': 'k' },
    {
      sharingKey: { key: 'metallb.io/allow-shared-ip', value: '' },
      deprecatedKeys: ['metallb.universe.tf/allow-shared-ip'],
    },
  ],
  [
    'an empty deprecated key is present as well',
    { 'metallb.universe.tf/allow-shared-ip': '' },
    {
      sharingKey: { key: 'metallb.universe.tf/allow-shared-ip', value: '' },
      deprecatedKeys: ['metallb.universe.tf/allow-shared-ip'],
    },
  ],
  [
    'what the controller wrote is no wish, under the old prefix a deprecated key',
    { 'metallb.io/ip-allocated-from-pool': 'lan', 'metallb.universe.tf/ip-allocated-from-pool': 'lan' },
    { deprecatedKeys: ['metallb.universe.tf/ip-allocated-from-pool'] },
  ],
]

describe('readAnnotations', () => {
  for (const [name, annotations, expected] of CASES) {
    it(name, () => assert.deepEqual(readAnnotations({ annotations }), { deprecatedKeys: [], ...expected }))
  }
})
