import type { Caller } from '../../../platform/identity.ts'
import type { Data } from './data.ts'
import type { FaultLedger } from './fault-ledger.ts'
import type { Parts } from './parts.ts'

/** One run of a plan. */
export type Run = {
  /** What the subgraphs have brought, in one tree under data keys. */
  readonly data: Data
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>
  /** With defaults and coerced: what conditions go by. */
  readonly coerced: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly ledger: FaultLedger
  /** What is put off; undefined: all is to be in one result. */
  readonly parts?: Parts
}

/**
 * A part of a plan that can be run. It returns nothing where there is nothing to wait for. What a subgraph does wrong goes into the
 * ledger; a step rejects for faults of our own only.
 */
export type Step = (run: Run) => Promise<unknown> | undefined
