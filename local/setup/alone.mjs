import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './root.mjs'

const ID = createHash('sha256').update(root).digest('hex').slice(0, 16)
/** A socket is given up with its process, however that ends. Linux has names for them without a file. */
const NAMED = process.platform === 'linux'
const ADDRESS = NAMED ? `\0podium-setup-${ID}` : join(tmpdir(), `podium-setup-${ID}.sock`)

/** Does some work while no other process of this folder does it, after waiting for one that does. */
export async function alone(say, work) {
  for (;;) {
    const release = await take()
    if (release) {
      try {
        return await work()
      } finally {
        release()
      }
    }
    say('Another start in this folder is installing; waiting for it.')
    await holderGone()
  }
}

/** @returns what gives it back, or undefined when another process has it. */
function take() {
  const waiting = []
  const server = createServer((socket) => waiting.push(socket.on('error', () => {})))
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(ADDRESS, () => {
      resolve(() => {
        server.close()
        for (const socket of waiting) socket.destroy()
      })
    })
  })
}

function holderGone() {
  return new Promise((resolve) => {
    const socket = connect(ADDRESS)
    socket.once('error', (error) => {
      if (!NAMED && error.code === 'ECONNREFUSED') rmSync(ADDRESS, { force: true }) // a dead process left it
    })
    socket.once('close', resolve)
  })
}
