import type { Caller } from '../../platform/identity.ts'
import type { ServedSubgraph } from '../../platform/serve-subgraph.ts'
import { isAnswer } from './is-answer.ts'
import { reasonOf } from './reason.ts'
import { SubgraphError, type Transport } from './transport.ts'

/** A subgraph that is served by this process. */
export type LocalSubgraph = Pick<ServedSubgraph, 'execute' | 'subscribe'>

/** Hands operations to a subgraph in the same process. `timeout` is the longest that an answer may take, in ms. */
export function createInProcessTransport(
  subgraph: Pick<LocalSubgraph, 'execute'>,
  { timeout = 5_000 } = {},
): Transport {
  const running = new Set<Promise<string>>()

  async function ask(body: string, caller: Caller): Promise<string> {
    let timer: NodeJS.Timeout | undefined
    const expiry = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new SubgraphError(`no answer within ${timeout} ms`)), timeout)
    })
    const answer = subgraph.execute(body, caller).catch((error: unknown) => {
      throw new SubgraphError(reasonOf(error))
    })
    try {
      const { status, text } = await Promise.race([answer, expiry])
      if (!isAnswer(status)) throw new SubgraphError(`status ${status}`)
      return text
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    send({ body, caller }) {
      const answer = ask(body, caller)
      running.add(answer)
      const done = () => running.delete(answer)
      answer.then(done, done)
      return answer
    },
    close: async () => void (await Promise.allSettled(running)),
  }
}
