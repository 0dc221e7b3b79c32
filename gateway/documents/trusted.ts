import { z } from 'zod'
import { forbidden } from '../../platform/errors.ts'
import type { Api } from '../access/api.ts'
import { badRequest, RequestError } from '../http/request-error.ts'
import { type Document, sha256 } from './manifest.ts'

/** How a request says what to run: by a text, by the id of a trusted document, or by the hash of a persisted query. */
export type Asked = {
  query?: string | undefined
  documentId?: string | undefined
  extensions?: Record<string, unknown> | null | undefined
}

/** Documents that apps were built with, which therefore run by their ids. */
export type TrustedDocuments = {
  /**
   * The text of the trusted document that a request means; undefined: it means none, and others run, too. Throws
   * RequestError for what does not run, and for an id that no document has.
   */
  textOf(asked: Asked): string | undefined
}

/** Those of the callers of each API: partners are bound by their contract, and have none. */
export type TrustedByApi = Record<Api, TrustedDocuments>

/** No document is trusted, and whatever is in order runs. */
export const noneTrusted: TrustedDocuments = {
  textOf({ documentId }) {
    if (documentId !== undefined) throw unknown()
    return undefined
  },
}

/** Trusted documents by id and by hash. `only`: nothing else runs, by whatever way it comes. */
export function trustDocuments(
  documents: readonly Document[],
  { only }: { only: boolean },
): TrustedDocuments {
  const texts = new Map(
    documents.flatMap(({ id, body }) => [
      [id, body],
      [sha256(body), body],
    ]),
  )
  const trusted = new Set(texts.values())

  return {
    textOf({ query, documentId, extensions }) {
      if (documentId !== undefined) {
        if (query) throw badRequest('query and documentId cannot both be given.')
        const text = texts.get(payloadOf(documentId))
        if (text === undefined) throw only ? notTrusted() : unknown()
        return text
      }
      const text = textByHash(query, extensions)
      if (text === undefined && only) throw notTrusted()
      return text
    },
  }

  function textByHash(query: string | undefined, extensions: Asked['extensions']): string | undefined {
    const hash = hashIn(extensions)
    if (hash === undefined) return only && query !== undefined && trusted.has(query) ? query : undefined
    const text = texts.get(hash)
    return query === undefined || query === text ? text : undefined
  }
}

const extension = z.object({ version: z.literal(1), sha256Hash: z.string() })

/** The hash by which a request names a persisted query, if it does. Throws RequestError for another version of them. */
export function hashIn(extensions: Asked['extensions']): string | undefined {
  if (extensions?.persistedQuery == null) return undefined
  const { success, data } = extension.safeParse(extensions.persistedQuery)
  if (!success) throw badRequest('This version of persisted queries is not supported.')
  return data.sha256Hash
}

/** The id without `sha256:`, which says of what kind it is; other kinds are part of the id. */
function payloadOf(documentId: string): string {
  const [, hash] = /^sha256:(.*)$/s.exec(documentId) ?? []
  if (hash === undefined) return documentId
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw badRequest('sha256: is followed by 64 hexadecimal digits in lower case.')
  return hash
}

const unknown = () =>
  new RequestError(400, [
    {
      message: 'No trusted document has this id.',
      extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
    },
  ])

/** Not PERSISTED_QUERY_NOT_FOUND, which has clients send the text. */
const notTrusted = () =>
  new RequestError(403, [
    forbidden('Only the documents that apps were built with run here, by their ids or texts.').toJSON(),
  ])
