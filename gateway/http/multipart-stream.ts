import { MULTIPART_STREAM } from './media-types.ts'
import type { StreamProtocol } from './stream-protocol.ts'

const BOUNDARY = '\r\n--graphql'

/** The boundary after a part goes with it, since that is what readers wait for. */
const partOf = (json: string) => `\r\ncontent-type: application/json\r\n\r\n${json}${BOUNDARY}`

/** What makes the boundary before it the last one. */
const END = '--\r\n'

/** Apollo's multipart protocol for subscriptions (subscriptionSpec=1.0). */
export const multipartStream: StreamProtocol = {
  contentType: MULTIPART_STREAM,
  beginning: Buffer.from(BOUNDARY),
  heartbeat: Buffer.from(partOf('{}')),
  encode: (result) => Buffer.from(partOf(`{"payload":${result}}`)),
  end: Buffer.from(END),
  failure: (errors) => Buffer.from(partOf(JSON.stringify({ payload: null, errors })) + END),
}
