import { expect, test } from '@jest/globals'
import { openFixture } from './open-fixture.ts'

// Its arguments differ from entity to entity of one request, for which plans have no form that the engine could run.
test('@context and @fromContext: such a supergraph is refused', async () => {
  const atlas = {
    typeDefs: `
      type Query { city: City! }
      type City @key(fields: "id") @context(name: "city") { id: ID! tongue: String! shops: [Shop!]! }
      type Shop @key(fields: "id") { id: ID! sign(tongue: String @fromContext(field: "$city { tongue }")): String! }
    `,
  }
  await expect(openFixture({ atlas })).rejects.toThrow(/context.* is unsupported/)
})
