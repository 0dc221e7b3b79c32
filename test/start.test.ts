import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { reset } from '../local/reset.ts'
import { freePort } from './support/ports.ts'
import { startProcess } from './support/processes.ts'
import { askGateway } from './support/raw.ts'

type Competition = { name: string; status: string; participantCount: number }
type Competitions = { competitions: { edges: { node: Competition }[] } }

test('one command brings up a demo that lives, prints commands that work, and stops without a trace', async () => {
  const port = await freePort()
  try {
    const env = { PORT: String(port), SUBGRAPH_TIMEOUT_MS: '30000' } // of a machine that does other work, too
    const podium = await startProcess('local/start.ts', [], env, /API +(\S+)\s/)
    expect(podium.url).toBe(`http://127.0.0.1:${port}/graphql`)
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)

    const curl = /^ +(curl .*)$/m.exec(podium.said())?.[1] ?? ''
    const { stdout } = await promisify(execFile)('bash', ['-c', curl])
    const { data } = JSON.parse(stdout) as { data: Competitions }
    expect(data.competitions.edges.length).toBeGreaterThan(0)

    const all = '{ competitions(first: 10) { edges { node { name status participantCount } } } }'
    const list = (await askGateway(podium.url, all, {})).data as Competitions | undefined
    const edges = list?.competitions.edges ?? []
    const statuses = new Set(edges.map(({ node }) => node.status))
    expect(statuses.has('ACTIVE') && statuses.has('OPEN')).toBe(true)
    expect(Math.max(...edges.map(({ node }) => node.participantCount))).toBe(50)

    const [, email, password] = /admin +(\S+) +(\S+)/.exec(podium.said()) ?? []
    const logIn =
      'mutation ($input: LogInInput!) { logIn(input: $input) { session { viewer { role } } userErrors { code } } }'
    const answer = await askGateway(podium.url, logIn, { input: { email, password } })
    expect(answer.data).toEqual({ logIn: { session: { viewer: { role: 'ADMIN' } }, userErrors: [] } })

    expect(await podium.end('SIGINT')).toBe(0)
    await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow()
  } finally {
    await reset(port, () => {})
  }
}, 300_000)
