import type { FastifyInstance } from 'fastify'
import { ConfigError } from './config.ts'

/** What the person who started the process can put right; shown without a stack. */
export class StartupError extends Error {}

/** Longest that a process takes to stop. */
const STOP_LIMIT = 10_000 // ms

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

/** An answer that is sent while the server closes ends its connection, which else is kept open for a next request. */
function endConnectionsWhenClosing(app: FastifyInstance): void {
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onSend', async (_, reply) => {
    if (isClosing) reply.header('connection', 'close')
  })
}

/**
 * Runs a process: opens it, then waits for SIGINT or SIGTERM and closes it. What fails while opening ends the process
 * with one clear message; a second signal, or ten seconds, ends it at once.
 */
export async function run(
  open: (stopping: AbortSignal) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  const stopping = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        stopping.abort()
        resolve()
      })
    }
  })
  try {
    const { close } = await open(stopping.signal)
    await stopped
    setTimeout(() => process.exit(1), STOP_LIMIT).unref()
    await close()
    process.exit(0)
  } catch (error) {
    const expected = error instanceof StartupError || error instanceof ConfigError
    if (!stopping.signal.aborted) console.error(expected ? error.message : error)
    process.exit(stopping.signal.aborted ? 0 : 1)
  }
}
