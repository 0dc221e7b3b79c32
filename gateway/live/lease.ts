import { SKEW } from '../access/authenticate.ts'
import type { Credentials } from '../access/credentials.ts'
import type { Sessions } from './sessions.ts'

const LONGEST_TIMER = 2 ** 31 - 1 // ms; beyond it a timer fires at once

/**
 * Has `end` called once credentials are good no longer: their token has expired, or their session is over. Returns what
 * lets go of them.
 */
export function lease(
  { identity, expiresAt }: Credentials,
  { sessions, now, end }: { sessions: Sessions; now: () => Date; end: () => void },
): () => void {
  const release = identity.kind === 'person' ? sessions.hold(identity, end) : () => {}
  if (!expiresAt) return release
  const left = expiresAt.getTime() + SKEW - now().getTime()
  const timer = setTimeout(end, Math.min(left, LONGEST_TIMER))
  return () => {
    clearTimeout(timer)
    release()
  }
}
