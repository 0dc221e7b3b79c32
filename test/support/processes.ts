import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A process of the project's own, as an operator starts it. */
export type Process = {
  /** Where it listens, as it says itself. */
  url: string
  pid: number
  /** What it has written so far, on either stream. */
  said(): string
  /** Ends it by a signal and waits until it is gone; gives its exit code, null after SIGKILL. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts `node SCRIPT ARGS` and waits until it says where it listens, in words of which `told` finds the URL. */
export async function startProcess(
  script: string,
  args: string[],
  env: Record<string, string>,
  told = /listening on (\S+)\s/,
): Promise<Process> {
  const child = spawnNode(script, args, env)
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`${script} ${args.join(' ')} ended with ${code}:\n${said}`)),
    )
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        said += chunk
        const [, url] = told.exec(said) ?? []
        if (url) resolve(url)
      })
    }
  })
  return {
    url,
    pid: child.pid as number, // it said where it listens, so that it was started
    said: () => said,
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
