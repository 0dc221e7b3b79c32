import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { BucketSettings } from '../../platform/settings/object-store-settings.ts'

export type StoredObject = {
  content: Buffer
  contentType: string | undefined
  cacheControl: string | undefined
}

/** How many keys a page of a list has: few, so that tests turn pages. */
const PAGE = 3

const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'a secret that nobody else has' }
const region = 'eu-north-1'

/**
 * An S3 with one bucket, path-style, which recomputes each signature (SigV4, of headers and of presigned URLs) from what
 * came over the wire.
 */
export async function openFakeS3({ prefix = '' } = {}) {
  const objects = new Map<string, StoredObject>()
  const asked: string[] = []
  let now = () => new Date()
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    asked.push(`${request.method} ${request.url}`)
    const fault = faultOf(request, body, now())
    if (fault) return fail(response, 403, fault)
    answer(request, response, body, objects)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings: BucketSettings = {
    kind: 's3',
    bucket: 'bucket',
    prefix,
    region,
    endpoint,
    credentials,
    url: null,
  }
  return {
    settings,
    objects,
    /** The methods and URLs of all requests so far. */
    asked,
    /** Has its clock show another time. */
    setClock(time: Date) {
      now = () => time
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  objects: Map<string, StoredObject>,
) {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://s3')
  const key = decodeURIComponent(pathname).replace(/^\/bucket\/?/, '')
  const { 'content-type': contentType, 'cache-control': cacheControl } = request.headers
  if (request.method === 'PUT') {
    objects.set(key, { content: body, contentType, cacheControl })
    return response.end()
  }
  if (request.method === 'DELETE') {
    objects.delete(key)
    return response.writeHead(204).end()
  }
  if (searchParams.has('list-type')) return list(response, searchParams, objects)
  const found = objects.get(key)
  if (!found) return fail(response, 404, 'NoSuchKey')
  const disposition = searchParams.get('response-content-disposition')
  response.setHeader('content-type', found.contentType ?? '')
  if (disposition) response.setHeader('content-disposition', disposition)
  return response.end(found.content)
}

function list(response: ServerResponse, query: URLSearchParams, objects: Map<string, StoredObject>) {
  const after = query.get('continuation-token') ?? ''
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
    .sort()
  const page = keys.slice(0, PAGE)
  const more = keys.length > PAGE ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')
  response.setHeader('content-type', 'application/xml')
  response.end(
    `<ListBucketResult><IsTruncated>${keys.length > PAGE}</IsTruncated>${more}${contents}</ListBucketResult>`,
  )
}

function fail(response: ServerResponse, status: number, code: string) {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`)
}

/** Why a request is refused, in S3's codes; undefined for one that is signed as it should be. */
function faultOf(request: IncomingMessage, body: Buffer, now: Date): string | undefined {
  const url = new URL(request.url ?? '', 'http://s3')
  const signed = url.searchParams.has('X-Amz-Signature') ? signedUrl(url) : signedHeaders(request)
  if (!signed) return 'AccessDenied'
  const { time, expires, names, given, payload } = signed
  const at = Date.parse(time.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))
  if (!(now.getTime() >= at - 60_000 && now.getTime() <= at + expires * 1_000)) return 'AccessDenied'
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const canonical = [
    request.method,
    url.pathname,
    [...url.searchParams]
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
      .sort()
      .join('&'),
    ...names.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    payload,
  ].join('\n')
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`
  const key = scope
    .split('/')
    .reduce((key: string | Buffer, part) => hmac(key, part), `AWS4${credentials.secretAccessKey}`)
  const expected = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex')
  const isOurs = signed.credential === `${credentials.accessKeyId}/${scope}` && names.includes('host')
  return isOurs && given === expected ? undefined : 'SignatureDoesNotMatch'
}

function signedUrl({ searchParams }: URL) {
  const read = (name: string) => searchParams.get(`X-Amz-${name}`) ?? ''
  return {
    credential: read('Credential'),
    time: read('Date'),
    expires: Number(read('Expires')),
    names: read('SignedHeaders').split(';'),
    given: read('Signature'),
    payload: 'UNSIGNED-PAYLOAD',
  }
}

function signedHeaders({ headers }: IncomingMessage) {
  const [, credential = '', names = '', given = ''] =
    /^AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    ) ?? []
  if (!given) return undefined
  const payload = String(headers['x-amz-content-sha256'])
  return {
    credential,
    time: String(headers['x-amz-date']),
    expires: 900,
    names: names.split(';'),
    given,
    payload,
  }
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** As SigV4 escapes, which is a little more than encodeURIComponent does. */
const escaped = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
