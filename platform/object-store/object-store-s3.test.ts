import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openFakeS3 } from '../../test/support/fake-s3.ts'
import type { BucketSettings } from '../settings/object-store-settings.ts'
import { openObjectStore } from './open-object-store.ts'

let s3: Awaited<ReturnType<typeof openFakeS3>>
beforeEach(async () => {
  s3 = await openFakeS3({ prefix: 'podium/' })
})
afterEach(() => s3.close())

const open = (change: Partial<BucketSettings> = {}) =>
  openObjectStore({ ...s3.settings, ...change }, { secret: '', now: () => new Date() })

const bytes = Buffer.from('a picture')

test('what is public is kept with its type and for ever, and all else with its type', async () => {
  const store = await open()
  await store.put('public/a.webp', bytes, 'image/webp')
  await store.put('exports/a.zip', bytes, 'application/zip')
  expect([...s3.objects]).toEqual([
    [
      'podium/public/a.webp',
      { content: bytes, contentType: 'image/webp', cacheControl: 'public, max-age=31536000, immutable' },
    ],
    ['podium/exports/a.zip', { content: bytes, contentType: 'application/zip', cacheControl: undefined }],
  ])
})

test('what others keep in the bucket is neither seen nor deleted', async () => {
  const others = { content: bytes, contentType: 'image/webp', cacheControl: undefined }
  s3.objects.set('public/a.webp', others)
  s3.objects.set('podium-old/public/a.webp', others)
  const store = await open()
  expect(await store.read('public/a.webp', 100)).toBeNull()
  await store.put('public/a.webp', bytes, 'image/webp')
  await store.deleteAll('public/')
  expect([...s3.objects.keys()]).toEqual(['public/a.webp', 'podium-old/public/a.webp'])
})

test('what is public is read from the bucket itself, or from what stands before it', async () => {
  const addressIn = async (change: Partial<BucketSettings>) => (await open(change)).publicUrl('public/a.webp')
  const { endpoint } = s3.settings
  expect(await addressIn({})).toBe(`${endpoint}/bucket/podium/public/a.webp`)
  expect(await addressIn({ endpoint: null })).toBe(
    'https://bucket.s3.eu-north-1.amazonaws.com/podium/public/a.webp',
  )
  expect(await addressIn({ url: 'https://cdn.example' })).toBe('https://cdn.example/public/a.webp')
})

test('an address for an upload holds whoever has it to the type and the length', async () => {
  const now = new Date()
  const store = await openObjectStore({ ...s3.settings, endpoint: null }, { secret: '', now: () => now })
  const upload = { contentType: 'image/png', byteLength: 4, expiresAt: new Date(now.getTime() + 600_500) }
  const { searchParams, origin, pathname } = new URL((await store.uploadTo('uploads/a', upload)).url)
  expect(`${origin}${pathname}`).toBe('https://bucket.s3.eu-north-1.amazonaws.com/podium/uploads/a')
  expect(searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host')
  expect(searchParams.get('X-Amz-Expires')).toBe('600')
})

test('a store that refuses is no store without objects', async () => {
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'guessed' }
  const store = await open({ credentials })
  await expect(store.read('public/a.webp', 1)).rejects.toThrow('SignatureDoesNotMatch')
  await expect(store.put('public/a.webp', bytes, 'image/webp')).rejects.toThrow('SignatureDoesNotMatch')
  await expect(store.deleteAll('public/')).rejects.toThrow('SignatureDoesNotMatch')
})

test('what could not be sent leaves no file open', async () => {
  const store = await open({ endpoint: 'http://127.0.0.1:1' })
  async function* content() {
    for (let piece = 0; piece < 16; piece++) yield Buffer.alloc(65_536)
  }
  await expect(store.put('exports/a.zip', content(), 'application/zip')).rejects.toThrow('ECONNREFUSED')
  expect(openFiles().filter((file) => /podium-[\da-f-]{36}\b/.test(file))).toEqual([])
})

/** What this process has open, where the system tells. */
function openFiles(): string[] {
  const folder = '/proc/self/fd'
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))]
    } catch {
      return [] // the one that lists them
    }
  })
}
