import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Runs a tool of node_modules/.bin with this Node, in the repository; gives its exit code. */
export function runTool(tool: string, args: string[], env: Record<string, string> = {}): number {
  const command = join(root, 'node_modules', '.bin', tool)
  if (!existsSync(command)) throw new Error(`${tool} is not installed`)
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  return status ?? 1
}

/** Runs a script of the repository with this Node; gives its exit code. */
export function runScript(script: string, args: string[] = []): number {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  return status ?? 1
}
