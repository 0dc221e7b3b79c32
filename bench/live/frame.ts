import { isDeepStrictEqual } from 'node:util'
import { joinedStandingsAt } from './subgraphs/data.ts'

const STAMP_NAME = '"publishedAt":'
const STAMP_DIGITS = 16
/** How far into a message the stamp may be. */
const STAMP_WITHIN = 256 // bytes
const ZERO = 48
const COLON = 58

let known = 0

/** The time of publishing that a message carries, in µs; null: it carries none. It is read where it was in the message before. */
export function stampIn(data: Buffer, start: number, end: number): number | null {
  if (
    data[start + known - 1] !== COLON ||
    data[start + known - 2] !== 34 ||
    start + known + STAMP_DIGITS > end
  ) {
    const found = data.subarray(start, Math.min(end, start + STAMP_WITHIN)).indexOf(STAMP_NAME)
    if (found < 0) return null
    known = found + STAMP_NAME.length
  }
  let stamp = 0
  for (let at = start + known; at < start + known + STAMP_DIGITS; at++) {
    stamp = stamp * 10 + (data[at] as number) - ZERO
  }
  return stamp
}

/** A message in parts around its stamp, to make others of. Throws for a message without one. */
export function splitAtStamp(message: string): [before: string, after: string] {
  const at = message.indexOf(STAMP_NAME) + STAMP_NAME.length
  if (at < STAMP_NAME.length) throw new Error(`a message without a stamp: ${message.slice(0, 300)}`)
  return [message.slice(0, at), message.slice(at + STAMP_DIGITS)]
}

/** Reads a message whole. What is wrong with it; null: nothing, it is the board of its revision with all that belongs to it. */
export function faultIn(message: string, stamp: number): string | null {
  const { id, type, payload } = JSON.parse(message)
  const board = payload?.data?.boardChanged
  const expected = {
    publishedAt: stamp,
    revision: board?.revision,
    changedAt: board?.changedAt,
    standings: joinedStandingsAt(board?.revision),
  }
  const isRight =
    id === '1' &&
    type === 'next' &&
    !payload.errors &&
    isDeepStrictEqual(board, expected) &&
    'revision' in board
  return isRight ? null : `a wrong frame: ${message.slice(0, 300)}`
}
