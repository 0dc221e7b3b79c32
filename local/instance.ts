import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartupError } from '../platform/listen.ts'

const REPOSITORY = join(import.meta.dirname, '..')
const SQLITE_BUSY = 5

/** What one running Podium keeps on this machine: `.local/<port>` in the repository. */
export type Instance = {
  folder: string
  postgres: string
  redis: string
  files: string
  /** A random secret, generated when it is first asked for and the same ever after. */
  secret(name: string): string
  close(): void
}

/** Opens the folder of the instance on a port, which is nobody else's until it is closed. */
export function openInstance(port: number, repository = REPOSITORY): Instance {
  const folder = join(repository, '.local', `${port}`)
  mkdirSync(folder, { recursive: true })
  const release = lock(join(folder, 'lock'), `Podium on port ${port} already runs from ${folder}`)
  const postgres = join(folder, 'postgres')
  const redis = join(folder, 'redis')
  const files = join(folder, 'files')
  for (const path of [postgres, redis, files]) mkdirSync(path, { recursive: true })
  return { folder, postgres, redis, files, secret: keeper(join(folder, 'secrets.json')), close: release }
}

/** SQLite's lock on a file ends with its process, however that ends, and Node has no other that does. */
function lock(file: string, refusal: string): () => void {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    // Told by its shape: Jest runs tests in a realm that has an Error of its own.
    const busy =
      typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY
    throw new StartupError(busy ? refusal : `${file} cannot be locked.`)
  }
  return () => database.close()
}

function keeper(file: string): Instance['secret'] {
  const secrets: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  return (name) => {
    const kept = secrets[name]
    if (kept !== undefined) return kept
    // Told by its beginning in production, which does not start with it.
    const secret = `development-${randomBytes(32).toString('base64url')}`
    secrets[name] = secret
    writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file) // whole or not at all
    return secret
  }
}
