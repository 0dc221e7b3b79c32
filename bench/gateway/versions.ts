import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { ContestantName } from './contestants.ts'

const here = new URL('node_modules/', import.meta.url)
const root = new URL('../../node_modules/', import.meta.url)

const packages: Record<ContestantName, [from: URL, names: string[]]> = {
  ours: [root, ['@apollo/server', '@apollo/gateway', '@apollo/query-planner', 'undici', 'graphql']],
  apollo: [here, ['@apollo/server', '@apollo/gateway', '@apollo/query-planner', 'graphql']],
  'hive-js': [here, ['@graphql-hive/gateway', '@graphql-hive/gateway-runtime', 'graphql']],
  'hive-rust': [
    here,
    [
      '@graphql-hive/gateway',
      '@graphql-hive/router-runtime',
      '@graphql-hive/router-query-planner',
      'graphql',
    ],
  ],
}

/** What a contestant is made of, as installed. */
export function versionsOf(name: ContestantName): string {
  const [from, names] = packages[name]
  return names.map((one) => `${one} ${versionIn(new URL(`${one}/`, from))}`).join(', ')
}

/** What everything runs on. */
export function machine(): string {
  const [cpu] = cpus()
  return `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpu?.model}`
}

function versionIn(folder: URL): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
  return version
}
