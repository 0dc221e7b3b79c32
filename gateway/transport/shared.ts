import type { Identity } from '../../platform/identity.ts'
import type { Transport } from './transport.ts'

/** Makes a transport share: see createSharing. */
export type Sharing = (transport: Transport) => Transport

type Answers = Map<string, Promise<string>>

/**
 * Over each transport that it is applied to, equal queries under one identity that are in flight at the same time are
 * one request, sent under the request id of the first. Mutations are never shared, and what is asked of any subgraph
 * after the answer to one is not answered by what was read before it: a mutation of one changes what others read.
 */
export function createSharing(): Sharing {
  let mutations = 0
  const count = () => {
    mutations++
  }
  return (transport) => shared(transport, { mutations: () => mutations, count })
}

function shared(transport: Transport, answered: { mutations: () => number; count: () => void }): Transport {
  /** By identity, and by body within; all of it was asked for after so many mutations. */
  let inFlight = new Map<string, Answers>()
  let after = answered.mutations()

  return {
    send(request) {
      if (request.kind === 'mutation') {
        const answer = transport.send(request)
        answer.then(answered.count, answered.count)
        return answer
      }
      if (after !== answered.mutations()) {
        after = answered.mutations()
        inFlight = new Map()
      }
      const identity = keyOf(request.caller.identity)
      const answers = inFlight.get(identity) ?? open(identity)
      const first = answers.get(request.body)
      if (first) return first
      const answer = transport.send(request)
      answers.set(request.body, answer)
      const done = () => {
        answers.delete(request.body)
        if (answers.size === 0 && inFlight.get(identity) === answers) inFlight.delete(identity)
      }
      answer.then(done, done)
      return answer
    },
    close: () => transport.close(),
  }

  function open(identity: string): Answers {
    const answers: Answers = new Map()
    inFlight.set(identity, answers)
    return answers
  }
}

/** The requests of one operation have one identity, whose key is made once. */
const keys = new WeakMap<Identity, string>()

function keyOf(identity: Identity): string {
  if (identity.kind !== 'person') return identity.kind
  const known = keys.get(identity)
  if (known !== undefined) return known
  const key = JSON.stringify(identity)
  keys.set(identity, key)
  return key
}
