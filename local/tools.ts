import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Runs a tool of node_modules/.bin in the repository; gives its exit code. */
export function runTool(tool: string, args: string[], env: Record<string, string> = {}): number {
  return (
    spawnSync(pathOf(tool), args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ??
    1
  )
}

/** Runs a tool of node_modules/.bin in the repository; gives what it wrote. */
export function toolOutput(tool: string, args: string[]): string {
  const { stdout, stderr } = spawnSync(pathOf(tool), args, { cwd: root, encoding: 'utf8' })
  return `${stdout}${stderr}`
}

function pathOf(tool: string): string {
  const path = join(root, 'node_modules', '.bin', tool)
  if (!existsSync(path)) throw new Error(`${tool} is not installed`)
  return path
}

/** Runs a script of the repository with this Node; gives its exit code. */
export function runScript(script: string, args: string[] = []): number {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  return status ?? 1
}
