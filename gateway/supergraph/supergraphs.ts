import { type GatewayConfig, ownSubgraphs } from '../../platform/config.ts'
import { describeError } from '../../platform/describe-error.ts'
import type { Logger } from '../../platform/logger.ts'
import type { SubgraphName } from '../../platform/names.ts'
import { ConfigError } from '../../platform/settings/environment.ts'
import { composeSupergraph, SupergraphError } from '../supergraph.ts'
import { asConfigError, readSupergraphFile, watchFile } from './file.ts'
import { openSupergraph } from './holder.ts'
import { type Served, serve } from './served.ts'
import type { LinkPool } from './subgraph-links.ts'

export type Supergraphs = {
  current(): Served
  /** Has it called whenever another one is served. */
  onChange(listener: () => void): void
  close(): Promise<void>
}

/**
 * Serves the supergraph of a gateway, and each one that its file comes to contain; one that cannot be served is refused
 * and the one before stays. Throws ConfigError for a first one that cannot be served. `poll` is in ms.
 */
export async function openSupergraphs(options: {
  config: GatewayConfig
  links: LinkPool
  logger: Logger
  poll?: number | undefined
}): Promise<Supergraphs> {
  const { config, links, logger, poll } = options
  const { supergraph: file, subgraphs } = config
  const text = file === null ? composeOwn() : readSupergraphFile(file)
  const listeners: (() => void)[] = []
  const holder = await openSupergraph<Served>(text, {
    build: (supergraph, before) => serve(supergraph, { before, config, links, logger }),
    logger,
  }).catch((error: unknown) => {
    throw file === null ? error : asConfigError(file, error)
  })
  tellWhatNobodyEnforces()
  const watcher = file === null ? undefined : watchFile(file, { text, changed: replace, logger, poll })

  async function replace(text: string): Promise<void> {
    try {
      if (!(await holder.replace(text))) return
      const names = holder.current().subgraphs.map(({ name }) => name)
      logger.info({ file, subgraphs: names }, 'another supergraph is served')
      tellWhatNobodyEnforces()
      for (const listener of listeners) listener()
    } catch (error) {
      logger.error({ file, faults: faultsOf(error) }, 'the supergraph is refused; the one before stays')
    } finally {
      links.keepOnly(holder.current().subgraphs)
    }
  }

  /** A subgraph that is not told who asks can hardly say who may. */
  function tellWhatNobodyEnforces(): void {
    const { accessDirectives } = holder.current().supergraph
    if (subgraphs.signing || accessDirectives.length === 0) return
    logger.warn(
      { directives: accessDirectives },
      'the supergraph has access directives: its subgraphs must enforce them',
    )
  }

  return {
    current: holder.current,
    onChange: (listener) => void listeners.push(listener),
    async close() {
      await watcher?.close()
      await holder.close()
    },
  }
}

function composeOwn(): string {
  // Object.fromEntries forgets its keys.
  return composeSupergraph(
    Object.fromEntries(ownSubgraphs.map(({ name, url }) => [name, url])) as Record<SubgraphName, string>,
  )
}

function faultsOf(error: unknown): readonly string[] {
  if (error instanceof SupergraphError || error instanceof ConfigError) return error.faults
  return [describeError(error)]
}
