import { expect, test } from '@jest/globals'
import { entities, openFixture } from './open-fixture.ts'

const venues = [
  { __typename: 'Theatre', id: 'v1', town: 'Lund', land: 'Sweden' },
  { __typename: 'Stadium', id: 'v2', town: 'Bergen', land: 'Norway' },
]
const venue = (id: string) => venues.find((venue) => venue.id === id)

const booking = {
  typeDefs: `
    type Query { gig: Gig }
    interface Venue { id: ID! }
    type Theatre implements Venue @key(fields: "id") { id: ID! town: String @shareable }
    type Stadium implements Venue @key(fields: "id") { id: ID! town: String @shareable }
    type Gig @key(fields: "id") {
      id: ID!
      venue: Venue @external
      town: String @requires(fields: "venue { id }")
      land: String @requires(fields: "venue { ... on Stadium { id } }")
    }
  `,
  resolvers: {
    Query: { gig: () => ({ id: 'g1' }) },
    Gig: {
      town: (gig: { venue: { id: string } }) => venue(gig.venue.id)?.town,
      land: (gig: { venue: { id?: string } }) => (gig.venue.id ? venue(gig.venue.id)?.land : null),
    },
  },
}
const places = {
  typeDefs: `
    type Query { festival: Gig }
    interface Venue { id: ID! town: String }
    type Theatre implements Venue @key(fields: "id") { id: ID! town: String @shareable }
    type Stadium implements Venue @key(fields: "id") { id: ID! town: String @shareable }
    type Barn implements Venue @key(fields: "id") { id: ID! town: String }
    type Gig @key(fields: "id") { id: ID! venue: Venue }
  `,
  resolvers: {
    Query: { festival: () => ({ id: 'g2', venue: venues[1] }) },
    Gig: entities([
      { id: 'g1', venue: venues[0] },
      { id: 'g2', venue: venues[1] },
    ]),
  },
}

test('@requires of an interface, whatever the object is', async () => {
  const { ask, sentTo } = await openFixture({ booking, places })
  expect(await ask('{ gig { town } festival { town } }')).toEqual({
    data: { gig: { town: 'Lund' }, festival: { town: 'Bergen' } },
  })
  expect(sentTo('booking').map(({ venue }) => venue)).toEqual(
    expect.arrayContaining([{ id: 'v1' }, { id: 'v2' }]),
  )
})

test('@requires of an interface by a fragment: an object of another type is sent without it', async () => {
  const { ask } = await openFixture({ booking, places })
  expect(await ask('{ gig { land } festival { land } }')).toEqual({
    data: { gig: { land: null }, festival: { land: 'Norway' } },
  })
})

test('what is required of an interface can be asked for, too', async () => {
  const { ask } = await openFixture({ booking, places })
  expect(await ask('{ gig { venue { __typename id } } festival { venue { __typename id } } }')).toEqual({
    data: {
      gig: { venue: { __typename: 'Theatre', id: 'v1' } },
      festival: { venue: { __typename: 'Stadium', id: 'v2' } },
    },
  })
})

const shapes = `
  interface Part { code: String! }
  interface Plate implements Part { code: String! size: String! }
`
const warehouse = {
  typeDefs: `
    ${shapes}
    type Query { heavy: Machine @shareable }
    type Machine @key(fields: "id") { id: ID! part: Part }
    type Disc implements Part & Plate @shareable { code: String! size: String! radius: Int! }
    type Board implements Part & Plate @shareable { code: String! size: String! width: Int! }
  `,
  resolvers: {
    Query: { heavy: () => ({ id: 'm2', part: { __typename: 'Board', code: 'b', size: 'L', width: 4 } }) },
    Machine: entities([
      { id: 'm1', part: { __typename: 'Disc', code: 'd', size: 'S', radius: 2 } },
      { id: 'm2', part: { __typename: 'Board', code: 'b', size: 'L', width: 4 } },
    ]),
  },
}
const workshop = {
  typeDefs: `
    ${shapes}
    type Query { light: Machine broken: Machine }
    type Machine @key(fields: "id") {
      id: ID!
      part: Part @external
      drawing: String! @requires(fields: "part { code ... on Plate { size ... on Disc { radius } ... on Board { width } } }")
      mark: String! @requires(fields: "part { ... on Part { code } }")
    }
    type Disc implements Part & Plate @shareable @inaccessible { code: String! size: String! radius: Int! }
    type Board implements Part & Plate @shareable { code: String! size: String! width: Int! }
  `,
  resolvers: {
    Query: { light: () => ({ id: 'm1' }), broken: () => ({ id: 'm2' }) },
    Machine: {
      drawing: ({ part: { code, size, radius, width } }: { part: Record<string, unknown> }) =>
        [code, size, radius, width].join(),
      mark: ({ part }: { part: { code: string } }) => part.code,
    },
  },
}

test('@requires with fragments within fragments', async () => {
  const { ask } = await openFixture({ warehouse, workshop })
  expect(
    await ask('{ heavy { drawing part { __typename } } broken { mark drawing part { __typename code } } }'),
  ).toEqual({
    data: {
      heavy: { drawing: 'b,L,,4', part: { __typename: 'Board' } },
      broken: { mark: 'b', drawing: 'b,L,,4', part: { __typename: 'Board', code: 'b' } },
    },
  })
})

test('@requires of an object of a type that clients cannot see: computed from it, shown as null', async () => {
  const { ask } = await openFixture({ warehouse, workshop })
  expect(await ask('{ light { id drawing mark part { __typename } } }')).toMatchObject({
    data: { light: { id: 'm1', drawing: 'd,S,2,', mark: 'd', part: null } },
  })
})
