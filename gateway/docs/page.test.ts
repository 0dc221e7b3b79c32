import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType } from 'graphql' // biome-ignore format: one list
import { errorCodes } from '../../platform/errors.ts'
import { readGatewayLimits } from '../../platform/settings/gateway-limits.ts'
import { contentSecurityPolicy, docsPage } from './page.ts'
import { documented, documentedContract, examplesOf, fieldOf, typesOf } from './test-support.ts'

const limits = readGatewayLimits({})
const contract = documentedContract()
const page = docsPage(contract.docs, limits)

const attributes = (page: string, name: string) =>
  [...page.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value]) => value ?? '')

test('the page tells of everything that the contract shows, each at a place of its own', () => {
  const ids = attributes(page, 'id')
  expect(new Set(ids).size).toBe(ids.length)
  for (const type of typesOf(contract.docs)) {
    const members = [...type.fields, ...type.inputs, ...type.values].map(({ name }) => `${type.name}.${name}`)
    expect(ids).toEqual(expect.arrayContaining([type.name, ...members]))
    expect(type.fields.length + type.inputs.length + type.values.length).toBeGreaterThanOrEqual(
      'getFields' in (contract.schema.getType(type.name) ?? {}) ? 1 : 0,
    )
  }
  expect(
    typesOf(contract.docs)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(
    Object.values(contract.schema.getTypeMap())
      .filter((type) => !isIntrospectionType(type))
      .map(({ name }) => name)
      .sort(),
  )
})

test('every link within the page leads somewhere, and every other one to a public page', () => {
  const ids = new Set(attributes(page, 'id'))
  const links = attributes(page, 'href')
  expect(links.length).toBeGreaterThan(100)
  for (const link of links) {
    if (link.startsWith('#')) expect(ids).toContain(link.slice(1))
    else expect(link).toMatch(/^(https:\/\/(graphql\.github\.io|github\.com|the-guild\.dev)\/|data:,$)/)
  }
})

test('the page names nothing outside the contract', () => {
  const shown = namesOf(contract.schema)
  const hidden = [...namesOf(contract.whole)].filter((name) => !shown.has(name))
  expect(hidden.length).toBeGreaterThan(200)
  const words = new Set(page.match(/\w+/g))
  const places = [...attributes(page, 'id'), ...attributes(page, 'href')]
  const examples = examplesOf(contract.docs).map(([, example]) => JSON.stringify(example))
  const code = new Set([...places, ...examples].join(' ').match(/\w+/g))
  const told = new Set<string>(errorCodes) // refusals have some of them, too
  for (const name of hidden) {
    // What is no English word is in no sentence either.
    const isName = /[a-z][A-Z]|_/.test(name) || /^[A-Z]{2,}$/.test(name)
    if (told.has(name)) continue
    expect([name, isName && words.has(name)]).toEqual([name, false])
    expect([name, code.has(name)]).toEqual([name, false])
  }
})

test('the page runs nothing, loads nothing, and is styled by what its policy names', () => {
  expect(
    /<(script|img|iframe|object|form)|<[^>]* (on\w+|style|src)=|javascript:/i.exec(page)?.[0],
  ).toBeUndefined()
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(page) ?? []
  expect(style).not.toMatch(/@import|url\(/i)
  const hash = createHash('sha256').update(style).digest('base64')
  expect(contentSecurityPolicy.directives).toMatchObject({
    defaultSrc: ["'none'"],
    styleSrc: [`'sha256-${hash}'`],
  })
})

test('what is said of a type is in words of its own, without marks that the page does not write', () => {
  for (const { name, description } of typesOf(contract.docs)) {
    expect([name, description]).toEqual([name, expect.not.stringMatching(/\]\(|\bspecified\b/)])
  }
})

test('whatever a schema says stays text', () => {
  const { docs } = documented(`
    "<script>alert(1)</script> \`<b>\` & 'so' \\"on\\""
    type Query { evil(a: String = "</code><script>"): Int @deprecated(reason: "<i>no</i>. Goes on 2027-01-31.") }
  `)
  const written = docsPage(docs, limits)
  expect(written).not.toMatch(/<script|<b>|<i>/)
  expect(written).toContain('&lt;i&gt;no&lt;/i&gt;.')
  expect(written).toContain('= &quot;&lt;/code&gt;&lt;script&gt;&quot;')
})

test('a deprecation is told with its day', () => {
  const { docs } = documented(`
    type Query { name: String @deprecated(reason: "Use \`title\`. Goes on 2027-06-30.") kind(old: Int @deprecated(reason: "No use. Goes on 2027-07-31.")): Kind }
    enum Kind { A B @deprecated(reason: "No use.") }
  `)
  const written = docsPage(docs, limits)
  expect(written).toContain('<strong>Deprecated.</strong> Use <code>title</code>. It may be gone from <time datetime="2027-06-30">2027-06-30</time> on.') // biome-ignore format: one sentence
  expect(written).toContain('<time datetime="2027-07-31">')
  expect(written).toContain('<strong>Deprecated.</strong> No use.</p>')
})

const priced = documented(`
  type Query {
    value: Int
    priced: Int @cost(weight: 3)
    thing: Thing
    dear: Dear
    free: Thing @cost(weight: 0)
    values: [Int!]!
    things: [Thing!]!
    known: [Thing!]! @listSize(assumedSize: 50)
    sliced(first: Int = 20): [Thing!]! @listSize(slicingArguments: ["first"])
    given(first: Int): [Thing!]! @listSize(slicingArguments: ["first"])
    either(first: Int = 10, last: Int): [Thing!]! @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    page(first: Int = 20): Page @listSize(slicingArguments: ["first"], sizedFields: ["edges", "moves"])
    sent(input: Input, other: [Input!], size: Int @cost(weight: 2)): Int
  }
  type Thing { id: ID }
  type Dear @cost(weight: 7) { id: ID }
  type Page { edges: [Thing!]! moves: [Thing!]! }
  input Input { id: ID }
`)

test.each([
  ['Query.value', null],
  ['Query.priced', 'costs 3'],
  ['Query.thing', 'costs 1'],
  ['Query.dear', 'costs 7'],
  ['Query.free', 'costs nothing itself'],
  ['Query.values', null],
  ['Query.things', 'a list: costs 1 for each item, taken to be 10'],
  ['Query.known', 'a list: costs 1 for each item, taken to be 50'],
  ['Query.sliced', 'a list: costs 1 for each item, as many as `first` says, 20 by default'],
  ['Query.given', 'a list: costs 1 for each item, as many as `first` says, which has to be given'],
  ['Query.either', 'a list: costs 1 for each item, as many as the larger of `first` and `last` says, 10 by default'], // biome-ignore format: one line
  ['Query.page', 'costs 1; its `edges` and `moves`: as many as `first` says, 20 by default'],
  ['Page.edges', 'a list: costs 1 for each item, as many as `Query.page` was asked for'],
  ['Query.sent', 'costs nothing itself; `input` adds 1 where it is given; `other` adds 1 where it is given; `size` adds 2 where it is given'], // biome-ignore format: one line
])('%s costs what is said in words', (coordinate, cost) => {
  expect(fieldOf(priced.docs, coordinate).cost).toBe(cost)
})

const guarded = documented(`
  type Query {
    open: Int
    mine: Int @authenticated
    scoped: Int @requiresScopes(scopes: [["a", "b"], ["c"]])
    judged: Int @policy(policies: [["p"]])
    both: Int @authenticated @requiresScopes(scopes: [["a"]]) @policy(policies: [["p"]])
    personal: Int @perViewer
    secret: Secret
    viewer: Viewer @perViewer
  }
  type Mutation { change: Int @authenticated }
  type Secret @authenticated { open: Int }
  type Viewer { name: String }
`)

test.each([
  ['Query.open', null, false],
  ['Query.mine', '`account:read`', false],
  ['Mutation.change', '`account:write`', false],
  ['Query.scoped', '`a` and `b`, or `c`', false],
  ['Query.judged', '`p`', false],
  ['Query.both', '`a`, and `p`', false],
  ['Query.personal', null, true],
  ['Query.secret', '`account:read`', false],
  ['Secret.open', '`account:read`', false],
  ['Viewer.name', '`account:read`', false],
])('%s needs what is said in words', (coordinate, said, dependsOnViewer) => {
  expect(fieldOf(guarded.docs, coordinate).needs).toEqual({ said, dependsOnViewer })
})

test('what is said of the contract is right', () => {
  const { docs } = contract
  expect(fieldOf(docs, 'Query.competitions')).toMatchObject({
    cost: 'costs 1; its `edges`: as many as `first` says, 20 by default; `filter` adds 1 where it is given',
    needs: { said: null, dependsOnViewer: true },
  })
  expect(fieldOf(docs, 'Leaderboard.around').cost).toBe('a list: costs 1 for each item, taken to be 101')
})

test('what a list is priced by has a most, which its description says', () => {
  for (const type of typesOf(contract.docs)) {
    for (const { name, inputs, description } of type.fields) {
      if (inputs.some((input) => input.name === 'first')) {
        expect([`${type.name}.${name}`, description]).toEqual([`${type.name}.${name}`, expect.stringMatching(/at\s+most \d+/i)]) // biome-ignore format: one thought
      }
    }
  }
})

test('the limits of keys are told as they are configured', () => {
  const env = {
    REQUESTS_PER_MINUTE_PER_KEY: '1234',
    COST_PER_MINUTE_PER_KEY: 'off',
    MAX_COST_PER_KEY: '4321',
  }
  const text = docsPage(contract.docs, readGatewayLimits(env)).replace(/<[^>]*>/g, ' ')
  expect(text).toMatch(/Requests in a minute\s+1,234\s/)
  expect(text).toMatch(/Cost in a minute\s+no limit\s/)
  expect(text).toMatch(/Cost of one operation\s+4,321\s/)
})

/** Names of types, fields, arguments and values. */
function namesOf(schema: GraphQLSchema): Set<string> {
  const names = new Set<string>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue
    names.add(type.name)
    if (isEnumType(type)) for (const { name } of type.getValues()) names.add(name)
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      names.add(field.name)
      for (const { name } of 'args' in field ? field.args : []) names.add(name)
    }
  }
  return names
}
