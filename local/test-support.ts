import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll } from '@jest/globals'

export const silent = (): void => {}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A new folder that every user can enter, removed after the tests of its file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'podium-'))
  chmodSync(folder, 0o755)
  folders.push(folder)
  return folder
}

/** Runs lines of JavaScript in a process of their own, with what a file beside this one exports as `local`. */
export function startElsewhere(file: string, body: string): ChildProcess {
  const code = `import * as local from '${new URL(file, import.meta.url).href}'
    setInterval(() => {}, 60_000)
    ${body}`
  return spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** The next line that a process writes. */
export async function nextLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('Its output is not a pipe')
  const [line] = await once(createInterface(child.stdout), 'line')
  return String(line)
}

/** Ends a process as nothing can prevent. */
export async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** The processes, of whatever program, that work in or below a folder. */
export function processesBelow(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
    } catch {
      return false // ended meanwhile
    }
  })
}
