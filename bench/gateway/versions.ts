import { versions } from '../versions.ts'
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
  return versions(...packages[name])
}
