import { type Api, CONFIG_MAPS } from '@steelyard/kube'
import type { Logger } from '@steelyard/program'

/** What installations of the field may still have, and means nothing here. */
const MEMBERLIST_FILE = '/etc/metallb/memberlist/config.json'
const EXTRAS_CONFIG_MAP = 'bgpextras'

/** One warning for each thing that is there and has no effect. Never fails: it is only advice. */
export async function warnOfLegacy(ports: {
  readonly api: Api
  readonly namespace: string
  readonly log: Logger
  readonly readText: (path: string) => Promise<string | undefined>
}): Promise<void> {
  const { api, namespace, log, readText } = ports
  const warn = (what: string): void => log.warn(`${what} has no effect: membership and BGP have no such settings here`)
  const file = await readText(MEMBERLIST_FILE).catch(() => undefined)
  if (file !== undefined) warn(`the file ${MEMBERLIST_FILE}`)
  const extras = await api.get(CONFIG_MAPS, { namespace, name: EXTRAS_CONFIG_MAP }).catch(() => undefined)
  if (extras !== undefined) warn(`ConfigMap ${namespace}/${EXTRAS_CONFIG_MAP}`)
}
