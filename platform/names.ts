/** The five subgraphs, in the order in which they are composed and started. */
export const subgraphNames = ['users', 'competitions', 'leaderboard', 'fitness', 'notifications'] as const

export type SubgraphName = (typeof subgraphNames)[number]
