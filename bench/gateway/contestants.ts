import { fileURLToPath } from 'node:url'

/** How much identical requests in flight share: nothing, requests to subgraphs, or those and requests of clients. */
export type Sharing = 'nothing' | 'subgraphs' | 'clients'

export type Contestant = {
  name: ContestantName
  title: string
  /** What it can share. */
  shares: readonly Sharing[]
  /** What comes after `node` and its flags. */
  args(start: Start): string[]
  env(start: Start): Record<string, string>
  /** A native module that it has to run with, and that one that it must not. */
  native?: { name: string; isUsed: boolean }
}

type Start = { sharing: Sharing; supergraph: string; port: number }

export const contestantNames = ['ours', 'apollo', 'hive-js', 'hive-rust'] as const
export type ContestantName = (typeof contestantNames)[number]

/** Podium without what it counts of its callers, which its peers do not by default. */
export const unguarded: Record<string, string> = {
  MAX_COST: 'off',
  REQUESTS_PER_MINUTE_PER_PERSON: 'off',
  COST_PER_MINUTE_PER_PERSON: 'off',
  REQUESTS_PER_MINUTE_PER_ADDRESS: 'off',
  COST_PER_MINUTE_PER_ADDRESS: 'off',
}

const rustPlanner = 'hive_router_query_planner'

export const contestants: Record<ContestantName, Contestant> = {
  ours: {
    name: 'ours',
    title: 'Podium',
    shares: ['nothing', 'subgraphs', 'clients'],
    args: () => [path('../../gateway/main.ts')],
    env: (start) => ({
      SUPERGRAPH: start.supergraph,
      SUBGRAPH_SIGNING: 'off',
      HOST: '127.0.0.1',
      PORT: `${start.port}`,
      LOG_LEVEL: 'error',
      ...unguarded,
      ...sharing(start),
    }),
  },
  apollo: {
    name: 'apollo',
    title: 'Apollo',
    shares: ['nothing'],
    args: () => [path('contestants/apollo.ts')],
    env: ({ supergraph, port }) => ({ SUPERGRAPH: supergraph, PORT: `${port}` }),
  },
  'hive-js': hive('js', 'Hive, JavaScript planner'),
  'hive-rust': hive('rust', 'Hive, Rust planner'),
}

function hive(planner: 'js' | 'rust', title: string): Contestant {
  return {
    name: `hive-${planner}`,
    title,
    shares: ['nothing', 'subgraphs', 'clients'],
    args: ({ supergraph, port }) => [
      path('node_modules/@graphql-hive/gateway/dist/bin.js'),
      ...['supergraph', supergraph],
      ...['--config-path', path('contestants/hive.config.ts')],
      ...['--host', '127.0.0.1', '--port', `${port}`, '--fork', '1'],
    ],
    env: (start) => ({ PLANNER: planner, ...sharing(start) }),
    native: { name: rustPlanner, isUsed: planner === 'rust' },
  }
}

function sharing({ sharing }: Start): Record<string, string> {
  return {
    SUBGRAPH_SHARING: sharing === 'nothing' ? 'off' : 'on',
    CLIENT_SHARING: sharing === 'clients' ? 'on' : 'off',
  }
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
