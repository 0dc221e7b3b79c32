import type { ServerResponse } from 'node:http'
import type { LaterResult, OperationResult } from '../execution/result.ts'
import { type Mask, membersOf } from './answer.ts'

const HEAD = 'content-type: application/json; charset=utf-8\r\n\r\n'

/** A result with more to come. */
export type ResultInParts = OperationResult & Required<Pick<OperationResult, 'later'>>

/**
 * Writes a result with @defer as clients of Apollo read it (deferSpec=20220824), each part as soon as it is there and the
 * one before is on its way. Ends the work behind it when nobody reads any more.
 */
export async function writeParts(
  response: ServerResponse,
  { data = 'null', errors, later }: ResultInParts,
  mask: Mask,
): Promise<void> {
  const stop = () => void later.return?.()
  response.on('close', stop)
  try {
    await write(
      response,
      `\r\n---\r\n${partOf(`{${membersOf({ data, errors }, mask)},"hasNext":true}`, true)}`,
    )
    let hasNext = true
    for await (const part of later) {
      hasNext = part.hasNext
      await write(response, partOf(textOf(part, mask), hasNext))
      if (!hasNext || response.destroyed) break
    }
    // The protocol needs a last part that says so.
    if (hasNext) await write(response, partOf('{"hasNext":false}', false))
    response.end()
  } finally {
    response.off('close', stop)
  }
}

/** The boundary after a part goes with it, since that is what readers wait for. */
const partOf = (json: string, hasNext: boolean) => `${HEAD}${json}\r\n---${hasNext ? '' : '--'}\r\n`

function textOf({ incremental, hasNext }: LaterResult, mask: Mask): string {
  const parts = incremental.map(({ data, errors, path, label }) => {
    const place = `"path":${JSON.stringify(path)}${label === undefined ? '' : `,"label":${JSON.stringify(label)}`}`
    return `{${membersOf({ data, errors }, mask)},${place}}`
  })
  return `{"incremental":[${parts.join()}],"hasNext":${hasNext}}`
}

/** Resolves when more can be written without filling memory, or nobody reads any more. */
function write(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return Promise.resolve()
  return new Promise((resolve) => {
    const proceed = () => {
      response.off('drain', proceed).off('close', proceed)
      resolve()
    }
    response.on('drain', proceed).on('close', proceed)
  })
}
