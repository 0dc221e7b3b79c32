import { expect, test } from '@jest/globals'
import { openFixture } from './open-fixture.ts'

test('a directive on fields of an operation, whose argument has a default in one subgraph and not in the other', async () => {
  const one = (field: string, type: string) => ({
    typeDefs: `
      extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@composeDirective"])
        @link(url: "https://example.com/reach/v1.0", import: ["@reach"])
        @composeDirective(name: "@reach")
      directive @reach(who: ${type}) on FIELD
      enum Who { ALL SOME }
      type Query { ${field}: String }
    `,
    resolvers: { Query: { [field]: () => field } },
  })
  const { ask, asked } = await openFixture({ a: one('a', 'Who!'), b: one('b', 'Who! = ALL') })
  expect(await ask('{ a @reach(who: SOME) b @reach }')).toEqual({ data: { a: 'a', b: 'b' } })
  expect(asked.map(({ query }) => query)).toEqual([
    expect.stringContaining('@reach(who:SOME)'),
    expect.stringContaining('@reach(who:ALL)'),
  ])
  expect(await ask('{ a @reach }')).toEqual({ data: { a: 'a' } })
})
