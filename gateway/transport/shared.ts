import type { Identity } from '../../platform/identity.ts'
import type { Transport } from './transport.ts'

type Answers = Map<string, Promise<string>>

/**
 * A transport over which equal queries under one identity that are in flight at the same time are one request, sent
 * under the request id of the first. Mutations are never shared, and what is asked after the answer to one is not
 * answered by what was read before it.
 */
export function shared(transport: Transport): Transport {
  /** By identity, and by body within. */
  let inFlight = new Map<string, Answers>()
  const forget = () => {
    inFlight = new Map()
  }

  return {
    send(request) {
      if (request.kind === 'mutation') {
        const answer = transport.send(request)
        answer.then(forget, forget)
        return answer
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
