import { createServer, type Server } from 'node:net'
import { afterAll } from '@jest/globals'

/** Ports below those that systems give to who asks for any, in blocks; who listens on the first of a block has the others. */
const FIRST = 20_000
const BLOCKS = 100
const SIZE = 100

let block: Promise<{ first: number; held: Server }> | undefined
let last = 0
afterAll(async () => (await block)?.held.close())

/**
 * A port that nobody listens on, and that nobody else comes by while this test file runs: a server can go, and come back at the
 * same address.
 */
export async function freePort(): Promise<number> {
  block ??= holdBlock()
  const { first } = await block
  for (;;) {
    last = (last % (SIZE - 1)) + 1
    const port = first + last
    const server = await listen(port)
    if (!server) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

async function holdBlock(): Promise<{ first: number; held: Server }> {
  for (;;) {
    const first = FIRST + SIZE * Math.floor(Math.random() * BLOCKS)
    const held = await listen(first)
    if (held) return { first, held }
  }
}

/** Null: somebody else does. */
function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
