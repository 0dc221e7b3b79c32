import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describeError } from '../../platform/describe-error.ts'
import type { Logger } from '../../platform/logger.ts'
import { ConfigError } from '../../platform/settings/environment.ts'
import type { DeclaredSubgraph } from '../../platform/settings/subgraph-addresses.ts'
import { SupergraphError, subgraphsOf } from '../supergraph.ts'

/** How often the file is read. */
const POLL = 1_000 // ms

/** A content counts as written to its end when it is the same after this part of the time between two readings. */
const SETTLING = 1 / 5

/** The text of a file that a variable names. Throws ConfigError when it cannot be read. */
export function readTextFile(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError([`${variable}: ${file} ${whyUnreadable(error)}`])
  }
}

/** The text of a supergraph file. Throws ConfigError when it cannot be read. */
export const readSupergraphFile = (file: string) => readTextFile('SUPERGRAPH', file)

/** The subgraphs of a supergraph file. Throws ConfigError with all that keeps it from being one. */
export function subgraphsInFile(file: string): DeclaredSubgraph[] {
  const text = readSupergraphFile(file)
  try {
    return subgraphsOf(text)
  } catch (error) {
    throw asConfigError(file, error)
  }
}

/** What is wrong with a supergraph file, as whoever set SUPERGRAPH is told; any other error as it is. */
export function asConfigError(file: string, error: unknown): unknown {
  if (!(error instanceof SupergraphError)) return error
  return new ConfigError(error.faults.map((fault) => `SUPERGRAPH: ${file} is no supergraph: ${fault}`))
}

/**
 * Calls `changed` with each new content of a file, one after the other, once nobody writes it any more. It is read and
 * compared, since that holds for whatever way it is replaced: written in place, renamed over, behind a symlink that is
 * turned. A file that is away has not changed. `poll` is in ms.
 */
export function watchFile(
  file: string,
  options: {
    /** Its content as it is known. */
    text: string
    changed: (text: string) => Promise<void>
    logger: Logger
    poll?: number | undefined
  },
): { close(): Promise<void> } {
  const { changed, logger, poll = POLL } = options
  const closing = new AbortController()
  const watching = watch()

  async function watch(): Promise<void> {
    for (let known: string | undefined = options.text; await pause(poll); ) {
      const text = await settled(known)
      if (text === undefined || text === known || closing.signal.aborted) continue
      known = text
      try {
        await changed(text)
      } catch (error) {
        logger.error({ file, error: describeError(error) }, 'what the file contains cannot be taken')
      }
    }
  }

  /** The content, once it is either known or the same as a moment before; undefined when it cannot be read. */
  async function settled(known: string): Promise<string | undefined> {
    for (let before = await read(); ; ) {
      if (before === known || !(await pause(poll * SETTLING))) return before
      const text = await read()
      if (text === before) return text
      before = text
    }
  }

  let isAway = false
  async function read(): Promise<string | undefined> {
    try {
      const text = await readFile(file, 'utf8')
      isAway = false
      return text
    } catch (error) {
      if (!isAway)
        logger.warn(
          { file, reason: whyUnreadable(error) },
          'the file cannot be read; what it contained stays',
        )
      isAway = true
      return undefined
    }
  }

  /** Whether to go on afterwards. */
  async function pause(time: number): Promise<boolean> {
    await sleep(time, undefined, { signal: closing.signal, ref: false }).catch(() => {})
    return !closing.signal.aborted
  }

  return {
    async close() {
      closing.abort()
      await watching
    },
  }
}

function whyUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EISDIR') return 'is a folder'
  if (code === 'EACCES') return 'may not be read'
  return `cannot be read (${message})`
}
