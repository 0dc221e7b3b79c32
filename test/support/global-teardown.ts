import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removePostgres } from '../../local/postgres.ts'

type Servers = { directory: string; postgres: { close(): Promise<void> }; redis: { close(): Promise<void> } }

export default async function tearDown() {
  const { testServers } = globalThis as unknown as { testServers: Servers }
  await testServers.redis.close()
  await testServers.postgres.close()
  await removePostgres(join(testServers.directory, 'postgres'), () => {})
  await rm(testServers.directory, { recursive: true, force: true })
}
