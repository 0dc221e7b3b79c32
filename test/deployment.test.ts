import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { readGatewayConfig, readSubgraphConfig } from '../platform/config.ts'
import { subgraphNames } from '../platform/names.ts'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

type Service = { command?: string; environment?: Record<string, string>; depends_on?: object }
const compose = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> }

/** What docker compose makes of `${NAME:-default}`, with every secret set. */
const environmentOf = (service: Service | undefined) =>
  Object.fromEntries(
    Object.entries(service?.environment ?? {}).map(([name, value]) => [
      name,
      value.replace(
        /\$\{(\w+)(:-([^}]*)|[^}]*)\}/g,
        (_, variable: string, rest: string, fallback?: string) =>
          rest.startsWith(':-') ? (fallback ?? '') : createHash('sha256').update(variable).digest('hex'),
      ),
    ]),
  )

test.each(subgraphNames)('docker-compose.yml gives %s all that it reads', (name) => {
  const service = compose.services[name]
  expect(service?.command).toBe(`node subgraphs/main.ts ${name}`)
  expect(readSubgraphConfig(environmentOf(service), name).redis.urls).toEqual(['redis://redis:6379'])
})

test('docker-compose.yml gives the gateway all that it reads, and the port that each subgraph listens on', () => {
  const config = readGatewayConfig(environmentOf(compose.services.gateway), () => [])
  for (const name of subgraphNames) {
    const { port } = readSubgraphConfig(environmentOf(compose.services[name]), name)
    expect(config.subgraphs.variables[`${name.toUpperCase()}_URL`]).toBe(`http://${name}:${port}/graphql`)
  }
})

test('every variable that a process reads is in .env.example', () => {
  const described = new Set([...read('.env.example').matchAll(/^([A-Z_\d]+)=/gm)].map(([, name]) => name))
  const files = globSync('platform/{config,settings/{gateway-limits,*-settings}}.ts', { cwd: root })
  const named = files.flatMap((file) =>
    [...read(file).matchAll(/^ {2,}([A-Z][A-Z_\d]+):/gm)].map(([, name]) => name),
  )
  const perSubgraph = subgraphNames.flatMap((name) =>
    ['PORT', 'URL', 'SECRET'].map((suffix) => `${name.toUpperCase()}_${suffix}`),
  )
  expect(named.length).toBeGreaterThan(40)
  expect([...named, ...perSubgraph].filter((name) => !described.has(name))).toEqual([])
})

test('what the image runs needs no development package', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> }
  const installed = new Set([...Object.keys(dependencies), ...builtinModules])
  const needed = globSync('{gateway,platform,subgraphs}/**/*.ts', { cwd: root })
    .filter((file) => !/\.test\.ts$|test-support|generated\.ts$/.test(file))
    .flatMap((file) =>
      [...read(file).matchAll(/^(?:import|export)(?! type)[^']*? from '([^.'][^']*)'/gm)].map(
        ([, name = '']) => name,
      ),
    )
    .map((name) => (name.startsWith('node:') ? name.slice(5) : name))
    .map((name) =>
      name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? ''),
    )
  expect(needed.length).toBeGreaterThan(50)
  expect([...new Set(needed)].filter((name) => !installed.has(name))).toEqual([])
})

test('the image holds the files that it runs', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, list = '']) =>
    list.split(' '),
  )
  expect(copied).toEqual(
    expect.arrayContaining(['schema', 'platform', 'subgraphs', 'gateway', 'package.json']),
  )
})
