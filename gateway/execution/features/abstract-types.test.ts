import { expect, test } from '@jest/globals'
import { library, makers, post, reviews, titles, works } from './library-fixture.ts'
import { openFixture } from './open-fixture.ts'

const { ask } = await openFixture({ library, makers, post, reviews, titles })

test('fields of an interface, some of them below objects', async () => {
  expect(
    await ask(
      '{ works { id size { pages } author { email works } ... on Comic { title } } similar(id: "n1") { id shelf } }',
    ),
  ).toEqual({
    data: {
      works: [
        { id: 'n1', size: { pages: 90 }, author: { email: 'u1', works: 2 } },
        { id: 'n2', size: { pages: 800 }, author: { email: 'u2', works: 1 } },
        { id: 'c1', size: { pages: 30 }, author: { email: 'u1', works: 2 }, title: 'Comic c1' },
      ],
      similar: [{ id: 'n2', shelf: 'B' }],
    },
  })
})

test('a field of an interface that another subgraph computes for each of its types', async () => {
  expect(
    await ask(
      '{ a: similar(id: "n1") { id delivery(to: "Rome") { days } } b: similar(id: "n2") { delivery { days } } }',
    ),
  ).toEqual({
    data: { a: [{ id: 'n2', delivery: { days: 8 } }], b: [{ delivery: null }] },
  })
})

test('one field through an interface, its objects and another interface', async () => {
  const query =
    '{ works { shelf ... on Work { shelf } ... on Novel { shelf } ... on Comic { shelf } ... on Likeable { __typename type: __typename } } }'
  expect(await ask(query)).toEqual({
    data: { works: works.map(({ shelf, __typename }) => ({ shelf, __typename, type: __typename })) },
  })
})

test('fields of objects that an interface of another subgraph leads to', async () => {
  expect(
    await ask(
      '{ works { id opinions { id of { shelf ... on Comic { title } ... on Novel { opinions { id } } } } } }',
    ),
  ).toEqual({
    data: {
      works: [
        {
          id: 'n1',
          opinions: [1, 2].map((id) => ({ id, of: { shelf: 'A', opinions: [{ id: 1 }, { id: 2 }] } })),
        },
        { id: 'n2', opinions: [] },
        { id: 'c1', opinions: [{ id: 3, of: { shelf: 'C', title: 'Comic c1' } }] },
      ],
    },
  })
})

test('what is required of a list of an interface’s objects', async () => {
  expect(await ask('{ works { id ... on Novel { opinionsOfSimilar { id } } } }')).toEqual({
    data: {
      works: [
        { id: 'n1', opinionsOfSimilar: [] },
        { id: 'n2', opinionsOfSimilar: [{ id: 1 }, { id: 2 }] },
        { id: 'c1' },
      ],
    },
  })
})

test.each([
  ['@include(if: $flag)', true, { title: 'Novel n1', shelf: 'A' }],
  ['@include(if: $flag)', false, { shelf: 'A' }],
  ['@skip(if: $flag)', true, { shelf: 'A' }],
  ['@skip(if: $flag)', false, { title: 'Novel n1', shelf: 'A' }],
])('a fragment on one of the types under %s, %p', async (directive, flag, novel) => {
  const query = `query ($flag: Boolean = ${flag}) {
    works { opinions { of { id ... on Novel ${directive} { title } ... on Novel { shelf } ... on Comic { shelf } } } }
  }`
  const of = { id: 'n1', ...novel }
  expect(await ask(query)).toEqual({
    data: {
      works: [
        { opinions: [{ of }, { of }] },
        { opinions: [] },
        { opinions: [{ of: { id: 'c1', shelf: 'C' } }] },
      ],
    },
  })
})

test('fragments within a fragment under conditions', async () => {
  const query = `query ($yes: Boolean = true) {
    works { opinions { of { ... on Novel @include(if: $yes) { title ... on Novel { shelf } ... on Novel @skip(if: $yes) { id } } } } }
  }`
  const of = { title: 'Novel n1', shelf: 'A' }
  expect(await ask(query)).toEqual({
    data: { works: [{ opinions: [{ of }, { of }] }, { opinions: [] }, { opinions: [{ of: {} }] }] },
  })
})

test('a union whose members’ fields are in several subgraphs, and of one name but different types', async () => {
  const query = `{
    works { ... on Novel { maker { ...Made } } ... on Comic { maker { ...Made } } }
  }
  fragment Made on Maker {
    ... on House { id name mail: email { address } }
    ... on Own { text: email }
    ... on Guild { name text: email }
  }`
  expect(await ask(query)).toEqual({
    data: {
      works: [
        { maker: { text: 'jo@example.com' } },
        { maker: null },
        { maker: { id: 'h1', name: 'Marvellous', mail: { address: 'ink@example.com' } } },
      ],
    },
  })
})
