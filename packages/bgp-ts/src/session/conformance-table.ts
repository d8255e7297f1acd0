/** The states of RFC 4271 section 8.2.2. `idle` is before a start and after a stop; `idleHold` is Idle too, while IdleHoldTimer runs. */
export const SITUATIONS = ['idle', 'idleHold', 'connect', 'active', 'openSent', 'openConfirm', 'established'] as const
export type Situation = (typeof SITUATIONS)[number]

/** The events of RFC 4271 section 8.1 and RFC 9687 that there are here, in their words. */
export type EventName =
  | 'ManualStart'
  | 'ManualStop'
  | 'AutomaticStart'
  | 'ManualStart_with_PassiveTcpEstablishment'
  | 'AutomaticStop'
  | 'ConnectRetryTimer_Expires'
  | 'HoldTimer_Expires'
  | 'KeepaliveTimer_Expires'
  | 'IdleHoldTimer_Expires'
  | 'Tcp_CR_Acked'
  | 'TcpConnectionConfirmed'
  | 'TcpConnectionFails'
  | 'BGPOpen'
  | 'BGPHeaderErr'
  | 'BGPOpenMsgErr'
  | 'OpenCollisionDump'
  | 'NotifMsgVerErr'
  | 'NotifMsg'
  | 'KeepAliveMsg'
  | 'UpdateMsg'
  | 'UpdateMsgErr'
  | 'SendHoldTimer_Expires'
  | 'RouteRefreshMsg'

export type ConformanceRow = {
  /** RFC 4271 section 8.1, RFC 9687 section 4.2; absent = neither numbers it. */
  readonly number?: number
  readonly name: EventName
  /** What it is here. */
  readonly means: string
  /** The next state and what is done, in order; absent = nothing, and the state stays. */
  readonly outcomes: Readonly<Partial<Record<Situation, string>>>
}

