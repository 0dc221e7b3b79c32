import type { IncomingMessage } from 'node:http'
import { badRequest } from './request-error.ts'

/** How many times the limit is read and thrown away, so that who sends too much gets to read why it is refused. */
const PATIENCE = 10

/** Nobody is there to be answered. */
export class ConnectionLostError extends Error {}

/** Reads a request's body. Throws RequestError for one of more than `limit` bytes, ConnectionLostError for a part of one. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(badRequest(`The body may have ${limit} bytes at most.`, 413))
    const chunks: Buffer[] = []
    let length = 0
    if (Number(request.headers['content-length'] ?? 0) > limit) refuse()
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= limit) return chunks.push(chunk)
      refuse()
      chunks.length = 0
      if (length > limit * PATIENCE) request.destroy()
    })
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    const lose = () => request.complete || reject(new ConnectionLostError())
    request.on('close', lose).on('error', lose)
  })
}
