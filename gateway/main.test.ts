import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runToEnd, startProcess } from '../test/support/processes.ts'
import { openForeign, shop } from './test-support/foreign.ts'

let foreign: Awaited<ReturnType<typeof openForeign>>
let folder: string
let file: string
beforeAll(async () => {
  foreign = await openForeign(shop)
  folder = mkdtempSync(join(tmpdir(), 'podium-main-'))
  file = join(folder, 'supergraph.graphql')
  writeFileSync(file, foreign.sdl())
})
afterAll(async () => {
  await foreign.close()
  rmSync(folder, { recursive: true })
})

test('a gateway of a foreign supergraph needs nothing else, and says what is off', async () => {
  const gateway = await startProcess('gateway/main.ts', [], {
    SUPERGRAPH: file,
    SUBGRAPH_SIGNING: 'off',
    PORT: '0',
  })
  try {
    expect((await fetch(new URL('/readyz', gateway.url))).status).toBe(200)
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ products { name reviews { stars } } }"}',
    })
    expect(await response.json()).toEqual({
      data: { products: [{ name: 'Table', reviews: [{ stars: 5 }] }] },
    })
    expect(gateway.said().match(/everyone is anonymous/g)).toHaveLength(1)
    expect(gateway.said().match(/no subgraph knows of sessions/g)).toHaveLength(1)
  } finally {
    expect(await gateway.end('SIGTERM')).toBe(0)
  }
})

test.each([
  ['a file that is not there', 'missing.graphql', undefined, /SUPERGRAPH: \S+ does not exist/],
  [
    'garbage',
    'garbage.graphql',
    'garbage',
    /SUPERGRAPH: \S+ is no supergraph: Syntax Error: Unexpected Name "garbage"/,
  ],
])('of %s a line is said, beside all other faults', async (_, name, content, line) => {
  const path = join(folder, name)
  if (content !== undefined) writeFileSync(path, content)
  const { code, stderr } = await runToEnd('gateway/main.ts', [], { SUPERGRAPH: path, PORT: 'http' })
  expect(code).toBe(1)
  expect(stderr).toMatch(line)
  expect(stderr).toMatch(/^ {2}PORT: /m)
  expect(stderr.trimEnd().split('\n')).toHaveLength(4)
})

test('each subgraph of the file needs a secret where requests are signed', async () => {
  const { code, stderr } = await runToEnd('gateway/main.ts', [], { SUPERGRAPH: file, PORT: '0' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^ {2}PRODUCT_CATALOG_SECRET: is missing/m)
  expect(stderr).toMatch(/^ {2}REVIEWS_SECRET: is missing/m)
})
