import { once } from 'node:events'
import WebSocket from 'ws'
import type { Seen, Watching } from './viewers.ts'

/** How many connect at a time: a gateway lets no more than a hundred of an address be about to introduce themselves. */
const AT_ONCE = 50

const ACKNOWLEDGED = '"connection_ack"'
const NEXT = '"next"'

/** When each frame came first and last, by its text: all viewers use the same subscription id. */
const arrivals = new Map<string, { first: number; last: number }>()

const tell = (seen: Seen) => process.send?.(seen)

process.once('message', async (watching: Watching) => {
  process.once('message', () => tell({ kind: 'seen', spreads: [...arrivals.values()].map(({ first, last }) => last - first) })) // biome-ignore format: one call
  try {
    for (let left = watching.viewers; left > 0; left -= AT_ONCE)
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, left) }, () => view(watching)))
    arrivals.clear() // so far they came as each viewer did
    tell({ kind: 'connected' })
  } catch (error) {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  }
})

/** Resolves once the first frame has come. */
async function view({ url, query, variables }: Watching): Promise<void> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws')
  await once(socket, 'open')
  const first = Promise.withResolvers<void>()
  socket.on('close', (code, reason) => first.reject(new Error(`A viewer was closed with ${code} ${reason}`)))
  socket.on('message', (data) => {
    const text = String(data)
    if (text.includes(ACKNOWLEDGED)) {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables } }))
    } else if (text.includes(NEXT)) {
      note(text)
      first.resolve()
    } else first.reject(new Error(`A viewer was told ${text}`))
  })
  socket.send('{"type":"connection_init"}')
  await first.promise
}

function note(text: string): void {
  const now = performance.now()
  const arrival = arrivals.get(text)
  if (arrival) arrival.last = now
  else arrivals.set(text, { first: now, last: now })
}
