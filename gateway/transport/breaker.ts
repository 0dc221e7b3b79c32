import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleType, isBrokenCircuitError } from 'cockatiel'
import type { Logger } from '../../platform/logger.ts'
import { LeftAloneError, SubgraphError, type Transport } from './transport.ts'

type Options = {
  name: string
  logger: Logger
  /** How many requests in a row go without an answer before the subgraph is left alone. */
  failures?: number
  /** How long it is left alone before one request tries it again, in ms. */
  pause?: number
}

/**
 * A transport that stops asking a subgraph which gives no answers: requests fail at once, but for one now and then that
 * finds out whether it is back. Errors of GraphQL are answers.
 */
export function withBreaker(transport: Transport, options: Options): Transport {
  const { name, logger, failures = 5, pause = 1_000 } = options
  const policy = circuitBreaker(handleType(SubgraphError), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: pause,
  })
  let isAway = false
  policy.onBreak(() => {
    if (isAway) return
    isAway = true
    logger.warn({ subgraph: name, failures }, 'a subgraph does not answer; it is left alone until it does')
  })
  policy.onReset(() => {
    isAway = false
    logger.info({ subgraph: name }, 'a subgraph answers again')
  })

  return {
    async send(request) {
      // Else it would wait for what the one request finds out, which takes as long as a subgraph that hangs.
      if (policy.state === CircuitState.HalfOpen) throw leftAlone()
      try {
        return await policy.execute(() => transport.send(request))
      } catch (error) {
        throw isBrokenCircuitError(error) ? leftAlone() : error
      }
    },
    close: () => transport.close(),
  }
}

const leftAlone = () => new LeftAloneError('it is left alone, since it did not answer')
