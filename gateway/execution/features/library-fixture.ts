import { entities } from './open-fixture.ts'

/** Works of two types behind interfaces and unions, whose fields are spread over five subgraphs. */
export const works = [
  {
    __typename: 'Novel',
    id: 'n1',
    shelf: 'A',
    size: { pages: 90 },
    author: 'u1',
    maker: { __typename: 'Own', email: 'jo@example.com' },
  },
  { __typename: 'Novel', id: 'n2', shelf: 'B', size: { pages: 800 }, author: 'u2', maker: null },
  {
    __typename: 'Comic',
    id: 'c1',
    shelf: 'C',
    size: { pages: 30 },
    author: 'u1',
    maker: { __typename: 'House', id: 'h1' },
  },
]
const others = ({ id, __typename }: (typeof works)[number]) =>
  works.filter((work) => work.id !== id && work.__typename === __typename)
const authors = [{ email: 'u1', works: 2 }, { email: 'u2', works: 1 }] // biome-ignore format: a row each
const work = {
  ...entities(works),
  similar: others,
  author: ({ author }: { author: string }) => authors.find(({ email }) => email === author),
}
export const library = {
  typeDefs: `
    type Query { works: [Work!]! similar(id: ID!): [Work!]! }
    interface Work { id: ID! shelf: String size: Size author: Author secret: Boolean @inaccessible }
    interface Likeable { similar: [Work!]! }
    type Size @shareable { pages: Int }
    type Novel implements Work & Likeable @key(fields: "id") {
      id: ID! shelf: String size: Size @shareable author: Author similar: [Novel!]! secret: Boolean maker: Maker
    }
    type Comic implements Work & Likeable @key(fields: "id") {
      id: ID! shelf: String size: Size @shareable author: Author similar: [Comic!]! secret: Boolean maker: Maker
    }
    union Maker = House | Own
    type House { id: ID! @shareable }
    type Own { email: String }
    type Author @key(fields: "email") { email: ID! works: Int @shareable }
  `,
  resolvers: {
    Query: {
      works: () => works,
      similar: (_: unknown, { id }: { id: string }) => works.filter((one) => one.id === id).flatMap(others),
    },
    Novel: work,
    Comic: work,
  },
}
export const makers = {
  typeDefs: `
    union Maker = House | Guild
    type House @key(fields: "id") { id: ID! name: String email: Mail }
    type Mail { address: String }
    type Guild @key(fields: "id") { id: ID! name: String email: String }
  `,
  resolvers: { House: entities([{ id: 'h1', name: 'Marvellous', email: { address: 'ink@example.com' } }]) },
}
const postal = {
  delivery: ({ size }: { size: { pages: number } }, { to }: { to?: string }) =>
    to && { days: Math.ceil(size.pages / 100) },
}
export const post = {
  typeDefs: `
    interface Work { id: ID! size: Size delivery(to: String): Delivery }
    type Novel implements Work @key(fields: "id") {
      id: ID! size: Size @external delivery(to: String): Delivery @requires(fields: "size { pages }")
    }
    type Comic implements Work @key(fields: "id") {
      id: ID! size: Size @external delivery(to: String): Delivery @requires(fields: "size { pages }")
    }
    type Size @shareable { pages: Int }
    type Delivery { days: Int }
  `,
  resolvers: { Novel: postal, Comic: postal },
}
const opinions = [{ id: 1, of: 'n1' }, { id: 2, of: 'n1' }, { id: 3, of: 'c1' }] // biome-ignore format: a row each
const judged = {
  ...entities(works.map(({ __typename, id }) => ({ __typename, id }))),
  opinions: ({ id }: { id: string }) => opinions.filter(({ of }) => of === id),
  opinionsOfSimilar: ({ similar }: { similar: { id: string }[] }) =>
    opinions.filter(({ of }) => similar.some(({ id }) => id === of)),
}
export const reviews = {
  typeDefs: `
    interface Work { id: ID! opinions: [Opinion!]! }
    interface Likeable { similar: [Work!]! }
    type Novel implements Work & Likeable @key(fields: "id") {
      id: ID! opinions: [Opinion!]! similar: [Novel!]! @external opinionsOfSimilar: [Opinion!]! @requires(fields: "similar { id }")
    }
    type Comic implements Work & Likeable @key(fields: "id") {
      id: ID! opinions: [Opinion!]! similar: [Comic!]! @external opinionsOfSimilar: [Opinion!]! @requires(fields: "similar { id }")
    }
    type Opinion { id: Int! of: Work }
  `,
  resolvers: {
    Novel: judged,
    Comic: judged,
    Opinion: { of: ({ of }: { of: string }) => works.find(({ id }) => id === of) },
  },
}
export const titles = {
  typeDefs:
    'type Novel @key(fields: "id") { id: ID! title: String } type Comic @key(fields: "id") { id: ID! title: String }',
  resolvers: {
    Novel: { title: ({ id }: { id: string }) => `Novel ${id}` },
    Comic: { title: ({ id }: { id: string }) => `Comic ${id}` },
  },
}
