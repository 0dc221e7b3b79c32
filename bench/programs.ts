import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** A process of the bench, or of a gateway. */
export type Program = {
  pid: number
  process: ChildProcess
  /** What it said last. */
  output(): string
}

type Start = {
  /** The core it is bound to; null: any. */
  core: number | null
  env?: Record<string, string>
  /** Whether it speaks with this process (`ask`). */
  isAsked?: boolean
}

/** Longest that a gateway may take to end by itself. */
const END_LIMIT = 5_000 // ms
/** Longest that a program may take to answer what it is asked, unless it is given longer. */
const ANSWER_LIMIT = 120_000 // ms
const OUTPUT_KEPT = 4_000 // characters

const running = new Set<ChildProcess>()

/** Whether processes can be bound to these cores. */
export function canBind(cores: number[]): boolean {
  return cores.every((core) => spawnSync('taskset', ['-c', `${core}`, 'true']).status === 0)
}

/** Starts a Node program: `args` is what comes after `node`. It gets no environment but this one and PATH. */
export function start(args: string[], { core, env = {}, isAsked = false }: Start): Program {
  const bound = core === null ? [] : ['taskset', '-c', `${core}`]
  const [command = process.execPath, ...rest] = [...bound, process.execPath, ...args]
  const child = spawn(command, rest, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(isAsked ? (['ipc'] as const) : [])],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk).slice(-OUTPUT_KEPT)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  child.on('error', (error) => keep(Buffer.from(error.message)))
  running.add(child)
  child.on('close', () => running.delete(child))
  return { pid: child.pid ?? 0, process: child, output: () => output.trim() }
}

/** Whether it has ended, or never began. */
export function hasEnded({ process: child }: Program): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

/** Asks it to end, and resolves when it has. */
export async function end(program: Program): Promise<void> {
  if (hasEnded(program)) return
  const ended = once(program.process, 'exit')
  program.process.kill('SIGTERM')
  const timer = setTimeout(() => program.process.kill('SIGKILL'), END_LIMIT)
  await ended
  clearTimeout(timer)
}

/** Ends whatever still runs, at once. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/**
 * Sends a message to a program that `isAsked`, and resolves to the next that it sends. Rejects when it ends instead, or takes
 * longer than the limit.
 */
export async function ask<T>(program: Program, message?: object, limit = ANSWER_LIMIT): Promise<T> {
  if (message !== undefined) program.process.send(message)
  const over = new AbortController()
  const { signal } = over
  const timer = setTimeout(() => over.abort(), limit)
  const answered = once(program.process, 'message', { signal })
  const ended = once(program.process, 'exit', { signal })
  try {
    const [first] = await Promise.race([
      answered,
      ended.then(() => {
        throw new Error(`A process of the bench ended: ${program.output()}`)
      }),
    ])
    // What each program answers is declared beside it.
    return first as T
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Error(`A process of the bench said nothing for ${limit / 1000} s: ${program.output()}`)
  } finally {
    clearTimeout(timer)
    over.abort()
    await Promise.allSettled([answered, ended])
  }
}
