import type { AccessRule } from '../../platform/access.ts'
import { forbidden, unauthenticated } from '../../platform/errors.ts'
import type { Person } from '../../platform/identity.ts'
import type { ApiKeyStore } from './api-keys/api-key-store.ts'
import type { UserStore } from './store.ts'
import type { PersonRow } from './tables.ts'

/** What tells whether a session or an API key is good. */
type Holding = {
  users: Pick<UserStore, 'bySession'>
  apiKeys: Pick<ApiKeyStore, 'ownerOf'>
  now: () => Date
}

/** For who acts in an open session: tokens of one that has ended are refused here at once, and programs always. */
export const inSession: AccessRule<Holding> = async (_, viewer, context) => {
  if (viewer?.isProgram) throw forbidden('Sign in to do this: an API key cannot.')
  await personIn(viewer, context)
  return true
}

/** For who acts in an open session, or with an API key that is good. */
export const inForce: AccessRule<Holding> = async (_, viewer, context) => {
  await personIn(viewer, context)
  return true
}

/** For who is an administrator at this moment, whatever their token says. */
export const administrators: AccessRule<Holding> = async (_, viewer, context) => {
  if ((await personIn(viewer, context)).role !== 'ADMIN') throw forbidden()
  return true
}

/** For what nobody is told but a gateway on its own behalf, which rules are not asked about. */
export const gatewaysAlone: AccessRule<Holding> = () => false

/** The person whose session or API key it is. Throws UNAUTHENTICATED where there is none, or it is over. */
export async function personIn(viewer: Person | null, { users, apiKeys, now }: Holding): Promise<PersonRow> {
  if (viewer?.isProgram) {
    const owner = await apiKeys.ownerOf(viewer.sessionId, now())
    if (!owner) throw unauthenticated('This API key is not valid any more. Make another with createApiKey.')
    return owner
  }
  const person = viewer && (await users.bySession(viewer.sessionId))
  if (!person) throw unauthenticated('This session has ended. Log in again.')
  return person
}
