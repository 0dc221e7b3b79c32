import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, StartupError } from '../platform/listen.ts'
import { createDemo } from './demo/demo.ts'
import { openInstance } from './instance.ts'
import { openServers } from './servers.ts'
import { startSupergraph } from './supergraph.ts'
import { welcome } from './welcome.ts'

const say = (line: string) => console.error(line)

await run(async (stopping) => {
  const port = Number(process.env.PORT || 4000)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartupError('PORT is not a port number.')
  const hasDemo = process.env.DEMO !== 'off'
  if (hasDemo && process.env.TRUSTED_DOCUMENTS === 'only')
    throw new StartupError(
      'TRUSTED_DOCUMENTS=only runs nothing but the documents of an app, and the demo has others: set DEMO=off, too, or TRUSTED_DOCUMENTS=on.',
    )
  await refuseUsedPort(port)
  const instance = openInstance(port)
  const closers = [async () => instance.close()]
  const close = async () => {
    for (const closeOne of closers.reverse()) await closeOne()
  }
  try {
    const servers = await openServers(instance, process.env, say)
    closers.push(servers.close)
    const demo = hasDemo ? createDemo(servers.env.DATABASE_URL ?? '', instance.secret('demo')) : null
    const supergraph = await startSupergraph(
      { ...servers.env, PORT: String(port) },
      demo?.now ?? (() => new Date()),
    )
    closers.push(supergraph.close)
    const logins = demo ? await demo.fill(supergraph.url, say, stopping) : []
    if (demo && !stopping.aborted) closers.push(demo.simulate(supergraph.url))
    console.log(welcome(supergraph.url, logins, { sendsMails: Boolean(servers.env.SMTP_URL) }))
    return { close }
  } catch (error) {
    await Promise.race([close(), sleep(5_000)])
    throw error
  }
})

/** Looked at before anything is started, so that the refusal comes at once. */
async function refuseUsedPort(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: process.env.HOST || '127.0.0.1' }, resolve)
  }).catch((error: NodeJS.ErrnoException) => {
    throw new StartupError(
      error.code === 'EADDRINUSE'
        ? `Port ${port} is in use. Choose another: PORT=${port + 1} npm start`
        : `Cannot listen on port ${port}: ${error.message}`,
    )
  })
  await new Promise((resolve) => server.close(resolve))
}
