import type { Authenticator, BeforeAsking, Credentials } from './credentials.ts'

/**
 * Who asks, as Authenticator has it. `count` counts a request of their address, and may throw: it is one where a subgraph has to be asked
 * first, and where they are refused.
 */
export async function identify(
  authenticator: Authenticator,
  authorization: unknown,
  count: BeforeAsking,
): Promise<Credentials> {
  let isCounted = false
  const countOnce = () => {
    isCounted = true
    return count()
  }
  try {
    return await authenticator.authenticate(authorization, countOnce)
  } catch (error) {
    if (!isCounted) await count()
    throw error
  }
}
