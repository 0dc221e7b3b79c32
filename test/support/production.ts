import { openSubgraphs } from '../../gateway/test-support/subgraphs.ts'
import { startProcess } from './processes.ts'

/** A gateway as it runs in production, before small subgraphs, and all that it logs. */
export async function openProduction(env: Record<string, string> = {}) {
  const subgraphs = await openSubgraphs()
  const gateway = await startProcess('gateway/main.ts', [], {
    ...subgraphs.config.subgraphs.variables,
    NODE_ENV: 'production',
    LOG_LEVEL: 'debug',
    PORT: '0',
    JWKS_URL: subgraphs.config.jwksUrl ?? '',
    ALLOWED_ORIGINS: 'https://podium.example',
    // Attacks are to be refused for what they are, and not for how many they are.
    MAX_SOCKETS_PER_ADDRESS: '100',
    REQUESTS_PER_MINUTE_PER_ADDRESS: 'off',
    COST_PER_MINUTE_PER_ADDRESS: 'off',
    ...env,
  })
  return {
    url: gateway.url,
    origin: new URL(gateway.url).origin,
    subgraphs,
    /** The whole lines that it wrote, but for the one that says where it listens. */
    logged: () =>
      gateway
        .said()
        .split('\n')
        .slice(0, -1)
        .filter((line) => line && !line.startsWith('listening on ')),
    async close(): Promise<void> {
      await gateway.end('SIGTERM')
      await subgraphs.close()
    },
  }
}

export type Production = Awaited<ReturnType<typeof openProduction>>
