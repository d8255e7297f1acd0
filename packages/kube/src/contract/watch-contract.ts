import assert from 'node:assert/strict'
import type { ConfigMap } from '@steelyard/model'
import { isExpired } from '../api-error.ts'
import type { Scope, WatchEvent } from '../api.ts'
import { CONFIG_MAPS } from '../resources.ts'
import { configMap, type ContractCase, type ContractSubject } from './subject.ts'

type Watching = {
  readonly events: WatchEvent<ConfigMap>[]
  /** Kind and name of the events so far, once there are this many. */
  readonly seen: (count: number) => Promise<string>
  readonly stop: () => void
  readonly ended: Promise<void>
}

type Begin = Scope & { readonly resourceVersion?: string; readonly timeoutSeconds?: number; readonly fail?: Error }

const LONGEST_WAIT_MS = 10_000

async function begin({ api, namespace, pass }: ContractSubject, options: Begin): Promise<Watching> {
  const { resourceVersion = (await api().list(CONFIG_MAPS, { namespace })).resourceVersion, fail, ...rest } = options
  const events: WatchEvent<ConfigMap>[] = []
  const stopping = new AbortController()
  const onEvent = (event: WatchEvent<ConfigMap>): void => {
    if (fail !== undefined) throw fail
    events.push(event)
  }
  const ended = api().watch(CONFIG_MAPS, { namespace, ...rest, resourceVersion, signal: stopping.signal, onEvent })
  // Whoever cares awaits it; a rejection before that must not end the process.
  ended.catch(() => {})
  const seen = async (count: number): Promise<string> => {
    for (let waited = 0; events.length < count && waited < LONGEST_WAIT_MS; waited += 20) await pass(20)
    return events.map(wordOf).join(' ')
  }
  return { events, seen, stop: () => stopping.abort(), ended }
}

function wordOf(event: WatchEvent<ConfigMap>): string {
  return event.kind === 'bookmark' ? 'bookmark' : `${event.kind}:${event.object.metadata.name}`
}

const EVENTS_CASES: readonly ContractCase[] = [
  [
    'a watch tells what is added, modified and deleted, in order and with the versions',
    async (subject) => {
      const { api, namespace } = subject
      const { seen, stop, ended, events } = await begin(subject, { labelSelector: 'watch=plain' })
      const first = await api().create(CONFIG_MAPS, configMap(namespace, 'watch-a', { watch: 'plain' }))
      await api().create(CONFIG_MAPS, configMap(namespace, 'watch-b', { watch: 'plain' }))
      await api().update(CONFIG_MAPS, { ...first, data: { text: 'Straße 東京 🚢'.repeat(2000) } })
      await api().delete(CONFIG_MAPS, first.metadata)
      assert.equal(await seen(4), 'added:watch-a added:watch-b modified:watch-a deleted:watch-a')
      const versions = events.map((event) =>
        Number(event.kind === 'bookmark' ? 0 : event.object.metadata.resourceVersion),
      )
      assert.ok(
        versions.every((version, index) => index === 0 || version > (versions[index - 1] ?? 0)),
        versions.join(),
      )
      const [, , modified] = events
      assert.equal(modified?.kind === 'modified' && modified.object.data?.['text'], 'Straße 東京 🚢'.repeat(2000))
      stop()
      await ended
    },
  ],
  [
    'a watch from an older version begins with what happened since',
    async (subject) => {
      const { api, namespace } = subject
      const { resourceVersion } = await api().list(CONFIG_MAPS, { namespace })
      const made = await api().create(CONFIG_MAPS, configMap(namespace, 'since', { watch: 'since' }))
      await api().delete(CONFIG_MAPS, made.metadata)
      const { seen, stop, ended } = await begin(subject, { labelSelector: 'watch=since', resourceVersion })
      assert.equal(await seen(2), 'added:since deleted:since')
      stop()
      await ended
    },
  ],
]

function labelled(watch: string): unknown {
  return { metadata: { labels: { watch } } }
}

const SCOPE_CASES: readonly ContractCase[] = [
  [
    'what enters the scope of a watch is added, what leaves it is deleted',
    async (subject) => {
      const { api, namespace } = subject
      const { seen, stop, ended } = await begin(subject, { labelSelector: 'watch=scope' })
      const first = await api().create(CONFIG_MAPS, configMap(namespace, 'enters'))
      await api().patch(CONFIG_MAPS, first.metadata, { kind: 'merge', body: labelled('scope') })
      await api().patch(CONFIG_MAPS, first.metadata, { kind: 'merge', body: labelled('other') })
      assert.equal(await seen(2), 'added:enters deleted:enters')
      stop()
      await ended
    },
  ],
  [
    'a watch of one name tells of no other',
    async (subject) => {
      const { api, namespace } = subject
      const { seen, stop, ended } = await begin(subject, { fieldSelector: 'metadata.name=the-one' })
      await api().create(CONFIG_MAPS, configMap(namespace, 'another'))
      await api().create(CONFIG_MAPS, configMap(namespace, 'the-one'))
      assert.equal(await seen(1), 'added:the-one')
      stop()
      await ended
    },
  ],
]

const END_CASES: readonly ContractCase[] = [
  [
    'a watch ends in order after its time, with nothing but bookmarks before',
    async (subject) => {
      const { api, namespace, pass } = subject
      const { ended, events } = await begin(subject, { labelSelector: 'watch=nothing', timeoutSeconds: 4 })
      // A server promises no bookmark, not even before the end; it usually gives one.
      // What is made elsewhere must not be told in any case.
      await api().create(CONFIG_MAPS, configMap(namespace, 'elsewhere'))
      const passing = pass(6000)
      await ended
      await passing
      assert.ok(
        events.every(({ kind }) => kind === 'bookmark'),
        events.map(wordOf).join(' '),
      )
    },
  ],
  [
    'a watch that is called off ends in order',
    async (subject) => {
      const { api, namespace, pass } = subject
      const { stop, ended, events } = await begin(subject, { labelSelector: 'watch=off' })
      stop()
      await ended
      await api().create(CONFIG_MAPS, configMap(namespace, 'too-late', { watch: 'off' }))
      await pass(100)
      assert.deepEqual(events, [])
    },
  ],
  [
    'what the listener throws is what the watch rejects with',
    async (subject) => {
      const { api, namespace } = subject
      const fail = new TypeError('a bug of ours')
      const { ended } = await begin(subject, { labelSelector: 'watch=bug', fail })
      await api().create(CONFIG_MAPS, configMap(namespace, 'bug', { watch: 'bug' }))
      await assert.rejects(ended, fail)
    },
  ],
  [
    'a watch from a version that is too old is refused as expired',
    async (subject) => {
      const { api, namespace, forget } = subject
      const { resourceVersion } = await api().list(CONFIG_MAPS, { namespace })
      await api().create(CONFIG_MAPS, configMap(namespace, 'since-then'))
      await forget()
      const { ended } = await begin(subject, { resourceVersion })
      await assert.rejects(ended, isExpired)
    },
  ],
]

export const WATCH_CONTRACT: readonly ContractCase[] = [...EVENTS_CASES, ...SCOPE_CASES, ...END_CASES]
