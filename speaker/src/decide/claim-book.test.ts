import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EMPTY_RECORD, type NodeRecord } from '@steelyard/membership'
import { claimBook, claimsOn, forgetEpochs, noteRecord } from './claim-book.ts'

const claiming = (...claims: [ip: string, epoch: number][]): NodeRecord => ({
  ...EMPTY_RECORD,
  claims: claims.map(([ip, epoch]) => ({ ip, epoch, minority: false, releasing: false })),
})
const nodesOn = (book: ReturnType<typeof claimBook>, ip: string): string[] => claimsOn(book, ip).map(({ node }) => node)

describe('a claim book', () => {
  it('knows who claims an address, whoever said it first', () => {
    const book = claimBook()
    noteRecord(book, 'n1', claiming(['192.0.2.1', 1], ['192.0.2.2', 1]))
    noteRecord(book, 'n2', claiming(['192.0.2.1', 2]))
    assert.deepEqual([nodesOn(book, '192.0.2.1'), nodesOn(book, '192.0.2.2')], [['n1', 'n2'], ['n1']])
  })
  it('replaces all that a node said before', () => {
    const book = claimBook()
    noteRecord(book, 'n1', claiming(['192.0.2.1', 1], ['192.0.2.2', 1]))
    noteRecord(book, 'n1', claiming(['192.0.2.2', 1]))
    assert.deepEqual([nodesOn(book, '192.0.2.1'), nodesOn(book, '192.0.2.2')], [[], ['n1']])
    assert.equal(book.claims.size, 1)
  })
  it('drops what the dead claim, and remembers how far the epochs went', () => {
    const book = claimBook()
    noteRecord(book, 'n1', claiming(['192.0.2.1', 7]))
    noteRecord(book, 'n1', undefined)
    assert.deepEqual([nodesOn(book, '192.0.2.1'), book.records.size], [[], 0])
    assert.deepEqual(book.highest.get('192.0.2.1'), { epoch: 7, node: 'n1' })
    noteRecord(book, 'n2', claiming(['192.0.2.1', 3]))
    assert.deepEqual(book.highest.get('192.0.2.1'), { epoch: 7, node: 'n1' })
  })
  it('forgets the epochs of addresses that nobody claims or wants', () => {
    const book = claimBook()
    noteRecord(book, 'n1', claiming(['192.0.2.1', 1], ['192.0.2.2', 1]))
    noteRecord(book, 'n1', claiming(['192.0.2.3', 1]))
    forgetEpochs(book, (ip) => ip === '192.0.2.1')
    assert.deepEqual([...book.highest.keys()], ['192.0.2.1', '192.0.2.3'])
  })
})
