import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** What an address allows whoever knows it, until `expiresAt`. */
type Grant = Upload | Download

/** One object of this type and length may be PUT. */
type Upload = {
  method: 'PUT'
  key: string
  expiresAt: Date
  contentType: string
  byteLength: number
}

/** An object may be read, as a file of this name. */
type Download = { method: 'GET'; key: string; expiresAt: Date; fileName: string }

const signed = { expires: z.coerce.number(), signature: z.string() }
const upload = z.object({ ...signed, type: z.string(), length: z.coerce.number() })
const download = z.object({ ...signed, name: z.string() })

/** What a folder's files are guarded by: the queries of addresses, signed with HMAC-SHA256 under a key derived from `secret`. */
export function createFileGrants(secret: string, now: () => Date) {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'files', 32))

  return {
    /** The query of the address that allows it. */
    queryOf(grant: Grant): string {
      const what: Record<string, string> =
        grant.method === 'PUT'
          ? { type: grant.contentType, length: String(grant.byteLength) }
          : { name: grant.fileName }
      const expires = String(grant.expiresAt.getTime())
      return new URLSearchParams({ ...what, expires, signature: mac(grant) }).toString()
    },

    /** What a query allows to PUT at a key; null for one that is forged, altered, or over. */
    uploadIn(objectKey: string, query: unknown): Upload | null {
      const { data } = upload.safeParse(query)
      if (!data) return null
      const { expires, type: contentType, length: byteLength } = data
      const expiresAt = new Date(expires)
      return valid({ method: 'PUT', key: objectKey, expiresAt, contentType, byteLength }, data.signature)
    },

    /** What a query allows to read at a key; null likewise. */
    downloadIn(objectKey: string, query: unknown): Download | null {
      const { data } = download.safeParse(query)
      if (!data) return null
      const expiresAt = new Date(data.expires)
      return valid({ method: 'GET', key: objectKey, expiresAt, fileName: data.name }, data.signature)
    },
  }

  function valid<One extends Grant>(grant: One, signature: string): One | null {
    const expected = Buffer.from(mac(grant))
    const given = Buffer.from(signature)
    const isOurs = expected.length === given.length && timingSafeEqual(expected, given)
    return isOurs && grant.expiresAt > now() ? grant : null
  }

  function mac(grant: Grant): string {
    const what = grant.method === 'PUT' ? [grant.contentType, grant.byteLength] : [grant.fileName]
    const text = JSON.stringify([grant.method, grant.key, grant.expiresAt.getTime(), ...what])
    return createHmac('sha256', key).update(text).digest('base64url')
  }
}
