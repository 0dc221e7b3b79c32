import { badUserInput } from './errors.ts'
import { isId } from './ids.ts'
import { decodeCursor } from './page.ts'

/** Where in a list a page begins: after this time (Unix ms), and among equals after this id. */
export type Position = { time: number; id: string }

/** The position in a cursor that a client sent back, null without one. Throws BAD_USER_INPUT for one we did not make. */
export function positionOf(cursor: string | null | undefined): Position | null {
  const key = decodeCursor<[number, string]>(cursor, ['number', 'string'])
  if (!key) return null
  const [time, id] = key
  // Beyond the year 9990 instants are not written as PostgreSQL reads them.
  if (!isId(id) || Math.abs(time) > Date.UTC(9990)) throw badUserInput('The cursor is not one of this list.')
  return { time, id }
}
