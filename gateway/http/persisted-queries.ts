import { sha256 } from '../documents/manifest.ts'
import { hashIn, type TrustedDocuments } from '../documents/trusted.ts'
import type { Parameters } from './parameters.ts'
import { badRequest, RequestError } from './request-error.ts'

/** How much text is kept for those who will send its hash alone. */
const KEPT = 10_000_000 // characters

/** The text of an operation; `keep` keeps it under the hash that it was sent with, once it is known to be in order. */
export type PersistedQuery = { query: string; keep?: () => void }

/**
 * The texts of operations by their hashes: of those that are trusted, and of automatic persisted queries, which are those
 * that were used last.
 */
export function createPersistedQueries(trusted: TrustedDocuments) {
  const texts = new Map<string, string>()
  let size = 0

  /** The text that a request means. Throws RequestError for what does not run, and for a hash that is unknown or not that of the text. */
  return (parameters: Parameters): PersistedQuery => {
    const { query, extensions } = parameters
    const text = trusted.textOf(parameters)
    if (text !== undefined) return { query: text }
    const hash = hashIn(extensions)
    if (hash === undefined) {
      if (!query) throw badRequest('There must be a query, or the hash of a persisted one.')
      return { query }
    }
    const kept = texts.get(hash)
    if (kept !== undefined && (query === undefined || query === kept)) return { query: use(hash, kept) }
    if (query === undefined) throw unknown()
    if (sha256(query) !== hash) {
      throw badRequest('provided sha does not match query')
    }
    return { query, keep: () => keep(hash, query) }
  }

  function use(hash: string, text: string): string {
    texts.delete(hash) // so that the first is always the one that was not used for longest
    texts.set(hash, text)
    return text
  }

  function keep(hash: string, text: string): void {
    if (texts.has(hash)) return
    texts.set(hash, text)
    size += text.length
    for (const [oldest, { length }] of texts) {
      if (size <= KEPT) break
      texts.delete(oldest)
      size -= length
    }
  }
}

/** Its status is that of the protocol, whose clients do not all read another one's body. */
const unknown = () =>
  new RequestError(200, [
    { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
  ])
