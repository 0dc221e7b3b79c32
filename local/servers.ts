import { StartupError } from '../platform/listen.ts'
import { subgraphNames } from '../platform/names.ts'
import type { Instance } from './instance.ts'
import { openPostgres } from './postgres.ts'
import { openRedis } from './redis.ts'

/**
 * The environment that the supergraph of an instance runs in: PostgreSQL, Redis and a folder for files of its own, unless
 * `env` gives others, and secrets that were generated for it.
 */
export async function openServers(
  instance: Instance,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<{ env: NodeJS.ProcessEnv; close(): Promise<void> }> {
  const own = { say, durable: true }
  const servers = await Promise.allSettled([
    env.DATABASE_URL ? undefined : openPostgres({ ...own, directory: instance.postgres }),
    env.REDIS_URL ? undefined : openRedis({ ...own, directory: instance.redis }),
  ])
  const [postgres, redis] = servers.map((server) => ('value' in server ? server.value : undefined))
  const close = async () => void (await Promise.all([postgres?.close(), redis?.close()]))
  const failed = servers.find((server) => server.status === 'rejected')
  if (failed) {
    await close()
    throw failed.reason instanceof Error ? new StartupError(failed.reason.message) : failed.reason
  }
  const secrets = subgraphNames.map((name) => `${name.toUpperCase()}_SECRET`)
  return {
    env: {
      LOG_LEVEL: 'warn',
      ...Object.fromEntries(secrets.map((name) => [name, instance.secret(name)])),
      ...env,
      NODE_ENV: 'development',
      DATABASE_URL: env.DATABASE_URL || postgres?.url,
      REDIS_URL: env.REDIS_URL || redis?.url,
      OBJECT_STORE: env.OBJECT_STORE || instance.files,
    },
    close,
  }
}
