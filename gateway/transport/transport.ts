import type { Caller } from '../../platform/identity.ts'

/** An operation on one subgraph. */
export type SubgraphRequest = {
  /** `{"query":…,"variables":…}`: the bytes that are sent, and signed. */
  body: string
  /** A query may be sent again and shared with others of the same caller; a mutation never. */
  kind: 'query' | 'mutation'
  caller: Caller
}

/** Sends operations to one subgraph, over whatever connects the two. */
export type Transport = {
  /**
   * Resolves to the answer's text, which the receiver parses: that it is JSON, or GraphQL, is not known. Rejects with
   * SubgraphError when there is no answer.
   */
  send(request: SubgraphRequest): Promise<string>
  /** Lets requests in flight finish. */
  close(): Promise<void>
}

/** A subgraph gave no answer; the message is for the log alone. */
export class SubgraphError extends Error {}

/** It was not asked, since it has not answered for a while, which was told once. */
export class LeftAloneError extends SubgraphError {}
