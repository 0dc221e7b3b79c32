import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Browser, chromium, type Page } from 'playwright-core'
import { openGateway, type TestGateway } from './test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from './test-support/subgraphs.ts'

const executablePath = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find(existsSync)

let subgraphs: TestSubgraphs
let gateway: TestGateway
let browser: Browser | undefined
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
  if (!executablePath) throw new Error('There is no Chromium on the PATH. npm test brings one.')
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})
afterAll(async () => {
  await browser?.close()
  await gateway.close()
  await subgraphs.close()
})

test('the explorer asks and watches in a browser that reaches nothing but the gateway', async () => {
  const page = (await browser?.newPage()) as Page
  const elsewhere: string[] = []
  const faults: string[] = []
  const note = (url: string) => {
    const { host, protocol } = new URL(url)
    if (host !== new URL(gateway.url).host && protocol !== 'data:' && protocol !== 'blob:')
      elsewhere.push(url)
  }
  page.on('request', (request) => note(request.url()))
  page.on('websocket', (socket) => note(socket.url().replace(/^ws/, 'http')))
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))

  await page.goto(gateway.origin)
  await run(page, '{ competition(id: "cup") { organizer { displayName } } }')
  await answer(page, 'Person organizer')
  await run(page, 'subscription { leaderboardChanged(competitionId: "cup") { revision } }')
  await answer(page, '"revision": 0')
  subgraphs.board.publish(42)
  await answer(page, '"revision": 42')

  expect(elsewhere).toEqual([])
  expect(faults).toEqual([])
}, 60_000)

/** Puts an operation into the editor and runs it. */
async function run(page: Page, operation: string): Promise<void> {
  await page.locator('.graphiql-query-editor .monaco-editor').first().click()
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.insertText(`${operation} #`) // the editor closes braces, after which this makes a comment of it
  // The page learns what the editor contains a moment later, and then remembers it.
  const [, field] = /\{ (\w+)/.exec(operation) ?? []
  await page.waitForFunction((text) => Object.values(localStorage).join().includes(`${text}`), field)
  await page.keyboard.press('ControlOrMeta+Enter')
}

/** Waits until the answer that the page shows contains this. */
async function answer(page: Page, text: string): Promise<void> {
  await page.locator('.result-window', { hasText: text }).waitFor()
}
