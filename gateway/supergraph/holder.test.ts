import { afterEach, expect, test } from '@jest/globals'
import { silent } from '../../test/support/stores.ts'
import type { LoadedSupergraph } from '../supergraph.ts'
import { SupergraphError } from '../supergraph.ts'
import { composeFixture } from '../test-support/federation.ts'
import { shop, starless } from '../test-support/foreign.ts'
import { openSupergraph, type SupergraphHolder } from './holder.ts'

const [full, less] = [composeFixture(shop), composeFixture({ ...shop, reviews: starless })]

type Fake = { supergraph: LoadedSupergraph; before: Fake | undefined }
let holder: SupergraphHolder<Fake>
afterEach(() => holder.close())

type Build = (supergraph: LoadedSupergraph, before: Fake | undefined) => Promise<Fake> | Fake

async function open(build: Build = (supergraph, before) => ({ supergraph, before })) {
  holder = await openSupergraph<Fake>(full, { build, logger: silent })
  return holder
}

const hasStars = ({ supergraph }: Fake) => 'stars' in fieldsOf(supergraph)
const fieldsOf = ({ schema }: LoadedSupergraph) => {
  const type = schema.getType('Review')
  return type && 'getFields' in type ? type.getFields() : {}
}

test('another supergraph is built beside the present one, and serves once it is ready', async () => {
  let finish = () => {}
  const ready = new Promise<void>((resolve) => {
    finish = resolve
  })
  const { current, replace } = await open(async (supergraph, before) => {
    if (before) await ready
    return { supergraph, before }
  })
  const first = current()
  const replaced = replace(less)
  await new Promise(setImmediate)
  expect(current()).toBe(first)
  finish()
  expect(await replaced).toBe(true)
  expect(hasStars(current())).toBe(false)
  expect(current().before).toBe(first)
  expect(hasStars(first)).toBe(true)
})

test('the same supergraph in another form is no other one', async () => {
  const { current, replace } = await open()
  const first = current()
  expect(await replace(`# a comment\n${full}`)).toBe(false)
  expect(current()).toBe(first)
})

test.each([
  ['what does not parse', 'enum {'],
  ['a schema that is no supergraph', 'type Query { a: Int }'],
  ['a supergraph without its subgraphs', full.replace(/enum join__Graph \{[^}]*\}/, '')],
  ['a feature that nobody here knows', full.replace('schema\n', 'schema @link(url: "https://example.com/safe/v1.0", for: SECURITY)\n')], // biome-ignore format: one row
])('%s is refused with its faults, and the one before stays', async (_, text) => {
  const { current, replace } = await open()
  const first = current()
  const error = await replace(text).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(SupergraphError)
  expect((error as SupergraphError).faults.join()).not.toBe('')
  expect(current()).toBe(first)
  expect(await replace(less)).toBe(true)
})

test('what cannot be built is refused, and the one before stays', async () => {
  const { current, replace } = await open((supergraph, before) => {
    if (before) throw new Error('no engine can be built')
    return { supergraph, before }
  })
  const first = current()
  await expect(replace(less)).rejects.toThrow('no engine can be built')
  expect(current()).toBe(first)
})
