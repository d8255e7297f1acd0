import { CEASE, type Ending } from '@steelyard/bgp-ts'

/** How this speaker ends a session (RFC 4486), with a word for the router's log (RFC 9003). */
export const GOODBYE = {
  speakerStops: { kind: 'cease', subcode: CEASE.administrativeShutdown, text: 'the speaker stops' },
  nodeNotSelected: {
    kind: 'cease',
    subcode: CEASE.administrativeShutdown,
    text: 'the BGPPeer does not select this node any more',
  },
  peerDeleted: { kind: 'cease', subcode: CEASE.peerDeconfigured },
  peerChanged: { kind: 'cease', subcode: CEASE.configurationChange },
} as const satisfies Readonly<Record<string, Ending>>
