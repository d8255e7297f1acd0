import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outerEnvironment } from '../lab/base.ts'
import { findBinaries } from '../lab/binaries.ts'
import { startBareControlPlane } from '../lab/control-plane.ts'
import { endWithProcess } from '../lab/end.ts'
import { openJournal } from '../lab/journal.ts'
import { buildOuterNetwork } from '../lab/network.ts'
import { planTopology } from '../lab/topology.ts'
import type { GuestNetwork } from './guest/run-guest.ts'

/** A control plane on the machine itself, for a lab in a guest: the guest's one processor is busy enough with the nodes. */
export type OuterControlPlane = {
  /** How a guest gets onto its network. */
  readonly network: GuestNetwork
  /** What tells a lab in the guest to use it. */
  readonly environment: Readonly<Record<string, string>>
  readonly stop: () => void
}

const TAP = 'tap0'
/** What a guest calls its end of the tap. */
const DEVICE = 'vec0'
/** Routes lead to the Pods of so many nodes. */
const NODES = 3

/** Resolves when it serves; it ends with this process, if not before. */
export async function startOuterControlPlane(log: (line: string) => void): Promise<OuterControlPlane> {
  const suffix = `g${process.pid}`
  const binaries = await findBinaries(log)
  const journal = openJournal(suffix, log)
  const stop = endWithProcess(journal.sweep, true)
  try {
    const folder = mkdtempSync(join(tmpdir(), 'steelyard-outer-'))
    journal.addFolder(folder)
    const topology = planTopology(NODES, suffix)
    await buildOuterNetwork(topology, journal, TAP)
    const onStart = journal.addProcess
    const { server, proxyToken } = await startBareControlPlane({
      topology,
      binaries,
      folder,
      webhooks: false,
      onStart,
      log,
    })
    const facts = { folder, adminToken: server.adminToken, proxyToken }
    return {
      network: { namespace: topology.fabric.namespace, tap: TAP },
      environment: outerEnvironment({ ...facts, device: DEVICE }),
      stop,
    }
  } catch (error) {
    stop()
    throw error
  }
}
