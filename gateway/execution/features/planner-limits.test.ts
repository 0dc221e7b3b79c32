import { expect, test } from '@jest/globals'
import { openFixture } from './open-fixture.ts'

/** An interface of four entities that both subgraphs know everything of: each level multiplies the ways to it. */
const typeDefs = `
  interface Knot { id: ID! next: Knot tint: String }
  type Query { knots: [Knot] @shareable }
  ${['Reef', 'Bowline', 'Hitch', 'Bend'].map((name) => `type ${name} implements Knot @key(fields: "id") { id: ID! next: Knot @shareable tint: String @shareable }`).join('\n')}`

test('an operation that there are too many ways to answer is refused', async () => {
  const { ask } = await openFixture({ rope: { typeDefs }, twine: { typeDefs } })
  // Without a limit its plan takes minutes.
  expect(await ask('{ knots { next { next { next { next { next { tint } } } } } } }')).toMatchObject({
    errors: [{ extensions: { code: 'OPERATION_TOO_COMPLEX' } }],
  })
})
