import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { bombs } from '../test-support/bombs.ts'
import { engineOf, type Front, limits, openFront } from '../test-support/front.ts'

const schema = buildSchema('type Query { a(b: [Int]): Query list: [Query] c: Int }')
const { engine, counted } = engineOf(schema)

let front: Front
beforeAll(async () => {
  // As large as the gateway takes by default.
  front = await openFront(() => engine, { config: { limits: { ...limits, bodyBytes: 1_000_000 } } })
})
afterAll(() => front.close())

// Each is refused for the limit that keeps it from work; without, some would be refused for another reason, and some never.
test.each(bombs)('refused, and for the limit that is meant for it: $name', async (bomb) => {
  const { status, body } = await front.post(bomb.body)
  expect({ status, data: body.data }).toEqual({ status: bomb.status, data: undefined })
  expect(body.errors[0]).toMatchObject({
    message: expect.stringContaining(bomb.reason),
    extensions: { code: bomb.code },
  })
  expect(counted).toEqual({ runs: 0, compiled: 0 })
})
