import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { type NameNode, parse, visit } from 'graphql'
import { type SubgraphName, subgraphNames } from '../platform/names.ts'
import { sdlOf } from '../platform/subgraph.ts'
import { committedForm, staleness } from './compose.ts'
import { loadSupergraph, subgraphsOf } from './supergraph.ts'

/** The subgraphs' schemas with one of them changed. */
const changed = (subgraph: SubgraphName, from: string, to: string) => (name: SubgraphName) =>
  name === subgraph ? sdlOf(name).replace(from, to) : sdlOf(name)

test('the subgraphs compose without errors and hints, and what is committed is what they compose to', () => {
  const committed = readFileSync(new URL('../schema/supergraph.graphql', import.meta.url), 'utf8')
  expect(staleness(committed, committedForm())).toBeNull()
})

test('a committed supergraph that is stale is shown by the lines that differ', () => {
  const composed = committedForm(changed('users', 'bio: String @perViewer', 'story: String @perViewer'))
  const stale = staleness(committedForm(), composed)
  expect(stale?.split('\n')).toEqual(
    expect.arrayContaining([expect.stringMatching(/^\+ {3}story: String @join__field\(graph: USERS\)/)]),
  )
})

test('subgraphs that contradict each other do not compose', () => {
  const contradiction = changed(
    'leaderboard',
    'type User @key(fields: "id", resolvable: false) {',
    'type User {',
  )
  expect(() => committedForm(contradiction)).toThrow('The subgraphs do not compose')
})

test('subgraphs that disagree without contradiction do not compose either', () => {
  const hint = changed('leaderboard', 'scalar DateTime', '"Something else."\nscalar DateTime')
  const unlike = (name: SubgraphName) => hint(name).replace('"An instant in UTC, RFC 3339, with milliseconds: 2026-01-31T07:30:00.000Z."\n"Something', '"Something') // biome-ignore format: one thought
  expect(() => committedForm(unlike)).toThrow('description')
})

test('Apollo gets a supergraph without access directives and with everything else', () => {
  const { sdl, schema, accessDirectives } = loadSupergraph(committedForm())
  const names = new Set<string>()
  const note = ({ name }: { name: NameNode }) => void names.add(name.value)
  visit(parse(sdl), { Directive: note, DirectiveDefinition: note, ScalarTypeDefinition: note })
  for (const name of ['authenticated', 'requiresScopes', 'requiresScopes__Scope'])
    expect(names).not.toContain(name)
  for (const name of ['perViewer', 'listSize', 'DateTime']) expect(names).toContain(name)
  expect(sdl).not.toMatch(/specs.apollo.dev\/(authenticated|requiresScopes)/)
  expect(accessDirectives).toEqual(['authenticated', 'requiresScopes'])
  expect(schema.getSubscriptionType()?.getFields()).toHaveProperty('leaderboardChanged')
})

test('a supergraph names its subgraphs and where they are', () => {
  const named = subgraphNames.map((name) => ({ name, url: `http://${name}/graphql` }))
  expect(loadSupergraph(committedForm()).subgraphs).toEqual(expect.arrayContaining(named))
  expect(subgraphsOf(committedForm())).toEqual(loadSupergraph(committedForm()).subgraphs)
})
