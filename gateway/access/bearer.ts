import { z } from 'zod'

/** On whose behalf the users subgraph lets a gateway act: Bearer of schema/users.graphql. */
export const bearer = z.object({
  userId: z.string(),
  role: z.enum(['USER', 'AFFILIATE', 'ADMIN']),
  scopes: z.array(z.string()),
  sessionId: z.string(),
})
