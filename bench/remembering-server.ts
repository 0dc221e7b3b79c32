import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createReader } from './http1.ts'

/** Distinct requests that are kept, of a subgraph; plans ask for a handful. */
const KEPT = 1_000

type Request = { query: string; variables?: Record<string, unknown>; operationName?: string }

/** Executes a request; given from outside, since every part of the bench has a graphql-js of its own. */
type Execute = (request: Request) => Promise<{ errors?: readonly unknown[] }>

/**
 * A subgraph that executes each distinct request once and answers it from memory ever after. Its HTTP is as bare as can
 * be: node:http would take more of this core than the gateways leave to it. `onAnswer` is called for each answer.
 */
export async function listenRemembering(execute: Execute, onAnswer: () => void): Promise<string> {
  const answers = new Map<string, Buffer | Promise<Buffer>>()

  function answer(body: string): Buffer | Promise<Buffer> {
    const known = answers.get(body)
    if (known) return known
    if (answers.size >= KEPT) answers.clear()
    const made = bytesOf(execute, Buffer.from(body, 'latin1').toString())
    answers.set(body, made)
    made.then((bytes) => answers.set(body, bytes))
    return made
  }

  const server = createServer({ noDelay: true }, (socket: Socket) => {
    // Requests that share a connection are answered in their order.
    let queue: Promise<unknown> | null = null
    const send = (bytes: Buffer) => {
      onAnswer()
      socket.write(bytes)
    }
    const read = createReader({
      keepsBody: () => true,
      onMessage(_head, _length, body) {
        const bytes = answer(body)
        if (queue === null && Buffer.isBuffer(bytes)) return send(bytes)
        const sent: Promise<unknown> = Promise.all([bytes, queue]).then(([ready]) => {
          send(ready)
          if (queue === sent) queue = null
        })
        queue = sent
      },
    })
    socket.on('data', read)
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}

async function bytesOf(execute: Execute, body: string): Promise<Buffer> {
  const result = await execute(JSON.parse(body))
  if (result.errors) console.error(`${result.errors.join('; ')} in ${body}`)
  const content = Buffer.from(JSON.stringify(result))
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${content.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), content])
}
