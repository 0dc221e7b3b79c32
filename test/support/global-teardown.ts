import { rm } from 'node:fs/promises'
import { removePostgres } from '../../local/postgres.ts'

type Servers = { directory: string; postgres: { close(): Promise<void> }; redis: { close(): Promise<void> } }

export default async function tearDown() {
  const { testServers } = globalThis as unknown as { testServers: Servers }
  await testServers.redis.close()
  await testServers.postgres.close()
  await removePostgres(`${testServers.directory}/postgres`)
  await rm(testServers.directory, { recursive: true, force: true })
}
