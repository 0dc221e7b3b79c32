import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import Fastify from 'fastify'
import { openFakeS3 } from '../../test/support/fake-s3.ts'
import { forged, temporaryFiles } from '../../test/support/object-store.ts'
import { silent } from '../../test/support/stores.ts'
import { type ObjectStore, ObjectTooLargeError } from './object-store.ts'
import { openObjectStore } from './open-object-store.ts'
import { serveFolder } from './serve-folder.ts'

const secret = 'the secret that addresses of files are signed with'

type Opened = {
  store: ObjectStore
  /** Has the clock of whoever checks addresses, and of who makes them, show another time. */
  setClock(time: Date): void
  close(): Promise<void>
}

const stores: [string, () => Promise<Opened>][] = [
  ['a folder', openFolder],
  ['a bucket', () => openBucket('')],
  ['a prefix of a bucket', () => openBucket('podium/live/')],
]

async function openFolder(): Promise<Opened> {
  let time: Date | undefined
  const now = () => time ?? new Date()
  const { folder, remove } = await temporaryFiles()
  const app = Fastify()
  serveFolder(app, { kind: 'folder', folder, url: '' }, { secret, now, logger: silent })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/files`
  return {
    store: await openObjectStore({ kind: 'folder', folder, url }, { secret, now }),
    setClock(to) {
      time = to
    },
    async close() {
      await app.close()
      await remove()
    },
  }
}

async function openBucket(prefix: string): Promise<Opened> {
  const s3 = await openFakeS3({ prefix })
  const store = await openObjectStore(s3.settings, { secret, now: () => new Date() })
  return { store, setClock: s3.setClock, close: s3.close }
}

const inAnHour = () => new Date(Date.now() + 3_600_000)
const bytes = (text: string) => Buffer.from(text)

describe.each(stores)('%s', (_, open) => {
  let opened: Opened
  let store: ObjectStore
  beforeAll(async () => {
    opened = await open()
    store = opened.store
  })
  afterAll(() => opened.close())
  afterEach(() => opened.setClock(new Date()))

  const textOf = async (key: string) => (await store.read(key, 1_000))?.toString()

  test('gives what was put, whole or piece by piece, and the latest of it', async () => {
    const large = randomBytes(3_000_000)
    await store.put(
      'exports/a/large.zip',
      Readable.from([large.subarray(0, 7), large.subarray(7)]),
      'application/zip',
    )
    const stream = await store.stream('exports/a/large.zip')
    expect(stream && (await buffer(stream)).equals(large)).toBe(true)
    await store.put('exports/a/small', bytes('one'), 'text/plain')
    await store.put('exports/a/small', bytes('two'), 'text/plain')
    expect(await textOf('exports/a/small')).toBe('two')
    expect(await store.read('exports/a/large.zip', 3_000_000)).toHaveLength(3_000_000)
  })

  test('has nothing where nothing was put', async () => {
    await store.put('there/is', bytes('something'), 'text/plain')
    for (const key of ['nothing', 'there', 'there/is/nothing', 'there/is-nothing']) {
      expect(await store.read(key, 10)).toBeNull()
      expect(await store.stream(key)).toBeNull()
    }
  })

  test('reads no more than its reader can use', async () => {
    await store.put('size/ten', bytes('0123456789'), 'text/plain')
    expect(await store.read('size/ten', 10)).toHaveLength(10)
    await expect(store.read('size/ten', 9)).rejects.toThrow(ObjectTooLargeError)
  })

  test('keeps what was there before when what is put fails on its way', async () => {
    await store.put('whole/or', bytes('before'), 'text/plain')
    async function* failing() {
      yield bytes('half')
      throw new Error('lost')
    }
    await expect(store.put('whole/or', failing(), 'text/plain')).rejects.toThrow('lost')
    await expect(store.put('whole/nothing', failing(), 'text/plain')).rejects.toThrow('lost')
    expect(await textOf('whole/or')).toBe('before')
    expect(await textOf('whole/nothing')).toBeUndefined()
  })

  test('deletes all that begins alike, however much it is, and nothing else', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `many/a/${index}`)
    for (const key of [...keys, 'many/ab', 'many/b']) await store.put(key, bytes(key), 'text/plain')
    await store.deleteAll('many/a/')
    for (const key of keys) expect(await textOf(key)).toBeUndefined()
    expect(await textOf('many/ab')).toBe('many/ab')
    await store.deleteAll('many/a')
    expect(await textOf('many/ab')).toBeUndefined()
    expect(await textOf('many/b')).toBe('many/b')
    await store.deleteAll('many/none')
    await store.deleteAll('none/at/all/')
  })

  test.each([
    '',
    '/',
    '..',
    '../a',
    'a/../b',
    'a//b',
    '/etc/passwd',
    'a/',
    '.a',
    'a/.b',
    'a\\b',
    'a\0b',
    'a b',
    'ä',
  ])('has no key %j', async (key) => {
    await expect(store.put(key, bytes('x'), 'text/plain')).rejects.toThrow('no key')
    await expect(store.read(key, 1)).rejects.toThrow('no key')
    await expect(store.stream(key)).rejects.toThrow('no key')
    const upload = { contentType: 'text/plain', byteLength: 1, expiresAt: inAnHour() }
    await expect(store.uploadTo(key, upload)).rejects.toThrow('no key')
    expect(() => store.publicUrl(key)).toThrow('no key')
    if (key !== 'a/') await expect(store.deleteAll(key)).rejects.toThrow('no key')
  })

  test('lets somebody else PUT one object of a type and a length, again until it is over', async () => {
    const upload = { contentType: 'image/png', byteLength: 4, expiresAt: inAnHour() }
    const { url, headers } = await store.uploadTo('uploads/ada/1', upload)
    const sent = Object.fromEntries(headers.map(({ name, value }) => [name, value]))
    const put = async (
      body: string,
      change: { headers?: Record<string, string>; url?: string; method?: string } = {},
    ) =>
      (
        await fetch(change.url ?? url, {
          method: change.method ?? 'PUT',
          body,
          headers: change.headers ?? sent,
        })
      ).status
    expect(await put('once')).toBe(200)
    expect(await put('more')).toBe(200)
    expect(await textOf('uploads/ada/1')).toBe('more')

    const refused = [
      await put('longer'),
      await put('sho'),
      await put('html', { headers: { 'content-type': 'text/html' } }),
      await put('none', { headers: {} }),
      await put('else', { url: url.replace('ada/1', 'bob/1') }),
      await put('over', { url: url.replace(/(Expires=|expires=)(\d+)/i, '$1$29') }),
      await put('name', { url: forged(url) }),
      await put('bare', { url: url.replace(/\?.*/, '') }),
      await put('post', { method: 'POST' }),
    ]
    expect(refused.filter((status) => status < 400 || status >= 500)).toEqual([])
    expect(await textOf('uploads/ada/1')).toBe('more')
    expect(await textOf('uploads/bob/1')).toBeUndefined()

    opened.setClock(new Date(Date.now() + 3_601_000))
    expect(await put('late')).toBe(403)
  })

  test('lets nobody else write where everyone reads', async () => {
    const upload = { contentType: 'image/webp', byteLength: 4, expiresAt: inAnHour() }
    await expect(store.uploadTo('public/a.webp', upload)).rejects.toThrow('nobody else may write')
  })

  test('gives whoever has its address a file to keep, until it is over', async () => {
    await store.put('exports/ada.zip', bytes('archive'), 'application/zip')
    const expiresAt = inAnHour()
    const url = await store.downloadUrl('exports/ada.zip', { expiresAt, fileName: 'podium.zip' })
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([200, 'archive'])
    expect(response.headers.get('content-type')).toBe('application/zip')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="podium.zip"')
    const tampered = [
      url.replace(/\?.*/, ''),
      url.replace('ada', 'bob'),
      url.replace('podium.zip', 'podium.exe'),
      forged(url),
    ]
    const statuses = await Promise.all(tampered.map(async (other) => (await fetch(other)).status))
    expect(statuses).toEqual([403, 403, 403, 403])
    opened.setClock(new Date(Date.now() + 3_601_000))
    expect((await fetch(url)).status).toBe(403)
  })

  test('gives no address that is good for more than seven days', async () => {
    const expiresAt = new Date(Date.now() + 8 * 86_400_000)
    await expect(store.downloadUrl('exports/ada.zip', { expiresAt, fileName: 'a' })).rejects.toThrow()
    const soon = { expiresAt: inAnHour(), fileName: 'a"\r\nb' }
    await expect(store.downloadUrl('exports/ada.zip', soon)).rejects.toThrow('no name for a file')
  })

  test('says where everyone reads what is public, and of nothing else', () => {
    expect(store.publicUrl('public/avatars/a.webp')).toMatch(/^http.+\/public\/avatars\/a\.webp$/)
    expect(() => store.publicUrl('exports/ada.zip')).toThrow('not public')
  })
})