/** The session machine, whole: `step` is held against it, and the documentation shows it. Lost before it was stable, nothing waits. */
export const CONFORMANCE: readonly ConformanceRow[] = [
  {
    number: 1,
    name: 'ManualStart',
    means: 'the session is begun',
    outcomes: {
      idle: 'connect, connect',
    },
  },
  {
    number: 2,
    name: 'ManualStop',
    means: 'the session is stopped (Session.stop)',
    outcomes: {
      idleHold: 'idle',
      connect: 'idle, close',
      active: 'idle',
      openSent: 'idle, NOTIFICATION 6/2, close',
      openConfirm: 'idle, NOTIFICATION 6/2, close',
      established: 'idle, NOTIFICATION 6/2, close',
    },
  },
  {
    number: 3,
    name: 'AutomaticStart',
    means: 'a try is asked for at once (Session.retry)',
    outcomes: {
      idleHold: 'connect, connect',
      active: 'connect, connect',
    },
  },
  {
    number: 4,
    name: 'ManualStart_with_PassiveTcpEstablishment',
    means: 'the session is begun, and the peer is to connect',
    outcomes: {
      idle: 'active',
    },
  },
  {
    number: 8,
    name: 'AutomaticStop',
    means: 'BFD has lost the peer (RFC 9384)',
    outcomes: {
      established: 'idleHold, NOTIFICATION 6/10, close',
    },
  },
  {
    number: 9,
    name: 'ConnectRetryTimer_Expires',
    means: 'the wait between attempts, or the 10 s of one, are over',
    outcomes: {
      connect: 'active, close',
      active: 'connect, connect',
    },
  },
  {
    number: 10,
    name: 'HoldTimer_Expires',
    means: 'the peer has been silent for too long',
    outcomes: {
      openSent: 'idleHold, NOTIFICATION 4/0, close',
      openConfirm: 'idleHold, NOTIFICATION 4/0, close',
      established: 'idleHold, NOTIFICATION 4/0, close',
    },
  },
  {
    number: 11,
    name: 'KeepaliveTimer_Expires',
    means: 'a KEEPALIVE is due',
    outcomes: {
      openConfirm: 'openConfirm, KEEPALIVE',
      established: 'established, KEEPALIVE',
    },
  },
  {
    number: 13,
    name: 'IdleHoldTimer_Expires',
    means: 'the wait after a connection that did not last is over',
    outcomes: {
      idleHold: 'connect, connect',
    },
  },
  {
    number: 16,
    name: 'Tcp_CR_Acked',
    means: 'our connection stands',
    outcomes: {
      connect: 'openSent, OPEN',
    },
  },
  {
    number: 17,
    name: 'TcpConnectionConfirmed',
    means: 'the peer has connected to us (14 and 15: accepted, refused)',
    outcomes: {
      idle: 'idle, refuse 6/5',
      idleHold: 'idleHold, refuse 6/5',
      connect: 'connect, take',
      active: 'connect, take',
      openSent: 'openSent, take',
      openConfirm: 'openConfirm, take',
      established: 'established, refuse 6/7',
    },
  },
  {
    number: 18,
    name: 'TcpConnectionFails',
    means: 'our connection is gone',
    outcomes: {
      connect: 'active',
      openSent: 'idleHold',
      openConfirm: 'idleHold',
      established: 'idleHold',
    },
  },
  {
    number: 19,
    name: 'BGPOpen',
    means: 'an OPEN that we can take',
    outcomes: {
      openSent: 'openConfirm, KEEPALIVE',
      openConfirm: 'idleHold, NOTIFICATION 5/2, close',
      established: 'idleHold, NOTIFICATION 5/3, close',
    },
  },
  {
    number: 21,
    name: 'BGPHeaderErr',
    means: 'what comes is no message',
    outcomes: {
      openSent: 'idleHold, NOTIFICATION 1/1, close',
      openConfirm: 'idleHold, NOTIFICATION 1/1, close',
      established: 'idleHold, NOTIFICATION 1/1, close',
    },
  },
  {
    number: 22,
    name: 'BGPOpenMsgErr',
    means: 'an OPEN that we can not take: here, of another AS',
    outcomes: {
      openSent: 'idleHold, NOTIFICATION 2/2, close',
      openConfirm: 'idleHold, NOTIFICATION 5/2, close',
      established: 'idleHold, NOTIFICATION 5/3, close',
    },
  },
  {
    number: 23,
    name: 'OpenCollisionDump',
    means: 'the second OPEN on two connections, and the peer has the higher identifier',
    outcomes: {
      openSent: 'openConfirm, NOTIFICATION 6/7, close',
      openConfirm: 'openConfirm, NOTIFICATION 6/7, close, KEEPALIVE',
    },
  },
  {
    number: 24,
    name: 'NotifMsgVerErr',
    means: 'a NOTIFICATION 2/1',
    outcomes: {
      openSent: 'idleHold, close',
      openConfirm: 'idleHold, close',
      established: 'idleHold, close',
    },
  },
  {
    number: 25,
    name: 'NotifMsg',
    means: 'a NOTIFICATION 6/2',
    outcomes: {
      openSent: 'idleHold, close',
      openConfirm: 'idleHold, close',
      established: 'idleHold, close',
    },
  },
  {
    number: 26,
    name: 'KeepAliveMsg',
    means: 'a KEEPALIVE',
    outcomes: {
      openSent: 'idleHold, NOTIFICATION 5/1, close',
      openConfirm: 'established, announce',
    },
  },
  {
    number: 27,
    name: 'UpdateMsg',
    means: 'an UPDATE',
    outcomes: {
      openSent: 'idleHold, NOTIFICATION 5/1, close',
      openConfirm: 'idleHold, NOTIFICATION 5/2, close',
    },
  },
  {
    number: 28,
    name: 'UpdateMsgErr',
    means: 'an UPDATE that not even RFC 7606 can save',
    outcomes: {
      openSent: 'idleHold, NOTIFICATION 5/1, close',
      openConfirm: 'idleHold, NOTIFICATION 5/2, close',
      established: 'idleHold, NOTIFICATION 3/1, close',
    },
  },
  {
    number: 29,
    name: 'SendHoldTimer_Expires',
    means: 'the peer has read nothing for too long (RFC 9687)',
    outcomes: {
      openSent: 'idleHold, NOTIFICATION 8/0, close',
      openConfirm: 'idleHold, NOTIFICATION 8/0, close',
      established: 'idleHold, NOTIFICATION 8/0, close',
    },
  },
  {
    name: 'RouteRefreshMsg',
    means: 'a ROUTE-REFRESH (RFC 2918)',
    outcomes: {
      openSent: 'idleHold, NOTIFICATION 5/1, close',
      openConfirm: 'idleHold, NOTIFICATION 5/2, close',
      established: 'established, announce again',
    },
  },
]

/** The events of RFC 4271 that there are not, each with its reason. All of them are optional. */
export const ABSENT: readonly { readonly number: number; readonly name: string; readonly why: string }[] = [
  {
    number: 5,
    name: 'AutomaticStart_with_PassiveTcpEstablishment',
    why: 'a passive session is begun once; after a loss it listens when IdleHoldTimer expires',
  },
  {
    number: 6,
    name: 'AutomaticStart_with_DampPeerOscillations',
    why: 'damping is always on: it is IdleHoldTimer_Expires that starts',
  },
  {
    number: 7,
    name: 'AutomaticStart_with_DampPeerOscillations_and_PassiveTcpEstablishment',
    why: 'as 5 and 6',
  },
  { number: 12, name: 'DelayOpenTimer_Expires', why: 'our OPEN is never delayed' },
  { number: 14, name: 'TcpConnection_Valid', why: 'told once the connection stands, as 17' },
  { number: 15, name: 'Tcp_CR_Invalid', why: 'told once the connection stands, as 17' },
  { number: 20, name: 'BGPOpen with DelayOpenTimer running', why: 'our OPEN is never delayed' },
]
