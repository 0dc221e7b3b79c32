import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import Fastify, { type FastifyInstance } from 'fastify'
import { temporaryFiles } from '../../test/support/object-store.ts'
import { silent } from '../../test/support/stores.ts'
import type { ObjectStore } from './object-store.ts'
import { openObjectStore } from './open-object-store.ts'
import { serveFolder } from './serve-folder.ts'

const keys = { secret: 'the secret that addresses of files are signed with', now: () => new Date() }

let app: FastifyInstance
let failed: Promise<void>
let origin: string
let folder: string
let remove: () => Promise<void>
let store: ObjectStore
beforeEach(async () => {
  const temporary = await temporaryFiles()
  folder = join(temporary.folder, 'files')
  remove = temporary.remove
  app = Fastify({ forceCloseConnections: true })
  failed = new Promise((resolve) => app.addHook('onError', async () => resolve()))
  serveFolder(app, { kind: 'folder', folder, url: '' }, { ...keys, logger: silent })
  origin = await app.listen({ host: '127.0.0.1', port: 0 })
  store = await openObjectStore({ kind: 'folder', folder, url: `${origin}/files` }, keys)
})
afterEach(async () => {
  await app.close()
  await remove()
})

const png = 'image/png'
const inAnHour = () => new Date(Date.now() + 3_600_000)
const uploadOf = async (byteLength: number, key = 'uploads/a') =>
  (await store.uploadTo(key, { contentType: png, byteLength, expiresAt: inAnHour() })).url
const put = (url: string, body: string) =>
  fetch(url, { method: 'PUT', body, headers: { 'content-type': png } })

/** All files of the folder, with their modes. */
const files = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length),
      statSync(join(parentPath, name)).mode & 0o777,
    ])

test('public files are everyone’s and for ever, and can do nothing in a browser', async () => {
  await store.put('public/avatars/a.webp', Buffer.from('<script>'), 'image/webp')
  const response = await fetch(store.publicUrl('public/avatars/a.webp'))
  expect(await response.text()).toBe('<script>')
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/webp',
    'content-length': '8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
  })
  const head = await fetch(store.publicUrl('public/avatars/a.webp'), { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '8', ''])
})

test('every other file is its owner’s, to keep and not to show', async () => {
  await store.put('exports/a.html', Buffer.from('<script>'), 'text/html')
  const url = await store.downloadUrl('exports/a.html', { expiresAt: inAnHour(), fileName: 'a.html' })
  const response = await fetch(url)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="a.html"',
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  })
  expect((await fetch(`${origin}/files/exports/a.html`)).status).toBe(403)
  expect((await fetch(`${origin}/files/exports/none`)).status).toBe(403)
})

test('an address for one thing is good for nothing else', async () => {
  const upload = await uploadOf(4)
  expect((await put(upload, 'four')).status).toBe(200)
  expect((await fetch(upload)).status).toBe(403)
  const download = await store.downloadUrl('uploads/a', { expiresAt: inAnHour(), fileName: 'a' })
  expect((await fetch(download)).status).toBe(200)
  expect((await put(download, 'four')).status).toBe(403)
  expect((await fetch(upload, { method: 'DELETE' })).status).toBe(404)
})

test('an address that another secret signed is good for nothing', async () => {
  const other = await openObjectStore(
    { kind: 'folder', folder, url: `${origin}/files` },
    { ...keys, secret: 'other' },
  )
  const { url } = await other.uploadTo('uploads/a', {
    contentType: png,
    byteLength: 4,
    expiresAt: inAnHour(),
  })
  expect((await put(url, 'four')).status).toBe(403)
})

test('bytes are as many as were said, and refused with what is wrong', async () => {
  expect((await put(await uploadOf(4), 'fiver')).status).toBe(413)
  expect((await put(await uploadOf(4), 'one')).status).toBe(400)
  expect((await put(await uploadOf(4), '')).status).toBe(400)
  const other = await fetch(await uploadOf(4), {
    method: 'PUT',
    body: 'four',
    headers: { 'content-type': 'image/jpeg' },
  })
  expect([other.status, await other.json()]).toEqual([
    400,
    { errors: [{ message: 'The content-type must be image/png.', extensions: { code: 'BAD_REQUEST' } }] },
  ])
  expect(files()).toEqual([])
})

test('a file is its owner’s to read on the machine, too', async () => {
  await put(await uploadOf(4), 'four')
  expect(files()).toEqual([['/uploads/a', 0o600]])
  expect(statSync(join(folder, 'uploads')).mode & 0o777).toBe(0o700)
})

test('an upload that breaks off leaves nothing', async () => {
  const { pathname, search, port } = new URL(await uploadOf(1_000))
  const taken = once(app.server, 'request')
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(
    `PUT ${pathname}${search} HTTP/1.1\r\nhost: a\r\ncontent-type: ${png}\r\ncontent-length: 1000\r\n\r\nthe beginning`,
  )
  await taken
  socket.destroy()
  await failed
  expect(files()).toEqual([])
})

test.each([
  '/files/public/../uploads/a',
  '/files/public/%2e%2e/uploads/a',
  '/files/public/..%2fuploads/a',
  '/files/public%2f..%2f..%2fsecret',
  '/files/../secret',
  '/files/%2e%2e/secret',
  '/files//etc/passwd',
  '/files/.unfinished/a',
  '/files/public',
  '/files/public/',
  '/files/public/avatars',
  '/files/public/a%00.webp',
  `/files/public/${'a'.repeat(300)}`,
  '/files/',
  '/files',
])('%s shows nothing, neither file nor folder', async (target) => {
  mkdirSync(join(folder, 'public/avatars'), { recursive: true })
  await store.put('uploads/a', Buffer.from('secret'), png)
  writeFileSync(join(folder, '../secret'), 'secret')
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  socket.write(`GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1.1 (404|403|400) /)
  expect(answer).not.toMatch(/secret|avatars/)
})

test('what processes that died left behind goes, and what others are at stays', async () => {
  const unfinished = join(folder, '.unfinished')
  for (const name of ['old', 'new']) writeFileSync(join(unfinished, name), '')
  utimesSync(join(unfinished, 'old'), new Date(0), new Date(0))
  await openObjectStore({ kind: 'folder', folder, url: '' }, keys)
  expect(readdirSync(unfinished)).toEqual(['new'])
})

test('a folder that cannot be written to is told at the start', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(
    openObjectStore({ kind: 'folder', folder: join(file, 'files'), url: '' }, keys),
  ).rejects.toThrow(/OBJECT_STORE cannot be written to \(ENOTDIR\)/)
  expect(readFileSync(file)).toHaveLength(0)
})
