import { expect, test } from '@jest/globals'
import { subgraphNames } from '../../platform/names.ts'
import { runToEnd } from '../support/processes.ts'

/** The variables that a process does not start for. */
async function faultsOf(script: string, args: string[], env: Record<string, string>): Promise<string[]> {
  const { code, stderr } = await runToEnd(script, args, env)
  expect(code).toBe(1)
  expect(stderr).not.toMatch(/^\s+at /m)
  return [...stderr.matchAll(/^ {2}(\w+): /gm)].map(([, name = '']) => name).sort()
}

const weak = Object.fromEntries(
  subgraphNames.map((name) => [`${name.toUpperCase()}_SECRET`, `change-me-${name}`.padEnd(40, '-')]),
)

test('a gateway that would be open does not start, and names all that leaves it so', async () => {
  const open = {
    ...weak,
    ALLOWED_ORIGINS: 'http://app.example',
    EXPLORER: 'on',
    INTROSPECTION: 'on',
    JWKS_URL: 'http://keys.example/jwks.json',
    TRUSTED_DOCUMENTS: 'only',
    PORT: 'http',
  }
  const named = [
    'TRUSTED_DOCUMENTS_FILE',
    ...Object.keys(open).filter((name) => name !== 'TRUSTED_DOCUMENTS'),
  ]
  for (const env of [{}, { NODE_ENV: 'production' }] as Record<string, string>[]) {
    expect(await faultsOf('gateway/main.ts', [], { ...open, ...env })).toEqual(named.sort())
  }
})

test('it does not start for pages of everywhere, nor unsigned', async () => {
  const env = { ALLOWED_ORIGINS: '*', SUBGRAPH_SIGNING: 'off' }
  expect(await faultsOf('gateway/main.ts', [], env)).toEqual(['ALLOWED_ORIGINS', 'SUBGRAPH_SIGNING'])
})

test('no subgraph starts with a secret that is known, a database that everybody opens, or mails that everybody reads', async () => {
  const env = {
    ...weak,
    DATABASE_URL: 'postgres://postgres:postgres@db.example/podium',
    REDIS_URL: 'redis://127.0.0.1',
    OBJECT_STORE: 's3://files',
    AWS_REGION: 'eu-west-1',
    APP_URL: 'http://app.example',
  }
  expect(await faultsOf('subgraphs/main.ts', ['fitness'], env)).toEqual(['DATABASE_URL', 'FITNESS_SECRET'])
  expect(await faultsOf('subgraphs/main.ts', [], env)).toEqual(
    ['APP_URL', 'DATABASE_URL', 'SMTP_URL', ...Object.keys(weak)].sort(),
  )
})
