import { ACCESS_LIFETIME } from '../../../platform/ended-sessions.ts'

/** How long a key is published before it signs: gateways fetch keys every five minutes, and may miss twice. */
export const PUBLISHED_BEFORE = 15 * 60_000 // ms

/** How long it is published after the next one signs: longer than its tokens hold, with clocks that differ. */
export const PUBLISHED_AFTER = ACCESS_LIFETIME + 60_000 // ms

export type KeyTimes = { kid: string; signsFrom: Date }

/** What a key is for: all but those that are over are published. */
export type KeyState =
  | { kind: 'next'; from: Date }
  | { kind: 'signing' }
  | { kind: 'retired'; until: Date }
  | { kind: 'over' }

/**
 * What each key is for at a time, in the order in which they sign. Each signs until the next one does; the first one also
 * before its time, so that there is always one.
 */
export function keyStates<Key extends KeyTimes>(
  keys: readonly Key[],
  now: Date,
): { key: Key; state: KeyState }[] {
  const ordered = inOrder(keys)
  const begun = ordered.findLastIndex(({ signsFrom }) => signsFrom <= now)
  const signing = Math.max(0, begun)
  return ordered.map((key, index) => {
    if (index === signing) return { key, state: { kind: 'signing' } }
    if (index > signing) return { key, state: { kind: 'next', from: key.signsFrom } }
    const until = publishedUntil(ordered[index + 1] ?? key)
    return { key, state: until > now ? { kind: 'retired', until } : { kind: 'over' } }
  })
}

/** What a schedule asks for at a time. */
export type Rotation = {
  /** From when on a key is to sign that is to be made now; null: none is. */
  make: Date | null
  /** Keys to delete. */
  over: string[]
}

/** What is to be done now, where each key signs for `period` ms. */
export function rotationAt(keys: readonly KeyTimes[], now: Date, period: number): Rotation {
  const newest = inOrder(keys).at(-1)
  const over = keyStates(keys, now).flatMap(({ key, state }) => (state.kind === 'over' ? [key.kid] : []))
  if (!newest) return { make: now, over }
  return { make: successorDue(newest, period) <= now ? later(now, PUBLISHED_BEFORE) : null, over }
}

/** When there is something to be done again, of a schedule that has a key. */
export function nextRotation(keys: readonly KeyTimes[], period: number): Date {
  const [first, ...rest] = inOrder(keys)
  if (!first) throw new Error('no signing key')
  const times = [successorDue(rest.at(-1) ?? first, period), ...rest.map(publishedUntil)]
  return new Date(Math.min(...times.map((time) => time.getTime())))
}

/** When the key before this one is over. */
const publishedUntil = ({ signsFrom }: KeyTimes) => later(signsFrom, PUBLISHED_AFTER)

const successorDue = ({ signsFrom }: KeyTimes, period: number) => later(signsFrom, period - PUBLISHED_BEFORE)

const later = (time: Date, ms: number) => new Date(time.getTime() + ms)

function inOrder<Key extends KeyTimes>(keys: readonly Key[]): Key[] {
  return keys.toSorted(
    (one, other) => one.signsFrom.getTime() - other.signsFrom.getTime() || (one.kid < other.kid ? -1 : 1),
  )
}
