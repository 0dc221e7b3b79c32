import { createHash } from 'node:crypto'
import { type DocumentNode, GraphQLError, Kind, parse } from 'graphql'
import { z } from 'zod'

/** What a manifest of ours says it is: Apollo's persisted query manifest, which other tools write and read. */
export const FORMAT = 'apollo-persisted-query-manifest'

const apollo = z.object({
  format: z.literal(FORMAT),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string(),
    }),
  ),
})

/** What Relay and graphql-codegen write: documents by their ids. */
const plain = z.record(z.string(), z.string())

/** A document that an app was built with, and the id that the app knows it by. */
export type Document = { id: string; body: string; parsed: DocumentNode }

/** A text is no manifest; each fault is a line of its own. */
export class ManifestError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/** The SHA-256 of a document, in hexadecimal digits. */
export const sha256 = (body: string) => createHash('sha256').update(body).digest('hex')

/** The documents of a manifest, of either form. Throws ManifestError with every fault. */
export function readManifest(text: string): Document[] {
  const faults: string[] = []
  const bodies = new Map<string, string>()
  const documents = entriesOf(text).flatMap(({ id, body }) => {
    const before = bodies.get(id)
    if (before !== undefined && before !== body) faults.push(`${id}: is the id of two documents`)
    if (before !== undefined) return []
    bodies.set(id, body)
    if (isSha256(id) && sha256(body) !== id) faults.push(`${id}: is not the SHA-256 of its document`)
    const parsed = parsedOr(body, (fault) => faults.push(`${id}: ${fault}`))
    return parsed ? [{ id, body, parsed }] : []
  })
  if (faults.length > 0) throw new ManifestError(faults)
  return documents
}

/** Whether an id is told to be the hash of its document, as those who send it without an id take it. */
const isSha256 = (id: string) => /^[0-9a-f]{64}$/.test(id)

function entriesOf(text: string): { id: string; body: string }[] {
  const json = jsonOf(text)
  const isApollo = typeof json === 'object' && json !== null && 'format' in json
  if (isApollo) return orFaults(apollo.safeParse(json)).operations
  return Object.entries(orFaults(plain.safeParse(json))).map(([id, body]) => ({ id, body }))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ManifestError(['is not JSON'])
  }
}

function orFaults<T>(read: z.ZodSafeParseResult<T>): T {
  if (read.success) return read.data
  throw new ManifestError(
    read.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'it'}: ${message}`),
  )
}

function parsedOr(body: string, fail: (fault: string) => void): DocumentNode | undefined {
  try {
    const parsed = parse(body)
    if (parsed.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) return parsed
    fail('has no operation')
  } catch (error) {
    // The parser calls itself for every level.
    if (error instanceof RangeError) return void fail('is nested too deeply')
    if (!(error instanceof GraphQLError)) throw error
    fail(error.message)
  }
}
