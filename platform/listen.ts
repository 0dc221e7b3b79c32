import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { ConfigError } from './settings/environment.ts'

/** What the person who started the process can put right; shown without a stack. */
export class StartupError extends Error {}

/** Longest that a process takes to stop. */
const STOP_LIMIT = 10_000 // ms

/** Longest that a start goes on after it was asked to stop. */
const OPENING_LIMIT = 2_000 // ms

/** Listens, and gives the URL; a port in use is a StartupError that names the setting. */
export async function listen(
  app: FastifyInstance,
  { host, port, setting }: { host: string; port: number; setting: string },
): Promise<string> {
  endConnectionsWhenClosing(app)
  try {
    return await app.listen({ host, port, listenTextResolver: () => '' })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new StartupError(`Port ${port} is in use. Set ${setting} to a free one.`)
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
      throw new StartupError(`Cannot listen on ${host}:${port} (${code}). Set HOST or ${setting}.`)
    }
    throw error
  }
}

/**
 * An answer that is sent while the server closes ends its connection, which else is kept open for a next request. One on
 * which nothing was ever sent, as browsers open them ahead, ends, too: for Node it is not idle, but waits for a request.
 */
function endConnectionsWhenClosing(app: FastifyInstance): void {
  let isClosing = false
  const connections = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  app.addHook('preClose', async () => {
    isClosing = true
    // What has arrived is read first.
    await new Promise(setImmediate)
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  })
  app.addHook('onSend', async (_, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
}

/**
 * Runs a process: opens it, then waits for SIGINT, SIGTERM or SIGHUP and closes it. What fails while opening ends the
 * process with one clear message. A signal while opening ends it with 130 once what was opened is closed, within two seconds; a
 * second signal ends it at once.
 */
export async function run(
  open: (stopping: AbortSignal) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  const stopping = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (stopping.signal.aborted) process.exit(130)
        stopping.abort()
        resolve()
      })
    }
  })
  let isOpen = false
  void stopped.then(() => isOpen || setTimeout(() => process.exit(130), OPENING_LIMIT))
  try {
    const { close } = await open(stopping.signal)
    const interrupted = stopping.signal.aborted
    isOpen = true
    await stopped
    setTimeout(() => process.exit(1), STOP_LIMIT).unref()
    await close()
    process.exit(interrupted ? 130 : 0)
  } catch (error) {
    if (stopping.signal.aborted) process.exit(130)
    const expected = error instanceof StartupError || error instanceof ConfigError
    console.error(expected ? error.message : error)
    process.exit(1)
  }
}
