import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { openBrowser, watchPage } from '../test-support/browser.ts'
import { openGateway, type TestGateway } from '../test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from '../test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
/** As in development, and as in production. */
let open: TestGateway
let closed: TestGateway
let key: string
let browser: Browser
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  open = await openGateway(subgraphs)
  closed = await openGateway(subgraphs, { config: { publicDocs: false } })
  key = subgraphs.key(['schema:read'])
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await open.close()
  await closed.close()
  await subgraphs.close()
})

const read = ({ origin }: TestGateway, token?: string, headers: Record<string, string> = {}) =>
  fetch(`${origin}/docs`, { headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers } })

test('the page is for everyone where it is public, and says where the service is', async () => {
  const response = await read(open)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(response.headers.get('cache-control')).toBe('private, no-cache')
  expect(response.headers.get('content-security-policy')).toMatch(
    /^default-src 'none';style-src 'sha256-[^']+';/,
  )
  const text = await response.text()
  expect(text).toContain(`curl -s ${open.origin}/graphql`)
  expect(text).toContain(open.socketUrl)
  expect(text).not.toContain('origin.invalid')
  const behindProxy = await (await read(open, undefined, { 'x-forwarded-proto': 'https' })).text()
  expect(behindProxy).toContain(`curl -s ${open.origin.replace('http', 'https')}/graphql`)
})

test('who has the page is told that it is the same', async () => {
  const tag = (await read(open)).headers.get('etag') ?? ''
  const held = await read(open, undefined, { 'if-none-match': tag })
  expect([held.status, held.headers.get('etag'), await held.text()]).toEqual([304, tag, ''])
  expect((await read(open, undefined, { 'if-none-match': '"other"' })).status).toBe(200)
})

test('where the page is not public it takes a key that shows the contract, and a page says how', async () => {
  expect((await read(closed, key)).status).toBe(200)
  const person = await subgraphs.issuer.token({ claims: { scope: 'schema:read', role: 'ADMIN' } })
  for (const [token, status, title] of [
    [undefined, 401, 'A key is needed'],
    [`podium_${'x'.repeat(43)}`, 401, 'A key is needed'],
    [person, 403, 'This key does not show it'],
    [subgraphs.key(['account:read']), 403, 'This key does not show it'],
  ] as const) {
    const response = await read(closed, token, { 'if-none-match': '*' })
    const text = await response.text()
    expect([token, response.status, /<h1>([^<]*)/.exec(text)?.[1]]).toEqual([token, status, title])
    expect(response.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null)
    expect(text).toContain(`curl -sf ${closed.origin}/docs`)
    expect(text).not.toMatch(/leaderboard|competition/i)
  }
})

test.each([true, false])('requests for it are counted, be it public (%s) or not', async (publicDocs) => {
  const none = { requests: null, cost: null }
  const perMinute = { person: none, key: none, address: { requests: 1, cost: null } }
  const counting = await openGateway(subgraphs, {
    config: { publicDocs, limits: { ...subgraphs.config.limits, perMinute } },
  })
  const [first, second] = [await read(counting), await read(counting)]
  expect([first.status, second.status]).toEqual([publicDocs ? 200 : 401, 429])
  expect(second.headers.get('retry-after')).toMatch(/^\d+$/)
  await counting.close()
})

const desks = { wide: { width: 1_280, height: 900 }, phone: { width: 360, height: 640 } }

test.each([
  ['in a wide window', desks.wide, 'light'],
  ['in a wide window in the dark', desks.wide, 'dark'],
  ['on a phone', desks.phone, 'light'],
  ['on a phone in the dark', desks.phone, 'dark'],
] as const)(
  '%s the page is whole, without a script, a fault or a request elsewhere',
  async (_, viewport, colorScheme) => {
    const page = await browser.newPage({ viewport, colorScheme })
    const { elsewhere, faults } = watchPage(page, open.origin)
    await page.goto(`${open.origin}/docs`)
    const ground = { light: 'rgb(255, 255, 255)', dark: 'rgb(20, 23, 28)' }[colorScheme]
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(ground)
    expect(await page.evaluate(isWiderThanItsWindow)).toBe(false)
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true')
    expect(await page.evaluate(isWiderThanItsWindow)).toBe(false)

    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('API for partners')
    for (const role of ['banner', 'navigation', 'main'] as const)
      expect(await page.getByRole(role).count()).toBe(1)
    expect(elsewhere).toEqual([])
    expect(faults).toEqual([])
    await page.close()
  },
  180_000,
)

test('its links lead to what they name', async () => {
  const page = await browser.newPage({ viewport: desks.wide })
  await page.goto(`${open.origin}/docs#User.displayName`)
  expect(await page.locator('[id="User.displayName"]').textContent()).toContain('displayNameString!')
  expect(await page.evaluate(target)).toBe('User.displayName')
  await page.getByRole('navigation').getByRole('link', { name: 'LeaderboardFrame' }).click()
  expect(await page.evaluate(target)).toBe('LeaderboardFrame')
  const header = await page.getByRole('banner').boundingBox()
  const heading = await page.locator('#type-LeaderboardFrame').boundingBox()
  expect(heading?.y).toBeGreaterThanOrEqual(header?.height ?? Number.NaN)
  expect(heading?.y).toBeLessThan(desks.wide.height)
  await page.close()
}, 180_000)

const target = 'document.querySelector(":target").id'
const isWiderThanItsWindow = 'document.documentElement.scrollWidth > document.documentElement.clientWidth'
