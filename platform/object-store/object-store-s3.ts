import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { BucketSettings } from '../settings/object-store-settings.ts'
import { attachmentOf } from './attachment.ts'
import {
  checkObjectKey,
  checkObjectPrefix,
  checkPublicKey,
  checkUploadKey,
  isPublicKey,
} from './object-key.ts'
import { type ObjectStore, ObjectTooLargeError } from './object-store.ts'

/** How many objects are deleted at once: not every S3 knows how to delete several by one request. */
const DELETIONS = 10

const timeouts = {
  connectionTimeout: 5_000, // ms
  socketTimeout: 30_000, // ms, without a byte
}

/** Keeps files in a bucket of S3. */
export function openBucketStore(settings: BucketSettings, { now }: { now: () => Date }): ObjectStore {
  const { bucket: Bucket, prefix } = settings
  const client = openClient(settings)

  return {
    async put(key, content, contentType) {
      const about = { ...whereIs(key), ContentType: contentType, ...(isPublicKey(key) && forEver) }
      if (content instanceof Uint8Array) {
        await client.send(new PutObjectCommand({ ...about, Body: content }))
        return
      }
      await spooled(content, (Body, ContentLength) =>
        client.send(new PutObjectCommand({ ...about, Body, ContentLength })),
      )
    },

    async read(key, limit) {
      const body = await find(key)
      if (!body) return null
      const pieces: Uint8Array[] = []
      let length = 0
      for await (const piece of body) {
        length += piece.byteLength
        if (length > limit) throw new ObjectTooLargeError(`${key} has more than ${limit} bytes`)
        pieces.push(piece)
      }
      return Buffer.concat(pieces)
    },

    stream: find,

    async deleteAll(beginning) {
      checkObjectPrefix(beginning)
      const pages = paginateListObjectsV2({ client }, { Bucket, Prefix: `${prefix}${beginning}` })
      for await (const { Contents = [] } of pages) {
        for (let from = 0; from < Contents.length; from += DELETIONS) {
          const some = Contents.slice(from, from + DELETIONS)
          await Promise.all(some.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket, Key }))))
        }
      }
    },

    async uploadTo(key, { contentType, byteLength, expiresAt }) {
      checkUploadKey(key)
      const about = { ContentType: contentType, ContentLength: byteLength }
      const url = await getSignedUrl(client, new PutObjectCommand({ ...whereIs(key), ...about }), {
        expiresIn: secondsUntil(expiresAt),
        signableHeaders: new Set(['host', 'content-type', 'content-length']),
      })
      return { url, headers: [{ name: 'content-type', value: contentType }] }
    },

    publicUrl(key) {
      checkPublicKey(key)
      return settings.url === null ? `${addressOf(settings)}/${prefix}${key}` : `${settings.url}/${key}`
    },

    async downloadUrl(key, { expiresAt, fileName }) {
      const about = { ResponseContentDisposition: attachmentOf(fileName) }
      const command = new GetObjectCommand({ ...whereIs(key), ...about })
      return getSignedUrl(client, command, { expiresIn: secondsUntil(expiresAt) })
    },
  }

  function whereIs(key: string) {
    checkObjectKey(key)
    return { Bucket, Key: `${prefix}${key}` }
  }

  async function find(key: string): Promise<AsyncIterable<Uint8Array> | null> {
    try {
      const { Body } = await client.send(new GetObjectCommand(whereIs(key)))
      // In Node it is this one of the three kinds that the SDK knows.
      return Body as Readable
    } catch (error) {
      if (error instanceof NoSuchKey) return null
      throw error
    }
  }

  /** S3 goes by its own clock, ours says how long from now. */
  function secondsUntil(time: Date): number {
    return Math.floor((time.getTime() - now().getTime()) / 1_000)
  }
}

const forEver = { CacheControl: 'public, max-age=31536000, immutable' }

function openClient({ region, endpoint, credentials }: BucketSettings): S3Client {
  return new S3Client({
    region,
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    // Not every S3 knows the newer checksums, and an address for somebody else could not have one.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: timeouts,
    // What fails is thrown as well, and logged by whom it concerns; the SDK would write to the console.
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  })
}

function addressOf({ bucket, region, endpoint }: BucketSettings): string {
  return endpoint ? `${endpoint}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`
}

/** Has the whole in a file first: S3 wants to know its length before its first byte. */
async function spooled(
  content: AsyncIterable<Uint8Array>,
  send: (body: Readable, length: number) => Promise<unknown>,
): Promise<void> {
  const file = join(tmpdir(), `podium-${randomUUID()}`)
  try {
    await pipeline(Readable.from(content), createWriteStream(file, { flags: 'wx', mode: 0o600 }))
    const { size } = await stat(file)
    const body = createReadStream(file)
    try {
      await send(body, size)
    } finally {
      await close(body)
    }
  } finally {
    await rm(file, { force: true })
  }
}

/** One that was not read to its end holds its file, and what the file takes of the disk. */
async function close(stream: ReadStream): Promise<void> {
  if (stream.closed) return
  const closed = once(stream, 'close')
  stream.destroy()
  await closed
}
