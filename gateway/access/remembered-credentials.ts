import type { Authenticator, Credentials } from './credentials.ts'

/** How long credentials are not verified again, so that a key which was withdrawn is used no longer than this. */
const TIME = 30_000 // ms

/** How many are remembered. */
const REMEMBERED = 5_000

type Options = {
  now: () => Date
  /** Within what time after their end they are still good, in ms. */
  skew: number
  /** Whether what was found still holds, as far as is known here. */
  isCurrent?: (credentials: Credentials) => boolean
}

/**
 * Verifies credentials once for a while: a signature costs more than all else that a small request does. They are
 * forgotten when they end.
 */
export function rememberCredentials(
  authenticator: Authenticator,
  { now, skew, isCurrent = () => true }: Options,
): Authenticator {
  const remembered = new Map<string, { credentials: Credentials; until: number }>()

  return {
    async authenticate(given, beforeAsking) {
      if (typeof given !== 'string') return authenticator.authenticate(given, beforeAsking)
      const authorization = plain(given)
      const time = now().getTime()
      const known = remembered.get(authorization)
      if (known && time < known.until && isCurrent(known.credentials)) return known.credentials
      const credentials = await authenticator.authenticate(authorization, beforeAsking)
      const end = (credentials.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) + skew
      if (remembered.size >= REMEMBERED) remembered.clear()
      remembered.set(authorization, { credentials, until: Math.min(time + TIME, end) })
      return credentials
    },
    close: () => authenticator.close(),
  }
}

/** The same in one spelling: whoever has good credentials could fill what is remembered with others, of any length. */
function plain(authorization: string): string {
  if (/^Bearer \S/.test(authorization)) return authorization
  // A copy, which does not keep the whole of a longer text.
  return Buffer.from(authorization.replace(/^Bearer +/i, 'Bearer ')).toString()
}
