import { openSocket } from './socket.ts'
import { subscription } from './supergraph.ts'

const LIMIT = 10_000 // ms

/** The first message with a result that a gateway at this port sends to who subscribes to the board. */
export async function recordMessage(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const late = setTimeout(() => reject(new Error('a gateway sent no frame in time')), LIMIT)
  promise.catch(() => {}) // awaited only once the socket is open
  const opening = openSocket(port, '/graphql', {
    onMessage(data, start, end) {
      const message = data.toString('utf8', start, end)
      const { type } = JSON.parse(message)
      if (type === 'next') resolve(message)
      else if (type === 'connection_ack') subscribe()
      else reject(new Error(`a gateway sent ${message.slice(0, 300)}`))
    },
    onClose: (reason) => reject(new Error(reason)),
  })
  async function subscribe() {
    const socket = await opening
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: subscription } }))
  }
  try {
    const socket = await opening
    socket.send('{"type":"connection_init"}')
    return await promise
  } finally {
    clearTimeout(late)
    opening.then((socket) => socket.close()).catch(() => {})
  }
}
