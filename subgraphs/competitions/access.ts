import type { AccessRule } from '../../platform/access.ts'
import type { Context } from './resolvers.ts'

/** A competition is there for those who may see it (visibility.ts). */
export const seesCompetition: AccessRule<Pick<Context, 'load'>> = async ({ id = '' }, viewer, { load }) =>
  (await load.visible.load({ id, viewer })) !== null
