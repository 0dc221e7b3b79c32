import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { openRedis } from '../../local/redis.ts'
import { freePort } from './ports.ts'
import { eventually } from './supergraph.ts'

export type ClusterNode = Awaited<ReturnType<typeof openNode>>

export type TestCluster = Awaited<ReturnType<typeof openTestCluster>>

/** Slots of a Redis Cluster, and the masters that share them here. */
const SLOTS = 16_384
const MASTERS = 3

const PASSWORD = 'one-password-for-all-nodes'

/** A Redis Cluster of a test's own: three masters behind one password, which keep nothing on the disk but who they are. */
export async function openTestCluster() {
  const directory = await mkdtemp(join(tmpdir(), 'podium-cluster-'))
  const nodes = await Promise.all(
    Array.from({ length: MASTERS }, (_, index) => openNode(join(directory, `${index}`))),
  )
  const bound = (index: number) => Math.floor((index * SLOTS) / MASTERS)
  await Promise.all(
    nodes.map((node, index) => node.ask('CLUSTER', 'ADDSLOTSRANGE', bound(index), bound(index + 1) - 1)),
  )
  const [first, ...others] = nodes as [ClusterNode, ...ClusterNode[]]
  for (const { port, busPort } of others) await first.ask('CLUSTER', 'MEET', '127.0.0.1', port, busPort)
  const cluster = {
    nodes,
    /** Until every node serves, and knows all others. */
    async whole(): Promise<void> {
      const told = () => Promise.all(nodes.map((node) => node.ask('CLUSTER', 'INFO')))
      await eventually(told, (all) =>
        all.every((info) =>
          ['cluster_state:ok', `cluster_known_nodes:${MASTERS}`].every((line) => String(info).includes(line)),
        ),
      )
    },
    /** The node that serves a key. */
    async nodeOf(key: string): Promise<ClusterNode> {
      const slot = Number(await first.ask('CLUSTER', 'KEYSLOT', key))
      return nodes.findLast((_, index) => bound(index) <= slot) ?? first
    },
    /** The nodes at which somebody listens to a channel. */
    async nodesWith(channel: string): Promise<ClusterNode[]> {
      const found = await Promise.all(
        nodes.map(async (node) => ((await node.ask('PUBSUB', 'NUMSUB', channel)) as [string, number])[1] > 0),
      )
      return nodes.filter((_, index) => found[index])
    },
    async close(): Promise<void> {
      await Promise.all(nodes.map((node) => node.crash()))
      await rm(directory, { recursive: true })
    },
  }
  await cluster.whole()
  return cluster
}

async function openNode(directory: string) {
  await mkdir(directory)
  await writeFile(join(directory, 'password'), PASSWORD)
  const port = await freePort()
  // Its own choice is 10,000 above the other, where somebody may be.
  const busPort = await freePort()
  const settings = ['cluster-enabled yes', `cluster-port ${busPort}`]
  const start = () => openRedis({ directory, port, settings, durable: false, say: () => {} })
  let server = await start()
  const { url } = server
  return {
    url,
    port,
    busPort,
    async ask(command: string, ...args: (string | number)[]): Promise<unknown> {
      const client = new Redis(url, { retryStrategy: () => null })
      client.on('error', () => {}) // the command is rejected as well
      return client.call(command, ...args).finally(() => client.disconnect())
    },
    /** Ends it without a word. */
    crash: () => server.crash(),
    /** Starts it anew, empty, as the node that it was. */
    async restart(): Promise<void> {
      server = await start()
    },
  }
}
