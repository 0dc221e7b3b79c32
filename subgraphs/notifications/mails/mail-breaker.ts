import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
  isBrokenCircuitError,
} from 'cockatiel'
import type { Logger } from '../../../platform/logger.ts'
import type { MailTransport, Outcome } from './mail.ts'

type Options = {
  logger: Logger
  /** How many mails in a row get no answer before the server is left alone. */
  failures?: number
  /** How long it is left alone before one mail tries it again, in ms. */
  pause?: number
}

/**
 * A transport that leaves a server alone which does not answer: mails wait at once, so that they do not keep other events
 * waiting for as long as a server takes that hangs.
 */
export function withBreaker(transport: MailTransport, options: Options): MailTransport {
  const { logger, failures = 5, pause = 10_000 } = options
  const policy = circuitBreaker(handleWhenResult(isUnanswered), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: pause,
  })
  policy.onBreak(() =>
    logger.warn({ failures }, 'the mail server does not answer; it is left alone for a while'),
  )
  policy.onReset(() => logger.info('the mail server answers again'))

  return {
    async send(mail, now) {
      // Else it would wait for the one mail that finds out.
      if (policy.state === CircuitState.HalfOpen) return leftAlone
      try {
        return await policy.execute(() => transport.send(mail, now))
      } catch (error) {
        if (isBrokenCircuitError(error)) return leftAlone
        throw error
      }
    },
    close: () => transport.close(),
  }
}

const leftAlone: Outcome = { status: 'WAITING', reason: 'the server is left alone, since it did not answer' }

/** Whether there was no reply, which else is the reason that is given. */
function isUnanswered(outcome: unknown): boolean {
  const { status, reason } = outcome as Extract<Outcome, { reason: string }> // what `send` resolves to
  return status === 'WAITING' && !/^\d/.test(reason)
}
