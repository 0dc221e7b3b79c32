import { createServer } from 'node:net'
import { hasEnded, type Program } from './programs.ts'

/** Longest that a gateway may take to answer its first request. */
const START_LIMIT = 30_000 // ms
const PROBE_INTERVAL = 50 // ms
const PROBE_LIMIT = 5_000 // ms

/** Resolves once a gateway that was started answers this query; rejects, with what it said, when it does not. */
export async function untilAnswering(program: Program, port: number, query: string): Promise<void> {
  const deadline = performance.now() + START_LIMIT
  while (performance.now() < deadline) {
    if (hasEnded(program)) throw new Error(`it did not start: ${reasonIn(program.output())}`)
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(PROBE_LIMIT),
    }).catch(() => null)
    await response?.text()
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL))
  }
  throw new Error(`it gave no answer in ${START_LIMIT / 1000} s: ${program.output()}`)
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
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

/** The line that tells most, of what a process said before it ended. */
function reasonIn(output: string): string {
  const lines = output.split('\n')
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0] ?? ''
}
