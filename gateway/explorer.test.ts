import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, watchPage } from './test-support/browser.ts'
import { openGateway, type TestGateway } from './test-support/gateway.ts'
import { openSubgraphs, type TestSubgraphs } from './test-support/subgraphs.ts'

let subgraphs: TestSubgraphs
let gateway: TestGateway
let browser: Browser | undefined
beforeAll(async () => {
  subgraphs = await openSubgraphs()
  gateway = await openGateway(subgraphs)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await gateway.close()
  await subgraphs.close()
})

test('the explorer asks and watches in a browser that reaches nothing but the gateway', async () => {
  const page = (await browser?.newPage()) as Page
  page.setDefaultTimeout(100_000) // ms, of a machine that does other work, too
  const { elsewhere, faults } = watchPage(page, gateway.origin)

  await page.goto(gateway.origin)
  await run(page, '{ competition(id: "cup") { organizer { displayName } } }')
  await answer(page, 'Person organizer')
  await run(page, 'subscription { leaderboardChanged(competitionId: "cup") { revision } }')
  await answer(page, '"revision": 0')
  subgraphs.board.publish(42)
  await answer(page, '"revision": 42')

  expect(elsewhere).toEqual([])
  expect(faults).toEqual([])
}, 180_000)

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
