import { fileURLToPath } from 'node:url'
import { contestants as gateways } from '../gateway/contestants.ts'
import type { Started } from './broadcast.ts'

export const contestantNames = ['ours', 'bare', 'unshared', 'hive'] as const
export type ContestantName = (typeof contestantNames)[number]

export type Contestant = {
  name: ContestantName
  title: string
  /** Whether it does the work once for each reader: it begins with few readers, and stops where they are too many. */
  isPerReader: boolean
  /** Whether it asks subgraphs at all. */
  joins: boolean
  /** What comes after `node` and its flags. */
  args(start: Start): string[]
  env(start: Start): Record<string, string>
}

export type Start = {
  supergraph: string
  port: number
  /** Where the board's subgraph is. */
  board: string
  /** A message as our gateway sends it. */
  message: string
}

/** More sockets than there will be. */
const UNLIMITED = '1000000'

export const contestants: Record<ContestantName, Contestant> = {
  ours: podium('ours', 'Podium', 'on'),
  bare: {
    name: 'bare',
    title: 'bare ws broadcast',
    isPerReader: false,
    joins: false,
    args: () => [fileURLToPath(new URL('broadcast.ts', import.meta.url))],
    env: ({ port, board, message }) => ({
      BROADCAST: JSON.stringify({ port, board, message } satisfies Started),
    }),
  },
  unshared: podium('unshared', 'Podium, LIVE_SHARING=off', 'off'),
  hive: {
    name: 'hive',
    title: gateways['hive-rust'].title,
    isPerReader: true,
    joins: true,
    args: (start) => gateways['hive-rust'].args({ ...start, sharing: 'subgraphs' }),
    env: (start) => gateways['hive-rust'].env({ ...start, sharing: 'subgraphs' }),
  },
}

/**
 * With sharing of streams it shares no requests, so that executions can be counted by what a subgraph is asked; without, it
 * shares what it can, as Hive does.
 */
function podium(name: 'ours' | 'unshared', title: string, sharing: 'on' | 'off'): Contestant {
  const requests = sharing === 'on' ? 'nothing' : 'subgraphs'
  return {
    name,
    title,
    isPerReader: sharing === 'off',
    joins: true,
    args: (start) => gateways.ours.args({ ...start, sharing: requests }),
    env: (start) => ({
      ...gateways.ours.env({ ...start, sharing: requests }),
      LIVE_SHARING: sharing,
      MAX_SOCKETS_PER_ADDRESS: UNLIMITED,
    }),
  }
}
