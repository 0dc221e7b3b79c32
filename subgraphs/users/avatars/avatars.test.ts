import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import sharp from 'sharp'
import type { ObjectStore } from '../../../platform/object-store/object-store.ts'
import { openObjectStore } from '../../../platform/object-store/open-object-store.ts'
import { openFakeS3 } from '../../../test/support/fake-s3.ts'
import { createErasureStore } from '../privacy/erasure-store.ts'
import { avatarUploads, type PersonRow } from '../tables.ts'
import { openUsersStore, refusalsOf } from '../test-support.ts'
import { createAvatarStore } from './avatar-store.ts'
import { type Avatars, createAvatars } from './avatars.ts'
import { noise, twoColours } from './picture-test-support.ts'

const MINUTE = 60_000 // ms

let database: Awaited<ReturnType<typeof openUsersStore>>
let s3: Awaited<ReturnType<typeof openFakeS3>>
let objects: ObjectStore
let avatars: Avatars
let ada: PersonRow
let offset = 0
const now = () => new Date(Date.now() + offset)

beforeAll(async () => {
  database = await openUsersStore()
  s3 = await openFakeS3()
  objects = await openObjectStore(s3.settings, { secret: '', now })
  avatars = createAvatars({ store: createAvatarStore(database.db), objects, now })
})
afterAll(async () => {
  await s3.close()
  await database.close()
})
beforeEach(async () => {
  await database.db.delete(avatarUploads)
  s3.objects.clear()
  offset = 0
  ada = await database.signUp()
})

const keys = () => [...s3.objects.keys()].sort()
const picture = () => twoColours().jpeg().toBuffer()

const request = (bytes: Uint8Array, { contentType = 'JPEG' as const, of = ada } = {}) =>
  avatars.request(of.id, { contentType, byteLength: bytes.byteLength })

/** Asks to send a picture, and sends it as a browser would; gives the upload's id. */
async function send(bytes: Uint8Array, options: Parameters<typeof request>[1] = {}): Promise<string> {
  const { id, url, headers } = await request(bytes, options)
  const sent = Object.fromEntries(headers.map(({ name, value }) => [name, value]))
  const { status } = await fetch(url, { method: 'PUT', body: Buffer.from(bytes), headers: sent })
  expect(status).toBe(200)
  return id
}

const sizesOf = (id: string, of = ada) =>
  [128, 256, 512, 64].map((size) => `public/avatars/${of.id}/${id}-${size}.webp`)

test('a picture that was sent is made anew in four sizes, shown, and not kept as it was', async () => {
  const bytes = await picture()
  const id = await send(bytes)
  expect(keys()).toEqual([`uploads/${ada.id}/${id}`])
  const shown = await avatars.complete(ada.id, id)
  expect(shown).toMatchObject({ id: ada.id, avatarId: id })
  expect(keys()).toEqual(sizesOf(id))
  for (const { content, contentType } of s3.objects.values()) {
    expect(contentType).toBe('image/webp')
    expect((await sharp(content).metadata()).format).toBe('webp')
  }
})

test('the address is that of the size or the next larger, and of the largest beyond', async () => {
  expect(avatars.urlOf(ada, 128)).toBeNull()
  const shown = { ...ada, avatarId: 'picture' }
  const sizeOf = (size: number) => /-(\d+)\.webp$/.exec(avatars.urlOf(shown, size) ?? '')?.[1]
  expect([1, 64, 65, 128, 200, 512, 513, 2_147_483_647].map(sizeOf)).toEqual(
    ['64', '64', '128', '128', '256', '512', '512', '512'], // biome-ignore format: one row
  )
  for (const size of [0, -1]) {
    for (const person of [ada, shown]) {
      expect(() => avatars.urlOf(person, size)).toThrow('The size of a picture is 1 pixel at least.')
    }
  }
})

test('another picture takes the place of the first, which is gone', async () => {
  const first = await send(await picture())
  await avatars.complete(ada.id, first)
  const second = await send(await noise(100, 100).jpeg().toBuffer())
  expect((await avatars.complete(ada.id, second)).avatarId).toBe(second)
  expect(keys()).toEqual(sizesOf(second))
})

test('a picture that is taken away is gone, and may be taken away once more', async () => {
  const id = await send(await picture())
  await avatars.complete(ada.id, id)
  expect((await avatars.remove(ada.id)).avatarId).toBeNull()
  expect(keys()).toEqual([])
  expect((await avatars.remove(ada.id)).avatarId).toBeNull()
})

test.each([0, -1, 5 * 1_048_576 + 1, 2_147_483_647])('%i bytes are no picture', async (byteLength) => {
  expect(await refusalsOf(avatars.request(ada.id, { contentType: 'PNG', byteLength }))).toEqual([
    ['INVALID_INPUT', 'byteLength'],
  ])
})

test('5 MiB may be sent', async () => {
  const { byteLength } = randomBytes(5 * 1_048_576)
  expect(await avatars.request(ada.id, { contentType: 'PNG', byteLength })).toMatchObject({
    headers: [{ name: 'content-type', value: 'image/png' }],
  })
})

