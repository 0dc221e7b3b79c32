import { setImmediate } from 'node:timers/promises'
import { ApolloGateway } from '@apollo/gateway'
import type { Logger } from '../../platform/logger.ts'
import { type LoadedSupergraph, loadSupergraph, SupergraphError } from '../supergraph.ts'

/** Whatever serves one supergraph. */
export type Serving = { readonly supergraph: LoadedSupergraph }

/** Holds what serves the present supergraph, and changes it for another. */
export type SupergraphHolder<Served extends Serving> = {
  /** What new requests are served by. Whoever has it goes on with it, whatever comes after. */
  current(): Served
  /**
   * Serves another supergraph from the moment this resolves; gives whether it differs at all. Rejects with
   * SupergraphError, or with what `build` throws, when it cannot be served: the present one stays. One at a time.
   */
  replace(text: string): Promise<boolean>
  close(): Promise<void>
}

/**
 * Holds supergraphs by @apollo/gateway, which decides what a supergraph is; what it would run operations with goes
 * unused. `build` makes what serves a supergraph, ready for requests; it may throw. Throws as `replace` does.
 */
export async function openSupergraph<Served extends Serving>(
  text: string,
  options: {
    build: (supergraph: LoadedSupergraph, before: Served | undefined) => Promise<Served> | Served
    logger: Logger
  },
): Promise<SupergraphHolder<Served>> {
  const { build, logger } = options
  let current = await build(loadSupergraph(text), undefined)
  let accept: (sdl: string) => void = () => {}
  process.env.APOLLO_TELEMETRY_DISABLED = '1' // it reports to its maker otherwise
  const apollo = new ApolloGateway({
    logger: quiet(logger),
    validateSupergraph: true,
    buildService: () => ({ process: () => Promise.reject(new Error('the engine sends requests')) }),
    async supergraphSdl({ update }) {
      accept = update
      return { supergraphSdl: current.supergraph.sdl }
    },
  })
  await apollo.load().catch(refused)

  return {
    current: () => current,
    async replace(text) {
      const supergraph = loadSupergraph(text)
      if (supergraph.sdl === current.supergraph.sdl) return false
      await setImmediate() // for requests: loading took its time, and so does what follows
      const next = await build(supergraph, current)
      try {
        accept(supergraph.sdl)
      } catch (error) {
        refused(error)
      }
      current = next
      return true
    },
    close: () => apollo.stop(),
  }
}

function refused(error: unknown): never {
  throw new SupergraphError(error)
}

/** What matters of what it has to say is thrown, and told where that is caught. */
function quiet(logger: Logger) {
  const debug = (message?: unknown) => logger.debug(String(message))
  return { debug, info: debug, warn: debug, error: debug }
}
