import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { processesIn } from './processes.ts'

const START_LIMIT = 60_000 // ms
const STOP_LIMIT = 3_000 // ms, for each signal
const POLL = 20 // ms

/** The processes of one server: found by the folder they work in, asked to stop by these signals in turn. */
export type Running = { name: string; folder: string; program: RegExp; signals: NodeJS.Signals[] }

/** How a server is started on a port, and how one knows that it answers. */
export type Startable = Running & {
  command: string
  args(port: number): string[]
  input?(port: number): string
  user?: { uid: number; gid: number }
  log: string
  url(port: number): string
  answers(url: string): Promise<boolean>
}

/** A started server. `crash` ends it without a word, as a power cut would; for tests. */
export type Server = { url: string; close(): Promise<void>; crash(): Promise<void> }

/** Starts a server on the port given, or on a free one, and waits until it answers. */
export async function startServer(server: Startable, fixedPort?: number): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const port = fixedPort ?? (await freePort())
    const failure = await launch(server, port)
    if (failure === undefined) {
      const stop = (signals: NodeJS.Signals[]) => async () => void (await stopServer({ ...server, signals }))
      return { url: server.url(port), close: stop(server.signals), crash: stop([]) }
    }
    await stopServer(server)
    // A free port may be taken between the moment it is found and the moment the server binds it.
    const taken = /address already in use/i.test(readFileSync(server.log, 'utf8'))
    if (!taken || fixedPort !== undefined || attempt === 3) {
      throw new Error(`${server.name} ${failure}; its log is ${server.log}`)
    }
  }
}

/** Stops a server, whoever started it, and tells whether one ran; afterwards no process of it is left. */
export async function stopServer({ name, folder, program, signals }: Running): Promise<boolean> {
  if (processesIn(folder, program).length === 0) return false
  for (const signal of signals) {
    const running = processesIn(folder, program)
    // The server stops the processes that it forked itself, in the order it needs.
    const parents = running.filter(({ parent }) => !running.some(({ pid }) => pid === parent))
    for (const { pid } of parents) send(pid, signal)
    if (await gone(folder, program)) return true
  }
  for (const { pid } of processesIn(folder, program)) send(pid, 'SIGKILL')
  if (!(await gone(folder, program))) throw new Error(`${name} in ${folder} cannot be stopped`)
  return true
}

async function launch(server: Startable, port: number): Promise<string | undefined> {
  const log = openSync(server.log, 'w', 0o600)
  const child = spawn(server.command, server.args(port), {
    cwd: server.folder,
    // Its own process group: Ctrl-C in the terminal reaches the starter alone, which stops things in order.
    detached: true,
    stdio: ['pipe', log, log],
    // Nothing of the caller's PGPORT, PGOPTIONS or an uninstalled locale may change what the server does.
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    ...server.user,
  })
  closeSync(log)
  // However this process ends, short of being killed, its servers do not stay behind.
  const { pid } = child
  const stop = () => pid !== undefined && send(pid, server.signals[0] ?? 'SIGTERM')
  process.once('exit', stop)
  child.once('exit', () => process.off('exit', stop))
  child.stdin?.on('error', () => {}) // it ended before it read; its exit says so
  child.stdin?.end(server.input?.(port))

  let failure: string | undefined
  const ended = new Promise<void>((resolve) => {
    const end = (reason: string) => {
      failure = reason
      resolve()
    }
    child.once('error', (error) => end(`could not be started (${error.message})`))
    child.once('exit', (code, signal) => end(`stopped while it started (${signal ?? `exit code ${code}`})`))
  })
  const deadline = performance.now() + START_LIMIT
  while (failure === undefined && performance.now() < deadline) {
    if (await server.answers(server.url(port))) return undefined
    await Promise.race([ended, delay(POLL)])
  }
  return failure ?? `did not answer within ${START_LIMIT / 1_000} s`
}

async function gone(folder: string, program: RegExp): Promise<boolean> {
  const deadline = performance.now() + STOP_LIMIT
  while (processesIn(folder, program).length > 0) {
    if (performance.now() > deadline) return false
    await delay(POLL)
  }
  return true
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended meanwhile; or it is another user's, and will be found running still.
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  await once(listener, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1')
  return address.port
}
