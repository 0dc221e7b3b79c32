import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { run, StartupError } from '../../platform/listen.ts'
import { createClient } from '../client.ts'
import { openInstance } from '../instance.ts'
import { openServers } from '../servers.ts'
import { startSupergraph } from '../supergraph.ts'
import { type Export, readExport } from './export-file.ts'
import { replay } from './replay.ts'
import { report } from './report.ts'

const usage = `Usage: npm run replay -- FILE [--url URL] [--concurrency 2] [--viewers 0] [--json]
Replays an hourly export (Id,Date,Time,StepTotal) through the public API and shows the board it ends on.
  --url URL        a running gateway's /graphql; without it, one is started here
  --concurrency N  how many phones sync at once
  --viewers N      how many others watch the board meanwhile; the gateway of --url must let as many of an address in
  --json           the final standings on standard output, and nothing else there`

const say = (line: string) => console.error(line)

await run(async () => {
  const { file, url, concurrency, viewers, json } = readArguments()
  const data = await readExport(file)
  const target = url ? { url, close: async () => {} } : await startHere(viewers)
  try {
    const outcome = await replay(createClient(target.url), data, {
      name: `Replay of ${basename(file)}`,
      concurrency,
      audience: viewers > 0 ? { url: target.url, viewers } : null,
      say,
      progress: progressOf(data),
    })
    console.log(json ? JSON.stringify({ standings: outcome.standings }) : report(outcome, data))
    if (outcome.differing.length > 0)
      say(`The board differs from the file for ${outcome.differing.join(', ')}.`)
    process.exitCode = outcome.differing.length > 0 ? 1 : 0
  } catch (error) {
    if (error instanceof TypeError)
      throw new StartupError(`Cannot reach ${target.url}. Is it a gateway's /graphql?`)
    throw error instanceof Error ? new StartupError(error.message) : error
  } finally {
    await target.close()
  }
  process.exit()
})

function readArguments() {
  const options = {
    url: { type: 'string' },
    concurrency: { type: 'string', default: '2' },
    viewers: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  } as const
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options })
    const [file] = positionals
    const concurrency = Number(values.concurrency)
    const viewers = Number(values.viewers)
    const isRight = concurrency >= 1 && concurrency <= 64 && viewers >= 0 && viewers <= 10_000
    if (!file || positionals.length > 1 || !isRight) throw new Error(usage)
    return { ...values, file, concurrency, viewers }
  } catch (error) {
    throw new StartupError(
      error instanceof Error && error.message !== usage ? `${error.message}\n${usage}` : usage,
    )
  }
}

/** A supergraph of this machine's own, on PORT, that `npm start` finds again. */
async function startHere(viewers: number) {
  const port = process.env.PORT || '4000'
  const instance = openInstance(Number(port))
  const servers = await openServers(instance, process.env, say)
  const audience = {
    MAX_SOCKETS_PER_ADDRESS: String(viewers + 20),
    REQUESTS_PER_MINUTE_PER_ADDRESS: 'off',
    COST_PER_MINUTE_PER_ADDRESS: 'off',
  }
  const supergraph = await startSupergraph(
    { ...servers.env, PORT: port, ...(viewers > 0 && audience) },
    () => new Date(),
  ).catch(async (error: unknown) => {
    await servers.close()
    throw error
  })
  return {
    url: supergraph.url,
    async close() {
      await supergraph.close()
      await servers.close()
      instance.close()
    },
  }
}

/** A line a tenth; on a terminal one line that moves. */
function progressOf({ rows }: Export): (done: number) => void {
  let shown = -1
  return (done) => {
    const tenth = Math.floor((done / rows) * (process.stderr.isTTY ? 100 : 10))
    if (tenth === shown) return
    shown = tenth
    const line = `  ${done} of ${rows} records`
    process.stderr.write(process.stderr.isTTY ? `\r${line}${done >= rows ? '\n' : ''}` : `${line}\n`)
  }
}
