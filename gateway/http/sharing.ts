import type { Identity } from '../../platform/identity.ts'
import type { Operation } from '../execution/operation.ts'
import type { Answer } from './answer.ts'

/** What a run of an operation depends on. */
type Run = { operation: Operation; variables: Record<string, unknown> | undefined; identity: Identity }

/**
 * Identical queries in flight at the same time under the same identity are one run, whose bytes all get. Whoever asks
 * after a mutation was answered gets nothing that began before.
 */
export function createSharing() {
  let inFlight = new Map<Operation, Map<string, Promise<Answer>>>()

  return {
    /** The answer of a query: of a run that goes on, or of one that begins. */
    query({ operation, variables, identity }: Run, run: () => Promise<Answer>): Promise<Answer> {
      const key = identityKey(identity) + (variables ? JSON.stringify(variables) : '')
      const current = inFlight
      const runs = current.get(operation) ?? new Map<string, Promise<Answer>>()
      const known = runs.get(key)
      if (known) return known
      current.set(operation, runs)
      const answer = run().finally(() => {
        runs.delete(key)
        if (runs.size === 0) current.delete(operation)
      })
      runs.set(key, answer)
      return answer
    },

    /** Something may differ from now on. */
    changed(): void {
      inFlight = new Map()
    },
  }
}

/** The members' order is the authenticator's, so that it never differs. */
const identityKey = (identity: Identity) => (identity.kind === 'anonymous' ? '' : JSON.stringify(identity))
