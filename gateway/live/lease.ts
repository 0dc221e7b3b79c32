import type { Credentials } from '../access/credentials.ts'
import { SKEW } from '../access/token-verifier.ts'
import type { Sessions } from './sessions.ts'

const LONGEST_TIMER = 2 ** 31 - 1 // ms; beyond it a timer fires at once

/**
 * Has `end` called once credentials are good no longer: they have expired, or their session is over. Returns what
 * lets go of them.
 */
export function lease(
  { identity, expiresAt }: Credentials,
  { sessions, now, end }: { sessions: Sessions; now: () => Date; end: () => void },
): () => void {
  const release = identity.kind === 'person' ? sessions.hold(identity, end) : () => {}
  if (!expiresAt) return release
  // Of a key's end its own issuer was asked a moment ago; a token says itself when it ends, by another clock.
  const isKey = identity.kind === 'person' && identity.isProgram
  const left = expiresAt.getTime() + (isKey ? 0 : SKEW) - now().getTime()
  const timer = setTimeout(end, Math.min(left, LONGEST_TIMER))
  return () => {
    clearTimeout(timer)
    release()
  }
}
