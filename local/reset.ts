import { rmSync } from 'node:fs'
import { openInstance } from './instance.ts'
import { removePostgres } from './postgres.ts'
import { removeRedis } from './redis.ts'

/** Clears the instance on a port: its servers, its data wherever it lies, its secrets. Refused while it runs. */
export async function reset(port: number, say: (line: string) => void, repository?: string): Promise<void> {
  const instance = openInstance(port, repository)
  try {
    await removePostgres(instance.postgres, say)
    await removeRedis(instance.redis, say)
    rmSync(instance.folder, { recursive: true })
    say(`Removed ${instance.folder}: the next start on port ${port} begins anew`)
  } finally {
    instance.close()
  }
}

if (import.meta.main) {
  const port = Number(process.env.PORT || 4000)
  try {
    if (process.argv.length > 2) throw new Error('Usage: PORT=4000 npm run reset')
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('PORT is not a port number')
    await reset(port, (line) => console.log(line))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
