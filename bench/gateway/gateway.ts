import { createServer } from 'node:net'
import type { Contestant, Sharing } from './contestants.ts'
import { end, hasEnded, type Program, start } from './programs.ts'
import { hasLoaded } from './usage.ts'

export type Gateway = { program: Program; port: number }

type Start = { sharing: Sharing; supergraph: string; core: number | null; flags: string[] }

/** Longest that a gateway may take to answer its first request. */
const START_LIMIT = 30_000 // ms
const PROBE_INTERVAL = 50 // ms

/** Starts a contestant's gateway; resolves once it answers. Rejects, with nothing left running, when it does not. */
export async function startGateway(contestant: Contestant, options: Start): Promise<Gateway> {
  const { sharing, supergraph, core, flags } = options
  const port = await freePort()
  const place = { sharing, supergraph, port }
  const program = start([...flags, ...contestant.args(place)], { core, env: contestant.env(place) })
  try {
    await answers(program, port)
    checkNative(program, contestant)
  } catch (error) {
    await end(program)
    throw error
  }
  return { program, port }
}

async function answers(program: Program, port: number): Promise<void> {
  const deadline = performance.now() + START_LIMIT
  while (performance.now() < deadline) {
    if (hasEnded(program)) throw new Error(`it did not start: ${reasonIn(program.output())}`)
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ topProducts(first: 1) { sku } }"}',
    }).catch(() => null)
    await response?.text()
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL))
  }
  throw new Error(`it gave no answer in ${START_LIMIT / 1000} s: ${program.output()}`)
}

/** A planner that silently fell back to another would be measured under a wrong name. */
function checkNative(program: Program, { native }: Contestant): void {
  if (!native) return
  const loaded = hasLoaded(program.pid, native.name)
  if (loaded === null || loaded === native.isUsed) return
  throw new Error(`it runs ${loaded ? 'with' : 'without'} ${native.name}`)
}

/** The line that tells most, of what a process said before it ended. */
function reasonIn(output: string): string {
  const lines = output.split('\n')
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0] ?? ''
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = address !== null && typeof address === 'object' ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
