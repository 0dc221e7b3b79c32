import { setImmediate } from 'node:timers/promises'
import { GraphQLError, type GraphQLSchema, parse, validate } from 'graphql'
import type { GatewayConfig } from '../../platform/config.ts'
import type { Logger } from '../../platform/logger.ts'
import { ConfigError } from '../../platform/settings/environment.ts'
import { checkOperation } from '../access/operation-limits.ts'
import { readTextFile, watchFile } from '../supergraph/file.ts'
import { type Document, ManifestError, readManifest } from './manifest.ts'
import { noneTrusted, type TrustedDocuments, trustDocuments } from './trusted.ts'

/** How many faults of one document are told. */
const FAULTS = 3

type Options = {
  config: Pick<GatewayConfig, 'trustedDocuments' | 'limits'>
  schema: () => GraphQLSchema
  logger: Logger
  /** How often the file is read, in ms. */
  poll?: number | undefined
}

/**
 * Trusts the documents of the manifest, and those of each manifest that its file comes to contain; one that is none is
 * refused and the one before stays. What a document is refused for when it is asked for, the log says beforehand. Throws
 * ConfigError for a first file that is no manifest.
 */
export async function openTrustedDocuments(
  options: Options,
): Promise<TrustedDocuments & { close(): Promise<void> }> {
  const { config, schema, logger, poll } = options
  if (!config.trustedDocuments) return { ...noneTrusted, close: async () => {} }
  const { file, only } = config.trustedDocuments
  const text = readTextFile('TRUSTED_DOCUMENTS_FILE', file)
  let trusted = trust(documentsIn(file, text))
  const watcher = watchFile(file, { text, changed: replace, logger, poll })

  function trust(documents: readonly Document[]): TrustedDocuments {
    logger.info({ file, documents: documents.length }, 'documents of a manifest are trusted')
    void tellRefused(documents)
    return trustDocuments(documents, { only })
  }

  async function replace(text: string): Promise<void> {
    try {
      trusted = trust(documentsIn(file, text))
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      logger.error({ file, faults: error.faults }, 'the manifest is refused; the one before stays')
    }
  }

  async function tellRefused(documents: readonly Document[]): Promise<void> {
    for (const { id, parsed, body } of documents) {
      await setImmediate() // for requests: there may be thousands
      const passed = limitsPassed(body, config.limits)
      const faults = passed.length > 0 ? passed : validate(schema(), parsed)
      if (faults.length === 0) continue
      const told = faults.slice(0, FAULTS).map(({ message }) => message)
      logger.warn({ file, id, faults: told }, 'a trusted document cannot run')
    }
  }

  return {
    textOf: (asked) => trusted.textOf(asked),
    close: async () => watcher.close(),
  }
}

function documentsIn(file: string, text: string): Document[] {
  try {
    return readManifest(text)
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    throw new ConfigError(
      error.faults.map((fault) => `TRUSTED_DOCUMENTS_FILE: ${file} is no manifest: ${fault}`),
    )
  }
}

function limitsPassed(body: string, limits: GatewayConfig['limits']): readonly GraphQLError[] {
  try {
    checkOperation(parse(body, { maxTokens: limits.tokens, noLocation: true }), limits)
    return []
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return [error]
  }
}
