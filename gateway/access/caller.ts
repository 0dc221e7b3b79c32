import type { IncomingMessage } from 'node:http'
import type { Caller, Identity } from '../../platform/identity.ts'

/** Longer ones are cut: they travel on to subgraphs in a header. */
const USER_AGENT_LENGTH = 256

/** On whose behalf a request is made, and from where. */
export function callerOf(
  identity: Identity,
  request: IncomingMessage,
  { address, requestId }: { address: string | undefined; requestId: string },
): Caller {
  return {
    identity,
    requestId,
    address,
    userAgent: request.headers['user-agent']?.slice(0, USER_AGENT_LENGTH),
  }
}
