import { expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { allowing, readAllowances } from './allowances.ts'
import { contractChanges } from './changes.ts'

const today = '2027-06-30'

/** A contract beside which nothing was decided yet. */
const base = { name: 'a file', sdl: '' }

/** What is told of a change, as coordinate, what happened, effect and what allows it. */
async function told(before: string, after: string, decisions = '') {
  const { allowances } = readAllowances(decisions, base)
  const changes = await contractChanges(buildSchema(before), buildSchema(after), { today, allowances })
  return changes.map(({ coordinate, happening, effect, allowedBy }) => [coordinate, happening, effect, allowedBy]) // biome-ignore format: one thought
}

const user = (fields: string) => `type Query { user(id: ID!): User } type User { id: ID! ${fields} }`

test.each([
  ['a field is removed', user('bio: String'), user(''), 'User.bio', 'removed'],
  ['a field gives another type', user('bio: String'), user('bio: Int'), 'User.bio', 'changed'],
  ['a field may be null', user('bio: String!'), user('bio: String'), 'User.bio', 'changed'],
  ['an argument is removed', user('url(size: Int): Int'), user('url: Int'), 'User.url(size:)', 'removed'],
  ['an argument is required', user('url: Int'), user('url(size: Int!): Int'), 'User.url(size:)', 'added'],
  ['an enum value is removed', `${user('')} enum E { A B }`, `${user('')} enum E { A }`, 'E.B', 'removed'],
  ['an input needs more', `${user('')} input I { a: Int }`, `${user('')} input I { a: Int b: Int! }`, 'I.b', 'added'], // biome-ignore format: one line
  ['a union loses a member', `${user('')} union U = User | Query`, `${user('')} union U = User`, 'U', 'changed'], // biome-ignore format: one line
])(
  'it breaks partners that %s, unless it is allowed at this coordinate',
  async (_, before, after, coordinate, happening) => {
    expect(await told(before, after)).toEqual([[coordinate, happening, 'breaks', null]])
    const line = `Breaks partners: \`${coordinate}\` was ${happening} (2027-01-31).`
    expect(await told(before, after, `# Decisions\n\n${line}\n`)).toEqual([
      [coordinate, happening, 'breaks', 'docs/decisions.md'],
    ])
    for (const other of [
      line.replace('was ', 'was not '),
      line.replace(coordinate, `${coordinate}s`),
      `Say: ${line}`,
    ]) {
      expect(await told(before, after, other)).toEqual([[coordinate, happening, 'breaks', null]])
    }
  },
)

test('what may break partners is told apart from what is only new', async () => {
  const before = `${user('url(size: Int = 1): Int')} enum E { A }`
  const after = `${user('url(size: Int = 2): Int bio: String')} enum E { A B }`
  expect(await told(before, after)).toEqual(
    expect.arrayContaining([
      ['User.bio', 'added', 'new', null],
      ['User.url(size:)', 'changed', 'may break', null],
      ['E.B', 'added', 'may break', null],
    ]),
  )
})

test('descriptions change nothing, and a deprecation is told once', async () => {
  const before = user('"What they say." bio: String')
  const after = user('"What they say of themselves." bio: String @deprecated(reason: "No use. Goes on 2028-01-01.")') // biome-ignore format: one line
  expect(await told(before, after)).toEqual([['User.bio', 'changed', 'new', null]])
})

test.each([
  ['2027-06-29', 'its day has come'],
  ['2027-06-30', 'its day has come'],
  ['2027-07-01', null],
])('what goes on %s may be removed from then on', async (day, allowedBy) => {
  const deprecated = `@deprecated(reason: "No use. Goes on ${day}.")`
  const before = `${user(`bio: String ${deprecated} url(size: Int ${deprecated}): Int`)} enum E { A B ${deprecated} } input I { a: Int b: Int ${deprecated} }`
  const after = `${user('url: Int')} enum E { A } input I { a: Int }`
  expect(await told(before, after)).toEqual(
    expect.arrayContaining(
      ['User.bio', 'User.url(size:)', 'E.B', 'I.b'].map((coordinate) => [coordinate, 'removed', 'breaks', allowedBy]), // biome-ignore format: one thought
    ),
  )
})

test('what was deprecated without a date may not be removed', async () => {
  expect(await told(user('bio: String @deprecated(reason: "No use.")'), user(''))).toEqual([
    ['User.bio', 'removed', 'breaks', null],
  ])
})

test('types that only a field led to whose day has come go with it, and no others', async () => {
  const due = '@deprecated(reason: "No use. Goes on 2027-01-31.")'
  const types =
    'type Card { kind: Kind owner: User other: Other } enum Kind { A } input Size { width: Int } type Other { id: ID }'
  const before = `${user(`card(size: Size): Card ${due} other: Other`)} ${types}`
  const removed = await told(before, user(''))
  expect(Object.fromEntries(removed.map(([coordinate, , , allowedBy]) => [coordinate, allowedBy]))).toEqual({
    'User.card': 'its day has come',
    'User.other': null,
    Card: 'nothing led to it but what is due',
    Kind: 'nothing led to it but what is due',
    Size: 'nothing led to it but what is due',
    Other: null,
  })
})

test('the day that partners were told may be put off, and not brought forward', async () => {
  const on = (day: string) => user(`bio: String @deprecated(reason: "No use.${day}")`)
  const [early, late] = [on(' Goes on 2027-09-01.'), on(' Goes on 2027-10-01.')]
  expect(await told(early, late)).toEqual([['User.bio', 'changed', 'new', null]])
  expect(await told(late, early)).toEqual([['User.bio', 'changed', 'breaks', null]])
  expect(await told(late, on(''))).toEqual([['User.bio', 'changed', 'breaks', null]])
})

test('an allowance is read from a line of its own that was not there before, and one that is not of the form is told', () => {
  const change = { coordinate: 'Query.user(id:)', happening: 'changed' } as const
  const line = allowing(change, '2027-01-31')
  expect(readAllowances(`text\n${line}\n- ${line}\nmore`, base)).toEqual({
    allowances: [change, change],
    faults: [],
  })
  expect(
    readAllowances(`${line}\n${line.replace('31', '30')}\n`, { ...base, decisions: `text\n${line}\n` })
      .allowances,
  ).toEqual([change])
  const wrong = readAllowances('Breaks partners: User.bio was removed.', base)
  expect(wrong.allowances).toEqual([])
  expect(wrong.faults).toEqual([expect.stringContaining('allows nothing')])
})