test('ten an hour, however they come, and each person for themselves', async () => {
  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => request(Buffer.alloc(1))))
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(await refusalsOf(request(Buffer.alloc(1)))).toEqual([['TOO_MANY_ATTEMPTS', undefined]])
  await request(Buffer.alloc(1), { of: await database.signUp() })
  offset = 61 * MINUTE
  await request(Buffer.alloc(1))
})

test('what is another’s, unknown or over cannot be completed', async () => {
  const bob = await database.signUp()
  const id = await send(await picture())
  for (const [userId, uploadId] of [
    [bob.id, id],
    [ada.id, randomUUID()],
    [ada.id, '../../etc/passwd'],
    [ada.id, ''],
  ] as const) {
    expect(await refusalsOf(avatars.complete(userId, uploadId))).toEqual([['NOT_FOUND', 'uploadId']])
  }
  offset = 61 * MINUTE
  expect(await refusalsOf(avatars.complete(ada.id, id))).toEqual([['NOT_FOUND', 'uploadId']])
  offset = 0
  await avatars.complete(ada.id, id)
  expect(await refusalsOf(avatars.complete(ada.id, id))).toEqual([['NOT_FOUND', 'uploadId']])
})

test('an upload to which nothing was sent stays open', async () => {
  const bytes = await picture()
  const { id, url } = await request(bytes)
  const early = avatars.complete(ada.id, id)
  await expect(early).rejects.toThrow('Nothing was sent yet.')
  expect(await refusalsOf(early)).toEqual([['UPLOAD_REJECTED', 'uploadId']])
  await fetch(url, { method: 'PUT', body: Buffer.from(bytes), headers: { 'content-type': 'image/jpeg' } })
  expect((await avatars.complete(ada.id, id)).avatarId).toBe(id)
})

test('what is no picture as it was said is refused and deleted, and the one before stays', async () => {
  const before = await send(await picture())
  await avatars.complete(ada.id, before)
  const html = Buffer.from('<script>alert(1)</script>')
  for (const bytes of [html, await twoColours().png().toBuffer(), (await picture()).subarray(0, 1_000)]) {
    const id = await send(bytes)
    expect(await refusalsOf(avatars.complete(ada.id, id))).toEqual([['UPLOAD_REJECTED', 'uploadId']])
    expect(await refusalsOf(avatars.complete(ada.id, id))).toEqual([['NOT_FOUND', 'uploadId']])
  }
  expect(keys()).toEqual(sizesOf(before))
})

test('a store that took another length than was said does not have it read', async () => {
  const bytes = await picture()
  for (const content of [Buffer.concat([bytes, bytes]), bytes.subarray(1), Buffer.alloc(0)]) {
    const { id } = await request(bytes)
    s3.objects.set(`uploads/${ada.id}/${id}`, { content, contentType: 'image/jpeg', cacheControl: undefined })
    expect(await refusalsOf(avatars.complete(ada.id, id))).toEqual([['UPLOAD_REJECTED', 'uploadId']])
  }
  expect(keys()).toEqual([])
})

test('of many who complete one upload at once, one does', async () => {
  const id = await send(await picture())
  const done = await Promise.allSettled(Array.from({ length: 10 }, () => avatars.complete(ada.id, id)))
  expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(keys()).toEqual(sizesOf(id))
})

test('of an account that is erased meanwhile nothing stays', async () => {
  const id = await send(await picture())
  const erasures = createErasureStore(database.db)
  let isErased = false
  const erasing: ObjectStore = {
    ...objects,
    async put(...object) {
      if (!isErased) {
        isErased = true
        await erasures.erase(ada, now())
        await avatars.forget(ada.id)
      }
      await objects.put(...object)
    },
  }
  const slow = createAvatars({ store: createAvatarStore(database.db), objects: erasing, now })
  expect(await refusalsOf(slow.complete(ada.id, id))).toEqual([['NOT_FOUND', 'uploadId']])
  expect(isErased).toBe(true)
  expect(keys()).toEqual([])
})

test('what a person sent and what was made of it is forgotten, and nobody else’s', async () => {
  const bob = await database.signUp()
  const his = await send(await picture(), { of: bob })
  await avatars.complete(bob.id, his)
  await avatars.complete(ada.id, await send(await picture()))
  await send(await picture())
  await avatars.forget(ada.id)
  await avatars.forget(ada.id)
  expect(keys()).toEqual(sizesOf(his, bob))
})

test('what was never completed goes with somebody’s next upload, once it is long over', async () => {
  const shown = await send(await picture())
  await avatars.complete(ada.id, shown)
  const left = await send(await picture())
  // A process that ended between the two: the pictures are there, and nobody shows them.
  const broken = await send(await picture())
  await objects.put(`public/avatars/${ada.id}/${broken}-64.webp`, Buffer.alloc(1), 'image/webp')
  const bob = await database.signUp()

  offset = 90 * MINUTE
  await request(Buffer.alloc(1), { of: bob })
  expect(keys()).toContain(`uploads/${ada.id}/${left}`)
  offset = 121 * MINUTE
  await request(Buffer.alloc(1), { of: bob })
  expect(keys()).toEqual(sizesOf(shown))
  expect(await database.db.select().from(avatarUploads)).toMatchObject([
    { userId: bob.id },
    { userId: bob.id },
  ])
})
