import type { GatewayConfig } from '../../platform/config.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Api } from '../access/api.ts'
import type { Engine } from '../execution/engine.ts'
import { type Admission, createAdmission } from './admission.ts'

/** The admission to each API: partners may always ask about theirs. The contract's is opened when it is first asked for. */
export async function createAdmissions(options: {
  config: GatewayConfig
  engine: (api: Api) => Engine
  logger: Logger
}) {
  const { config, engine, logger } = options
  const introspection: Record<Api, boolean> = { whole: config.introspection, partner: true }
  const admissions = new Map<Api, Promise<Admission>>()
  await to('whole')

  function to(api: Api): Promise<Admission> {
    const known = admissions.get(api)
    if (known) return known
    const opening = createAdmission({
      config: { ...config, introspection: introspection[api] },
      engine: () => engine(api),
      logger,
    })
    admissions.set(api, opening)
    opening.catch(() => admissions.delete(api))
    return opening
  }

  return {
    to,
    async stop(): Promise<void> {
      const opened = await Promise.allSettled(admissions.values())
      await Promise.all(opened.map((admission) => admission.status === 'fulfilled' && admission.value.stop()))
    },
  }
}
