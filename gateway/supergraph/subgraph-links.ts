import type { SubgraphAddress } from '../../platform/settings/subgraph-addresses.ts'
import type { Upstream } from '../live/upstream.ts'
import type { Transport } from '../transport/transport.ts'
import { type Kept, keepOpen } from './keep-open.ts'

/** What connects the gateway to the subgraphs of one supergraph, by their names. */
export type SubgraphLinks = {
  transports: Record<string, Transport>
  upstreams: Record<string, Upstream>
}

type Link = {
  kept: { transport: Kept<Transport>; upstream: Kept<Upstream> }
  transport: Transport
  upstream: Upstream
}

/** Links to subgraphs. They outlive supergraphs: an address that stays keeps the one it has. */
export function createLinkPool(open: {
  transport: (address: SubgraphAddress) => Transport
  upstream: (address: SubgraphAddress) => Upstream
}) {
  const links = new Map<string, Link>()
  const closers = new Set<() => Promise<void>>()

  return {
    /** What leads to these addresses; opened when it is first used, and the same for an address that is kept. */
    to(addresses: readonly SubgraphAddress[]): SubgraphLinks {
      const found = addresses.map((address) => [address.name, linkTo(address)] as const)
      return {
        transports: Object.fromEntries(found.map(([name, { transport }]) => [name, transport])),
        upstreams: Object.fromEntries(found.map(([name, { upstream }]) => [name, upstream])),
      }
    },
    /** Closes what leads anywhere else, once nobody uses it any more. */
    keepOnly(addresses: readonly SubgraphAddress[]): void {
      const kept = new Set(addresses.map(keyOf))
      for (const [key, { kept: open }] of links) {
        if (kept.has(key)) continue
        links.delete(key)
        open.transport.retire()
        open.upstream.retire()
      }
    },
    /** Closes everything. Requests in flight finish, as far as a transport lets them. */
    async close(): Promise<void> {
      await Promise.all([...closers].map((close) => close()))
    },
  }

  function linkTo(address: SubgraphAddress): Link {
    const known = links.get(keyOf(address))
    if (known) return known
    const transport = keepOpen(() => open.transport(address), closers)
    const upstream = keepOpen(() => open.upstream(address), closers)
    const link = {
      kept: { transport, upstream },
      transport: transportOver(transport),
      upstream: upstreamOver(upstream),
    }
    links.set(keyOf(address), link)
    return link
  }
}

export type LinkPool = ReturnType<typeof createLinkPool>

const keyOf = ({ name, url, secret }: SubgraphAddress) => JSON.stringify([name, url, secret])

function transportOver(kept: Kept<Transport>): Transport {
  return {
    send(request) {
      const { it, done } = kept.use()
      const answer = it.send(request)
      answer.then(done, done)
      return answer
    },
    async close() {}, // the pool closes it
  }
}

function upstreamOver(kept: Kept<Upstream>): Upstream {
  return {
    watch(operation, caller, watcher) {
      const { it, done } = kept.use()
      const stop = it.watch(operation, caller, {
        next: (event) => watcher.next(event),
        error(errors) {
          done()
          watcher.error(errors)
        },
        complete() {
          done()
          watcher.complete()
        },
      })
      return () => {
        stop()
        done()
      }
    },
    async close() {}, // the pool closes it
  }
}
