import { createServer, connect as dial, type Socket } from 'node:net'

/** A network of a test's own, which can fail: a proxy before something that listens on 127.0.0.1. */
export async function openTcpProxy(target: number) {
  const connections = new Set<Connection>()
  const server = createServer((near) => {
    const connection = openConnection(near, dial(target, '127.0.0.1'))
    connections.add(connection)
    void connection.closed.then(() => connections.delete(connection))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    /** The connections that are open now, on either side, oldest first. */
    connections: () => [...connections],
    async close(): Promise<void> {
      for (const connection of connections) connection.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Connection = ReturnType<typeof openConnection>

function openConnection(near: Socket, far: Socket) {
  const cut = () => {
    near.destroy()
    far.destroy()
  }
  let isSwallowing = false
  for (const [socket, other] of [
    [near, far],
    [far, near],
  ] as const) {
    // biome-ignore format: one pair a side
    socket.on('error', () => {}) // its close follows
    socket.on('close', () => isSwallowing || cut())
    socket.pipe(other)
  }
  const closing = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const [left, lost] = [near, far].map(closing)
  return {
    /** Breaks it off, on both sides at once. */
    cut,
    /** Takes what either side sends and hands nothing on, as when the other end has vanished. */
    swallow() {
      isSwallowing = true
      near.unpipe(far).resume()
      far.unpipe(near).resume()
    },
    /** Once the server's side is closed. */
    lost,
    /** Once both sides are. */
    closed: Promise.all([left, lost]),
  }
}
