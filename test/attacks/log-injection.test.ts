import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '../../gateway/test-support/gateway.ts'
import { openProduction, type Production } from '../support/production.ts'
import { openSocket } from '../support/socket.ts'
import { requests, streams } from '../support/ways.ts'

let podium: Production
beforeAll(async () => {
  podium = await openProduction()
})
afterAll(() => podium.close())

/** A line of a log, as who forges one would have it, behind whatever may end the line before. */
const MARK = 'forged-by-a-caller'
const forged = ['\n', '\r\n', '\u2028', '\u0085', '\u001b[2K', '\0'].map(
  (end) => `x${end}{"level":30,"msg":"${MARK}"}`,
)

/** Every line is one of the logger's own, and none is what a caller wrote. */
function expectOrderlyLog(): void {
  for (const line of podium.logged()) {
    const { level, msg } = JSON.parse(line)
    expect([typeof level, typeof msg]).toEqual(['number', 'string'])
    expect(msg).not.toMatch(MARK)
    // Nothing that a terminal acts upon.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
  }
}

test('no text of a request becomes a line of the log, over any way', async () => {
  for (const [, send] of [...requests, ...streams]) {
    for (const text of forged) {
      const variables = { id: text }
      await send(podium.url, { query: `# ${text}\n{ viewer { id } }`, operationName: text })
      await send(podium.url, { query: `{ user(id: ${JSON.stringify(text)}) { id } }` })
      await send(podium.url, { query: 'query Q($id: ID!) { user(id: $id) { id } }', variables, [text]: text })
      await send(podium.url, { query: text, extensions: { [text]: text } })
      await send(podium.url, { documentId: text })
    }
  }
  expectOrderlyLog()
})

/** Node's own client, which sends what fetch refuses. */
async function sendHeaders(headers: Record<string, string>): Promise<number | undefined> {
  const body = JSON.stringify({ query: '{ user(id: "broken") { id } }' })
  const request = httpRequest(podium.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }) // biome-ignore format: one line
  request.end(body)
  const [response] = await once(request, 'response')
  await text(response)
  return response.statusCode
}

test.each([
  'user-agent',
  'x-request-id',
  'x-forwarded-for',
  'forwarded',
  'origin',
  'authorization',
  'cookie',
  'referer',
])(
  'nothing in the header %s becomes a line of the log, whatever is logged for its request',
  async (header) => {
    const before = podium.logged().length
    for (const value of [
      `\u0085${MARK}`,
      `\t${MARK}`,
      `"}{"level":30,"msg":"${MARK}"}`,
      `%0a${MARK}`,
      `\u00ff\u00fe${MARK}`,
    ]) {
      expect(await sendHeaders({ [header]: value })).toBeLessThan(500)
    }
    // The field is broken: it is logged for a good request.
    if (header !== 'authorization') await eventually(() => podium.logged().length > before)
    expectOrderlyLog()
  },
)

test('an address that is written by nobody who is trusted is nobody’s address', async () => {
  const before = podium.subgraphs.asked.length
  await sendHeaders({ 'x-forwarded-for': `203.0.113.7, ${MARK}` })
  expect(podium.subgraphs.asked.slice(before).map(({ address }) => address)).toEqual(['127.0.0.1'])
})

test('what a subgraph is told of a browser has neither lines nor more than its length', async () => {
  const before = podium.subgraphs.asked.length
  await sendHeaders({ 'user-agent': `Browser \u0085${'x'.repeat(5_000)}` })
  const [told] = podium.subgraphs.asked.slice(before)
  expect(told?.userAgent?.length).toBeLessThanOrEqual(256)
})

test('nothing over a socket becomes a line of the log', async () => {
  for (const text of forged) {
    const refused = await openSocket(podium.url)
    refused.say({ type: 'connection_init', payload: { authorization: text } })
    expect(await refused.closed).toBe(4403)
    const broken = await openSocket(podium.url)
    broken.say(text)
    expect(await broken.closed).toBe(4400)
    const named = await openSocket(podium.url)
    await named.introduce()
    named.subscribe(text, 'subscription { leaderboardChanged(competitionId: "cup") { nothing } }')
    expect(await named.refusal(text)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    named.cut()
  }
  expectOrderlyLog()
})

test('an error is logged under the id that its caller is told, and with nothing of theirs', async () => {
  const [, post] = requests[0] ?? []
  const answer = await post?.(podium.url, { query: '{ user(id: "broken") { id } }' })
  const { requestId } = (answer?.errors?.[0]?.extensions ?? {}) as { requestId?: string }
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
  await eventually(() => podium.logged().some((line) => line.includes(requestId ?? '?')))
  expect(JSON.stringify(answer)).not.toMatch(/ECONNREFUSED|10\.0\.0\.7|select|people/)
})
