/** Items a day that tell one person of being overtaken in one competition. */
export const DAILY_ITEMS = 3

/** Whom an item remembers; of more than this it says only that they are many. */
const MOVERS_KEPT = 101 // people

/** What someone who was overtaken has been told today about the same competition. */
export type ToldToday = {
  items: number
  /** The last of them; null without any. */
  last: { id: string; read: boolean; moverIds: string[] } | null
}

/** What to do about someone who was overtaken once more. */
export type Telling =
  | { kind: 'new' }
  | { kind: 'merge'; itemId: string; moverIds: string[]; others: number }
  | { kind: 'nothing' }

/** The first of a day get an item each; later ones go into the last while it is unread, and after that stay untold. */
export function tellingOf(today: ToldToday, moverId: string): Telling {
  if (today.items < DAILY_ITEMS) return { kind: 'new' }
  const { last } = today
  if (!last || last.read) return { kind: 'nothing' }
  const others = last.moverIds.filter((id) => id !== moverId)
  const moverIds = [...others, moverId].slice(-MOVERS_KEPT)
  return { kind: 'merge', itemId: last.id, moverIds, others: others.length }
}

/** When the UTC day of `now` began. Days are UTC's for everyone, since people are not asked for a zone here. */
export function startOfDay(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()))
}
