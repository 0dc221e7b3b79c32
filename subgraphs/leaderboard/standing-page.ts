import { badUserInput } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { decodeCursor, encodeCursor, type Page, pageSize } from '../../platform/page.ts'
import type { Window, WindowStandings } from './board.ts'
import type { Place } from './packing.ts'
import type { Standing } from './ranking.ts'

type PageArguments = {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

/** The part of a board that a page's arguments ask for; `last` counts where both are given, as `first` has a default. */
export function pageWindow({ first, after, last, before }: PageArguments): Window {
  return {
    kind: 'page',
    size: last == null ? pageSize(first, 10) : pageSize(last, 10, 'last'),
    backwards: last != null,
    after: placeOf(after),
    before: placeOf(before),
  }
}

/** Checks the radius around a person. Throws BAD_USER_INPUT. */
export function aroundWindow(userId: string, radius: number | null): Window {
  const checked = radius ?? 5
  if (checked < 0 || checked > 50) throw badUserInput('radius must be between 0 and 50.')
  return { kind: 'around', userId, radius: checked }
}

/** A page of a board of `size` people. A cursor is a place, not a position, so it stays valid while people move. */
export function toStandingPage({ before, standings }: WindowStandings, size: number): Page<Standing> {
  const edges = standings.map((node) => ({ cursor: encodeCursor([node.packed, node.userId]), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage: before + edges.length < size,
      hasPreviousPage: before > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

function placeOf(cursor: string | null | undefined): Place | null {
  const key = decodeCursor<[number, string]>(cursor, ['number', 'string'])
  if (!key) return null
  const [packed, userId] = key
  if (!Number.isSafeInteger(packed) || packed < 0 || !isId(userId)) {
    throw badUserInput('The cursor is not one of this list. Use one that it gave you, or none to start anew.')
  }
  return { packed, userId }
}
