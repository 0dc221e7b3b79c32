import { afterAll, beforeAll, expect, test } from '@jest/globals'
import sharp from 'sharp'
import { noise } from '../subgraphs/users/avatars/picture-test-support.ts'
import { forged } from './support/object-store.ts'
import { freePort } from './support/ports.ts'
import { openTestSupergraph, type Person, settled, type TestSupergraph } from './support/supergraph.ts'

type Upload = { id: string; url: string; headers: { name: string; value: string }[]; expiresAt: string }

let podium: TestSupergraph
let origin: string
let ada: Person
let bob: Person
beforeAll(async () => {
  podium = await openTestSupergraph({
    PORT: String(await freePort()),
    ALLOWED_ORIGINS: 'https://podium.example',
  })
  origin = new URL(podium.url).origin
  ada = await podium.person('Ada')
  bob = await podium.person('Bob')
})
afterAll(() => podium.close())

/** A picture whose camera wrote where it was taken. */
const picture = () =>
  noise(600, 400)
    .withExif({
      IFD0: { Copyright: 'Ada Lovelace' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    })
    .jpeg()
    .toBuffer()

async function request(person: Person, byteLength: number, contentType = 'JPEG'): Promise<Upload> {
  const { upload } = await person.mutate<{ upload: Upload }>(
    `mutation ($input: AvatarUploadInput!) {
      requestAvatarUpload(input: $input) { upload { id url headers { name value } expiresAt } userErrors { code message field } }
    }`,
    { input: { contentType, byteLength } },
  )
  return upload
}

const put = ({ url, headers }: Upload, body: Uint8Array, more: Record<string, string> = {}) =>
  fetch(url, {
    method: 'PUT',
    body: Buffer.from(body),
    headers: { ...Object.fromEntries(headers.map(({ name, value }) => [name, value])), ...more },
  })

const complete = (person: Person, id: string) =>
  person.mutate<{ viewer: { user: { avatarUrl: string } } }>(
    `mutation ($id: ID!) {
      completeAvatarUpload(uploadId: $id) { viewer { user { avatarUrl(size: 200) } } userErrors { code message field } }
    }`,
    { id },
  )

const avatarOf = async (person: Person, asking: Person = person) =>
  (
    await asking.send<{ user: { avatarUrl: string | null } }>(
      'query ($id: ID!) { user(id: $id) { avatarUrl } }',
      {
        id: person.id,
      },
    )
  ).user.avatarUrl

test('a picture goes all its way through one origin: asked for, sent, checked, seen by others, taken away', async () => {
  const bytes = await picture()
  const upload = await request(ada, bytes.length)
  expect(upload.url).toMatch(`${origin}/files/uploads/`)
  expect((await put(upload, bytes)).status).toBe(200)
  expect(await avatarOf(ada, bob)).toBeNull()

  const { viewer } = await complete(ada, upload.id)
  expect(viewer.user.avatarUrl).toMatch(/-256\.webp$/)
  expect(viewer.user.avatarUrl).toMatch(`${origin}/files/public/avatars/`)
  const url = (await avatarOf(ada, bob)) ?? ''
  const seen = await fetch(url)
  expect(seen.status).toBe(200)
  expect(Object.fromEntries(seen.headers)).toMatchObject({
    'content-type': 'image/webp',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
  })
  const shown = Buffer.from(await seen.arrayBuffer())
  expect(await sharp(shown).metadata()).toMatchObject({ format: 'webp', width: 128, height: 128 })
  expect((await sharp(shown).metadata()).exif).toBeUndefined()

  await ada.mutate('mutation { removeAvatar { viewer { id } userErrors { code message field } } }')
  expect(await avatarOf(ada, bob)).toBeNull()
  expect((await fetch(url)).status).toBe(404)
})

test('an address for one upload is good for nothing else', async () => {
  const bytes = await picture()
  const upload = await request(ada, bytes.length)
  expect((await put(upload, bytes.subarray(1))).status).toBe(400)
  expect((await put(upload, Buffer.concat([bytes, bytes]))).status).toBe(413)
  expect((await put(upload, bytes, { 'content-type': 'text/html' })).status).toBe(400)
  const tampered = [
    upload.url.replace(upload.id, 'another'),
    upload.url.replace(ada.id, bob.id),
    upload.url.replace(/length=\d+/, 'length=9'),
    upload.url.replace(/type=[^&]+/, 'type=text%2Fhtml'),
    upload.url.replace(/expires=\d+/, 'expires=9999999999999'),
    forged(upload.url),
    upload.url.replace('/uploads/', '/public/'),
  ]
  for (const url of tampered) expect([403, 404]).toContain((await put({ ...upload, url }, bytes)).status)
  expect((await fetch(upload.url)).status).toBe(403)
  await expect(complete(ada, upload.id)).rejects.toMatchObject({ codes: ['UPLOAD_REJECTED'] })
  await expect(complete(bob, upload.id)).rejects.toMatchObject({ codes: ['NOT_FOUND'] })
  expect((await put(upload, bytes)).status).toBe(200)
  await expect(complete(bob, upload.id)).rejects.toMatchObject({ codes: ['NOT_FOUND'] })
  await complete(ada, upload.id)
  await expect(complete(ada, upload.id)).rejects.toMatchObject({ codes: ['NOT_FOUND'] })
})

test('a page in place of a picture is refused, and shown to nobody', async () => {
  const html = Buffer.from('<script>alert(1)</script>')
  const upload = await request(bob, html.length, 'PNG')
  expect((await put(upload, html)).status).toBe(200)
  await expect(complete(bob, upload.id)).rejects.toMatchObject({ codes: ['UPLOAD_REJECTED'] })
  expect(await avatarOf(bob)).toBeNull()
})

test('pages of listed origins may send a picture', async () => {
  const upload = await request(bob, 1)
  const from = (page: string) =>
    fetch(upload.url, {
      method: 'OPTIONS',
      headers: {
        origin: page,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    })
  const { headers } = await from('https://podium.example')
  expect(headers.get('access-control-allow-origin')).toBe('https://podium.example')
  expect(headers.get('access-control-allow-methods')).toContain('PUT')
  expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
})

test('who has not signed in sends nothing, and sizes below one are nobody’s', async () => {
  const ask = (query: string) => podium.client.send(query)
  await expect(ask('mutation { removeAvatar { userErrors { code } } }')).rejects.toThrow(
    'Sign in to do this.',
  )
  await expect(
    ask(
      'mutation { requestAvatarUpload(input: { contentType: PNG, byteLength: 1 }) { userErrors { code } } }',
    ),
  ).rejects.toThrow('Sign in to do this.')
  await expect(ask(`{ user(id: "${ada.id}") { avatarUrl(size: 0) } }`)).rejects.toThrow('1 pixel at least')
})

test('an address is over after an hour', async () => {
  const bytes = await picture()
  const upload = await request(bob, bytes.length)
  await podium.passTo(new Date(Date.parse(upload.expiresAt) + 1_000))
  expect((await put(upload, bytes)).status).toBe(403)
  bob = await bob.again()
  await expect(complete(bob, upload.id)).rejects.toMatchObject({ codes: ['NOT_FOUND'] })
})

test('pictures of an account that is erased are gone', async () => {
  const eve = await podium.person('Eve')
  const bytes = await picture()
  const upload = await request(eve, bytes.length)
  await put(upload, bytes)
  const { viewer } = await complete(eve, upload.id)
  await eve.mutate(
    'mutation ($p: String!) { deleteMyAccount(password: $p) { userErrors { code message field } } }',
    {
      p: eve.password,
    },
  )
  await settled(podium.queue)
  expect((await fetch(viewer.user.avatarUrl)).status).toBe(404)
})
