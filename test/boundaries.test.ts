import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')

/** Every import of one file of ours by another, as paths from the root. */
const imports = globSync('{gateway,platform,subgraphs,local}/**/*.ts', { cwd: root })
  .filter((file) => !/(\.test|-support)\.ts$|test-support\//.test(file))
  .flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => ({
      file,
      imported: relative(root, join(root, dirname(file), path)),
    })),
  )

const room = (file: string) => file.split('/')[0]
const subgraph = (file: string) => /^subgraphs\/([^/]+)\//.exec(file)?.[1]

test('there are imports to check', () => {
  expect(imports.length).toBeGreaterThan(100)
})

test('no subgraph imports another', () => {
  const crossing = imports.filter(
    ({ file, imported }) => subgraph(file) && subgraph(imported) && subgraph(file) !== subgraph(imported),
  )
  expect(crossing).toEqual([])
})

test('platform imports neither gateway nor subgraphs nor local', () => {
  expect(
    imports.filter(({ file, imported }) => room(file) === 'platform' && room(imported) !== 'platform'),
  ).toEqual([])
})

test('gateway and subgraphs import only themselves and platform', () => {
  const allowed = (from: string | undefined, to: string | undefined) => to === from || to === 'platform'
  const reaching = imports.filter(
    ({ file, imported }) =>
      ['gateway', 'subgraphs'].includes(room(file) ?? '') && !allowed(room(file), room(imported)),
  )
  expect(reaching).toEqual([])
})

test('nothing imports a main.ts', () => {
  expect(imports.filter(({ imported }) => imported.endsWith('/main.ts'))).toEqual([])
})

test('resolvers, loaders, handlers and wiring speak no SQL', () => {
  const rooms = globSync('subgraphs/*/{index,resolvers,loaders,handlers}.ts', { cwd: root })
  expect(rooms.length).toBeGreaterThan(15)
  expect(
    rooms.filter((file) => /from '(drizzle-orm|pg)/.test(readFileSync(join(root, file), 'utf8'))),
  ).toEqual([])
})
