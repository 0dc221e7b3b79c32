import type { FastifyReply } from 'fastify'
import type { Account } from '../access/account.ts'
import { inPairs } from './in-pairs.ts'

/** Counts a request, and has its answer say what is left. Throws RATE_LIMITED. */
export async function countRequest(account: Account, reply: FastifyReply): Promise<void> {
  try {
    await account.request()
  } finally {
    reply.headers(inPairs(account.headers()))
  }
}
