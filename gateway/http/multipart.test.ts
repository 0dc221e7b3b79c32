import { afterEach, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import type { LaterResult, OperationResult } from '../execution/result.ts'
import { engineOf, type Front, openFront } from '../test-support/front.ts'
import { eventually } from '../test-support/gateway.ts'

const schema = buildSchema(`
  directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query { a: Int b: Int }
`)
const query = '{ a ... @defer(label: "later") { b } }'
const PARTS = 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9'
const HEAD = 'content-type: application/json; charset=utf-8\r\n\r\n'

/** What is put off, until a test pushes it. */
function createLater() {
  const parts: LaterResult[] = []
  const state = { isReturned: false, taken: 0 }
  let wake = () => {}
  const later: AsyncIterableIterator<LaterResult> = {
    async next() {
      while (parts.length === 0 && !state.isReturned) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      state.taken++
      const value = parts.shift()
      return value ? { done: false, value } : { done: true, value: undefined }
    },
    async return() {
      state.isReturned = true
      wake()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
  const push = (data: string, hasNext: boolean, errors: OperationResult['errors'] = []) => {
    parts.push({ incremental: [{ data, path: [], label: 'later', errors }], hasNext })
    wake()
  }
  return { later, state, push }
}

let front: Front
afterEach(() => front.close())

/** A front that answers in parts where it may, and what asks it. */
async function open() {
  const { later, state, push } = createLater()
  const { engine } = engineOf(schema, {
    hasDefer: true,
    run: async ({ defer }) =>
      defer ? { data: '{"a":1}', errors: [], later } : { data: '{"a":1,"b":2}', errors: [] },
  })
  front = await openFront(() => engine)
  const leaving = new AbortController()
  async function ask(accept = PARTS) {
    const headers = { 'content-type': 'application/json', accept }
    const body = JSON.stringify({ query })
    const response = await fetch(front.url, { method: 'POST', headers, body, signal: leaving.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    /** What comes until this is in it. */
    async function until(end: string): Promise<string> {
      let text = ''
      while (!text.includes(end)) {
        const { done, value } = (await reader?.read()) ?? { done: true }
        if (done) throw new Error(`the answer ended: ${text}`)
        text += value
      }
      return text
    }
    return { response, until }
  }
  return { ask, push, end: () => void later.return?.(), state, leave: () => leaving.abort() }
}

test.each(['multipart/mixed, application/json', PARTS])(
  'to %s each part is sent when it is there',
  async (accept) => {
    const { ask, push } = await open()
    const { response, until } = await ask(accept)
    expect(response.headers.get('content-type')).toBe('multipart/mixed; boundary="-"; deferSpec=20220824')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await until(',"hasNext":true}\r\n---\r\n')).toBe(
      `\r\n---\r\n${HEAD}{"data":{"a":1},"hasNext":true}\r\n---\r\n`,
    )
    push('{"b":1}', true)
    expect(await until('\r\n---\r\n')).toBe(
      `${HEAD}{"incremental":[{"data":{"b":1},"path":[],"label":"later"}],"hasNext":true}\r\n---\r\n`,
    )
    push('null', false, [{ message: 'select', path: ['b'], extensions: { code: '42P01' } }])
    const last = await until('-----\r\n')
    expect(last).toContain('{"incremental":[{"errors":[{"message":"Something went wrong here.')
    expect(last).toContain(',"data":null,"path":[],"label":"later"}],"hasNext":false}\r\n-----\r\n')
  },
)

test('a stream that ends without a last part gets one', async () => {
  const { ask, push, end } = await open()
  const { until } = await ask()
  await until('true}\r\n---\r\n')
  push('{"b":1}', true)
  await until('true}\r\n---\r\n')
  end()
  expect(await until('-----\r\n')).toBe(`${HEAD}{"hasNext":false}\r\n-----\r\n`)
})

test('who does not take parts gets the whole at once', async () => {
  const { ask } = await open()
  for (const accept of ['application/json', '*/*']) {
    const { response, until } = await ask(accept)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await until('}}')).toBe('{"data":{"a":1,"b":2}}')
  }
})

test('the work behind it ends when its reader leaves', async () => {
  const { ask, state, leave } = await open()
  const { until } = await ask()
  await until('true}\r\n---\r\n')
  leave()
  await eventually(() => state.isReturned)
})

test('a reader who is slow is not written to without end', async () => {
  const { ask, push, state, leave } = await open()
  const { until } = await ask()
  await until('true}\r\n---\r\n')
  for (let part = 0; part < 50; part++) push(`"${'x'.repeat(1_000_000)}"`, part < 49)
  await eventually(() => state.taken > 1)
  for (let turns = 0; turns < 200; turns++) await new Promise(setImmediate)
  expect(state.taken).toBeLessThan(25)
  leave()
  await eventually(() => state.isReturned)
})
