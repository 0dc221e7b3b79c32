import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..', '..')

/** A process of the project's own, as an operator starts it. */
export type Process = {
  /** Where it listens, as it says itself. */
  url: string
  /** Ends it by a signal and waits until it is gone; gives its exit code, null after SIGKILL. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts `node SCRIPT ARGS` and waits until it says where it listens. */
export async function startProcess(
  script: string,
  args: string[],
  env: Record<string, string>,
): Promise<Process> {
  const child = spawnNode(script, args, env)
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`${script} ${args.join(' ')} ended with ${code}:\n${said}`)),
    )
    createInterface({ input: child.stderr as NonNullable<typeof child.stderr> }).on('line', (line) => {
      said += `${line}\n`
      const [, listening] = /listening on (\S+)/.exec(line) ?? []
      if (listening) resolve(listening)
    })
  })
  return {
    url,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      child.kill(signal)
      await once(child, 'exit')
      return child.exitCode
    },
  }
}

/** Runs `node SCRIPT ARGS` to its end; gives its exit code and what it wrote. */
export async function runToEnd(script: string, args: string[], env: Record<string, string>) {
  const child = spawnNode(script, args, env)
  const written = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => {
    written.stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    written.stderr += chunk
  })
  await once(child, 'close')
  return { code: child.exitCode, ...written }
}

function spawnNode(script: string, args: string[], env: Record<string, string>): ChildProcess {
  const inherited = { PATH: process.env.PATH, HOME: process.env.HOME }
  return spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
