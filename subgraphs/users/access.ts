import type { AccessRule } from '../../platform/access.ts'
import { forbidden, unauthenticated } from '../../platform/errors.ts'
import type { Person } from '../../platform/identity.ts'
import type { Context } from './resolvers.ts'
import type { PersonRow } from './tables.ts'

/** For who acts in an open session: tokens of one that has ended are refused here at once. */
export const inSession: AccessRule<Context> = async (_, viewer, context) => {
  await personIn(viewer, context)
  return true
}

/** For who is an administrator at this moment, whatever their token says. */
export const administrators: AccessRule<Context> = async (_, viewer, context) => {
  if ((await personIn(viewer, context)).role !== 'ADMIN') throw forbidden()
  return true
}

/** The person whose session it is. Throws UNAUTHENTICATED where there is none, or it is over. */
export async function personIn(viewer: Person | null, { users }: Pick<Context, 'users'>): Promise<PersonRow> {
  const person = viewer && (await users.bySession(viewer.sessionId))
  if (!person) throw unauthenticated('This session has ended. Log in again.')
  return person
}
