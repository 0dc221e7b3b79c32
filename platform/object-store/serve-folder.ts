import { extname } from 'node:path'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { describeError } from '../describe-error.ts'
import type { Logger } from '../logger.ts'
import type { FolderSettings } from '../settings/object-store-settings.ts'
import { attachmentOf } from './attachment.ts'
import { createFileGrants } from './file-grants.ts'
import { type Found, openObjectFolder } from './object-folder.ts'
import { isObjectKey, isPublicKey } from './object-key.ts'

/** Where gateways pass requests on to. */
const FILES_PATH = '/files/*'

const types: Record<string, string> = {
  '.webp': 'image/webp',
  '.zip': 'application/zip',
  '.json': 'application/json',
}

/**
 * Serves a folder at /files: `public/` to everyone, the rest by the signed addresses of openFolderStore, one object PUT
 * or read each. Nothing is listed, and nothing runs in a browser.
 */
export function serveFolder(
  app: FastifyInstance,
  { folder }: FolderSettings,
  { secret, now, logger }: { secret: string; now: () => Date; logger: Logger },
): void {
  const objects = openObjectFolder(folder)
  const grants = createFileGrants(secret, now)

  // In a scope of its own: here a body is bytes of whatever type.
  app.register(async (files) => {
    files.removeAllContentTypeParsers()
    files.addContentTypeParser('*', (_, payload, done) => done(null, payload))
    files.addHook('onRequest', async (_, reply) => void reply.headers(harmless))
    files.setErrorHandler((error, request, reply) => {
      // Whoever breaks off is no fault of ours.
      if (!request.socket.destroyed) logger.error({ error: describeError(error) }, 'a file failed')
      return refuse(reply, 500, 'Something went wrong here.')
    })

    files.put<{ Params: { '*': string }; Body: Readable | undefined }>(FILES_PATH, async (request, reply) => {
      const { params, query, headers, body } = request
      const grant = isObjectKey(params['*']) ? grants.uploadIn(params['*'], query) : null
      if (!grant)
        return refuse(reply, 403, 'This address is not whole, or its time is over. Ask for another upload.')
      const { contentType, byteLength } = grant
      if (headers['content-type'] !== contentType) {
        return refuse(reply, 400, `The content-type must be ${contentType}.`)
      }
      const length = Number(headers['content-length'])
      if (length !== byteLength || !body) {
        return refuse(reply, length > byteLength ? 413 : 400, `There must be ${byteLength} bytes.`)
      }
      await objects.write(grant.key, body)
      return reply.code(200).send()
    })

    files.get<{ Params: { '*': string } }>(FILES_PATH, async (request, reply) => {
      const key = request.params['*']
      if (!isObjectKey(key)) return nothing(reply)
      if (isPublicKey(key)) {
        const found = await objects.find(key)
        return found ? send(reply.headers(forEver), key, found) : nothing(reply)
      }
      const grant = grants.downloadIn(key, request.query)
      if (!grant)
        return refuse(reply, 403, 'This address is not whole, or its time is over. Ask for another.')
      const found = await objects.find(key)
      const attachment = { 'content-disposition': attachmentOf(grant.fileName) }
      return found ? send(reply.headers(attachment), key, found) : nothing(reply)
    })
  })
}

/** What keeps a browser from taking a file for a page, whatever is in it. */
const harmless = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cache-control': 'private, no-store',
}

/** Of what has another address once it is another; for pages of every origin. */
const forEver = {
  'cache-control': 'public, max-age=31536000, immutable',
  'cross-origin-resource-policy': 'cross-origin',
}

function send(reply: FastifyReply, key: string, { byteLength, handle }: Found) {
  const type = types[extname(key)] ?? 'application/octet-stream'
  reply.headers({ 'content-type': type, 'content-length': byteLength })
  return reply.send(handle.createReadStream())
}

const nothing = (reply: FastifyReply) => refuse(reply, 404, 'There is nothing here.')

const codes: Record<number, string> = {
  400: 'BAD_REQUEST',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'BAD_REQUEST',
  500: 'INTERNAL_SERVER_ERROR',
}

/** In the shape of the gateway's own refusals. */
function refuse(reply: FastifyReply, status: number, message: string) {
  return reply.code(status).send({ errors: [{ message, extensions: { code: codes[status] } }] })
}
