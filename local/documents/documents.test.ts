import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readManifest, sha256 } from '../../gateway/documents/manifest.ts'
import { runToEnd } from '../../test/support/processes.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'podium-documents-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

const gather = (...args: string[]) => runToEnd('local/documents/main.ts', args, { INIT_CWD: folder })

test('an app’s operations become a manifest, each with the fragments that it uses, wherever they are', async () => {
  write({
    'src/board.graphql': 'query Board { competition(id: "cup") { ...Name } }',
    'src/person.tsx': [
      "import { gql } from '@apollo/client'",
      'export const card = gql`fragment Card on User { displayName }`',
      'export const person = gql`',
      '  query Person($id: ID!) {',
      '    user(id: $id) { ...Card }',
      '  }',
      // What a template contains of others is found where they are.
      '  ${' + 'card}',
      '`',
      'export const live = graphql(/* GraphQL */ `subscription Live { leaderboardChanged(competitionId: "cup") { revision } }`)',
    ].join('\n'),
    'src/name.js':
      'const name = graphql`fragment Name on Competition { name organizer { ...Card } } fragment Unused on User { id }`',
    'src/schema.graphql': 'type Query { own: Int }',
    'node_modules/lib/bad.graphql': '{ none }',
    '.cache/bad.graphql': '{ none }',
  })
  const { code, stdout, stderr } = await gather('src', '--out', 'manifest.json')
  expect([code, stdout, stderr]).toEqual([0, '', '3 operations.\n'])
  const text = readFileSync(join(folder, 'manifest.json'), 'utf8')
  const { format, version, operations } = JSON.parse(text)
  expect([format, version]).toEqual(['apollo-persisted-query-manifest', 1])
  const body =
    'query Board {\n  competition(id: "cup") {\n    ...Name\n  }\n}\n\nfragment Name on Competition {\n  name\n  organizer {\n    ...Card\n  }\n}\n\nfragment Card on User {\n  displayName\n}'
  expect(operations[0]).toEqual({ id: sha256(body), name: 'Board', type: 'query', body })
  expect(operations).toMatchObject([
    {},
    { name: 'Live', type: 'subscription' },
    {
      name: 'Person',
      type: 'query',
      body: expect.stringMatching(/fragment Card on User {\n {2}displayName\n}$/),
    },
  ])
  expect(readManifest(text)).toHaveLength(3)
})

test('the types of objects are asked for where that is wished', async () => {
  write({ 'a.graphql': 'query A { user(id: "a") { id } competition(id: "c") { __typename id } }' })
  const { stdout } = await gather('.', '--add-typename')
  expect(JSON.parse(stdout).operations[0].body.replace(/\s+/g, ' ')).toBe(
    'query A { user(id: "a") { id __typename } competition(id: "c") { __typename id } }',
  )
})

test('all that is wrong is told, with its file and line, and nothing is written', async () => {
  write({
    'anonymous.graphql': '\n{ viewer { id } }',
    'invalid.ts':
      "import { gql } from 'graphql-tag'\n\nconst a = gql`\n  query Invalid {\n    viewer { id, nickname }\n  }\n`",
    'once.graphql': 'query Twice { viewer { id } }',
    'syntax.gql': 'query Broken {\n  viewer { id\n',
    'twice.graphql': '# again\nquery Twice { viewer { id } }\nfragment F on Nobody { id }',
  })
  const { code, stderr } = await gather('.', '--out', 'manifest.json')
  expect(code).toBe(1)
  expect(stderr.trim().split('\n').sort()).toEqual([
    'anonymous.graphql:2: an operation must have a name',
    'invalid.ts:5: Cannot query field "nickname" on type "Viewer".',
    'syntax.gql:3: Syntax Error: Expected Name, found <EOF>.',
    'twice.graphql:2: Twice is at once.graphql:1 already',
    'twice.graphql:3: Unknown type "Nobody".',
  ])
  expect(() => readFileSync(join(folder, 'manifest.json'))).toThrow()
})

test.each([
  [[], /^PATHS are missing\.\nUsage: npm run documents/],
  [['nowhere'], /nowhere: does not exist\n$/],
  [['.'], /^\.: has no operation\n$/],
  [['.', '--add'], /^Unknown option '--add'.*\nUsage/],
])('what was called wrongly, as with %j, is told', async (args, told) => {
  const { code, stderr } = await gather(...args)
  expect(code).toBe(1)
  expect(stderr).toMatch(told)
})
