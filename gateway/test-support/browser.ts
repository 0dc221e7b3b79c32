import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const executablePath = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  .find(existsSync)

/** A real Chromium. Throws where there is none. */
export async function openBrowser(): Promise<Browser> {
  if (!executablePath) throw new Error('There is no Chromium on the PATH. npm test brings one.')
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** What a page does that it should not: requests to other hosts than its own, and all that its console calls an error. */
export function watchPage(page: Page, origin: string): { elsewhere: string[]; faults: string[] } {
  const elsewhere: string[] = []
  const faults: string[] = []
  const note = (url: string) => {
    const { host, protocol } = new URL(url)
    if (host !== new URL(origin).host && protocol !== 'data:' && protocol !== 'blob:') elsewhere.push(url)
  }
  page.on('request', (request) => note(request.url()))
  page.on('websocket', (socket) => note(socket.url().replace(/^ws/, 'http')))
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  return { elsewhere, faults }
}
