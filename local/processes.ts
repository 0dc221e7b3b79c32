import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'

export type Process = { pid: number; parent: number }

/**
 * The running processes of one program whose working directory is a folder. PostgreSQL and Redis work in their
 * data folder, so this finds a server that lost its starter, where a pid file could name a stranger that was
 * given the same number since. A finished process that nobody waited for has no working directory.
 */
export function processesIn(folder: string, program: RegExp): Process[] {
  const real = realPath(folder)
  if (real === undefined) return []
  return process.platform === 'linux' ? fromProc(real, program) : fromLsof(real, program)
}

function fromProc(folder: string, program: RegExp): Process[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return []
      const [, name = '', parent] =
        /\((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
      return program.test(name) ? [{ pid: Number(pid), parent: Number(parent) }] : []
    } catch {
      return [] // ended meanwhile, or another user's
    }
  })
}

function fromLsof(folder: string, program: RegExp): Process[] {
  const output = lsof(['-w', '-a', '-d', 'cwd', '-c', `/${program.source}/`, '-F', 'pRfn'])
  return [...output.matchAll(/^p(\d+)\nR(\d+)\nfcwd\nn(.*)$/gm)]
    .filter(([, , , cwd]) => cwd === folder)
    .map(([, pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }))
}

function lsof(args: string[]): string {
  try {
    return execFileSync('lsof', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return '' // it exits 1 when nothing matches
  }
}

function realPath(folder: string): string | undefined {
  try {
    return realpathSync(folder)
  } catch {
    return undefined
  }
}
