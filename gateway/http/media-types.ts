/** What a GraphQL response is sent as. */
export const GRAPHQL_RESPONSE = 'application/graphql-response+json; charset=utf-8'
export const JSON_RESPONSE = 'application/json; charset=utf-8'
export const MULTIPART_RESPONSE = 'multipart/mixed; boundary="-"; deferSpec=20220824'

/** What streams are sent as: some clients look for this very spelling of boundary and specification. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8'
export const MULTIPART_STREAM = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0'

/** What a client takes, as its Accept header has it. */
export type Acceptable = {
  /** The media type of an answer with a status of 2xx. */
  success: typeof GRAPHQL_RESPONSE | typeof JSON_RESPONSE
  /** It knows application/json alone, where no other status than 200 says that a body is GraphQL. */
  isLegacy: boolean
  /** It takes results in parts. */
  multipart: boolean
  /** It wants results as server-sent events, rather than as JSON. */
  events: boolean
  /** How a subscription is sent; undefined: it takes no stream. */
  stream: 'sse' | 'multipart' | undefined
}

/** Headers that were read before; there are few that differ. */
const read = new Map<string, Acceptable | undefined>()
const READ = 500
const LONGEST = 500 // characters

/** What a client takes; undefined: nothing that there is. Without a header it takes anything. */
export function acceptable(given: string | undefined): Acceptable | undefined {
  const header = given || '*/*'
  if (read.has(header)) return read.get(header)
  const answer = negotiate(header)
  if (header.length > LONGEST) return answer
  if (read.size >= READ) read.clear()
  read.set(header, answer)
  return answer
}

function negotiate(header: string): Acceptable | undefined {
  const ranges = header.toLowerCase().split(',').map(rangeOf)
  const graphql = qualityOf('application/graphql-response+json', ranges)
  const json = qualityOf('application/json', ranges)
  const multipart = ranges.some(({ type, quality, parameters }) => {
    return type === 'multipart/mixed' && quality > 0 && isDeferSpec(parameters)
  })
  const stream = streamOf(ranges)
  if (graphql.quality === 0 && json.quality === 0 && !multipart && !stream) return undefined
  const events = qualityOfEvents(ranges) > Math.max(graphql.quality, json.quality)
  const prefersGraphql =
    graphql.quality > json.quality || (graphql.quality === json.quality && graphql.isNamed)
  return {
    // Multipart alone: whatever has no parts comes as the specification's own type.
    success: prefersGraphql || json.quality === 0 ? GRAPHQL_RESPONSE : JSON_RESPONSE,
    isLegacy: graphql.quality === 0 && json.quality > 0,
    multipart: multipart && !events,
    events,
    stream,
  }
}

/** Streams are for those alone who name them: who takes anything may be waiting for the end of it. */
function streamOf(ranges: Range[]): Acceptable['stream'] {
  const sse = qualityOfEvents(ranges)
  const { quality: multipart = 0 } =
    ranges.find(({ type, parameters }) => {
      return type === 'multipart/mixed' && parameters.get('subscriptionspec') === '1.0'
    }) ?? {}
  if (sse === 0 && multipart === 0) return undefined
  return sse >= multipart ? 'sse' : 'multipart'
}

function qualityOfEvents(ranges: Range[]): number {
  const { quality, isNamed } = qualityOf('text/event-stream', ranges)
  return isNamed ? quality : 0
}

type Range = { type: string; quality: number; parameters: Map<string, string> }

function rangeOf(text: string): Range {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const parameters = new Map(rest.map(parameterOf))
  const quality = Number(parameters.get('q') ?? 1)
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 1, parameters }
}

function parameterOf(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=', 2)
  return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')]
}

/** How much a client wants a type, by the range that says most about it. */
function qualityOf(type: string, ranges: Range[]): { quality: number; isNamed: boolean } {
  const [group] = type.split('/')
  for (const name of [type, `${group}/*`, '*/*']) {
    const range = ranges.find((one) => one.type === name && isUtf8(one.parameters.get('charset')))
    if (range) return { quality: range.quality, isNamed: name === type }
  }
  return { quality: 0, isNamed: false }
}

const isUtf8 = (charset: string | undefined) =>
  charset === undefined || charset === 'utf-8' || charset === 'utf8'

/** The protocol that clients of Apollo speak, which is also what a plain multipart/mixed gets. */
function isDeferSpec(parameters: Map<string, string>): boolean {
  const others = [...parameters.keys()].filter((name) => name.endsWith('spec') && name !== 'deferspec')
  return others.length === 0 && (parameters.get('deferspec') ?? '20220824') === '20220824'
}

/** Whether a body is JSON in UTF-8, as its Content-Type has it. */
export function isJson(contentType: string | undefined): boolean {
  if (contentType === 'application/json') return true
  if (contentType === undefined) return false
  const { type, parameters } = rangeOf(contentType.toLowerCase())
  return type === 'application/json' && isUtf8(parameters.get('charset'))
}
