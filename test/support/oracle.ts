export type Device = 'watch' | 'phone'

export type OracleRecord = {
  externalId: string
  version: number
  value: number
  startedAt: Date
  endedAt: Date
}

const QUARTER = 15 * 60_000 // ms

/** Steps that a quarter hour counts at the most: 300 a minute. */
const MOST = 4_500

type Known = { device: Device; version: number; record: OracleRecord | null }

/**
 * What a board must be, computed in the plainest way: keep every record's newest version, cut time into quarter hours, let the
 * watch count where it has anything and the phone elsewhere, add up, sort.
 */
export function createOracle(startsAt: Date) {
  const people = new Map<string, Map<string, Known>>()

  return {
    sync(person: string, device: Device, records: OracleRecord[], deleted: string[]): void {
      const known = people.get(person) ?? new Map<string, Known>()
      people.set(person, known)
      const newest = new Map<string, OracleRecord>()
      for (const record of records) {
        const best = newest.get(record.externalId)
        if (!best || record.version > best.version) newest.set(record.externalId, record)
      }
      for (const record of newest.values()) {
        const before = known.get(record.externalId)
        if (before && before.version >= record.version) continue
        known.set(record.externalId, { device, version: record.version, record })
      }
      for (const id of deleted) {
        const before = known.get(id)
        if (before) known.set(id, { ...before, record: null })
      }
    },

    /** [rank, name, score] of everyone who has a score. */
    board(): [number, string, number][] {
      const scores = [...people]
        .map(([name, known]) => ({ name, score: scoreOf([...known.values()]) }))
        .filter(({ score }) => score > 0)
      return scores
        .map(({ name, score }): [number, string, number] => [
          1 + scores.filter((other) => other.score > score).length,
          name,
          score,
        ])
        .sort((a, b) => a[0] - b[0])
    },
  }

  function scoreOf(known: Known[]): number {
    const quarters = new Map<number, Partial<Record<Device, number>>>()
    for (const { device, record } of known) {
      if (!record) continue
      for (const [start, value] of partsOf(record)) {
        const quarter = quarters.get(start) ?? {}
        quarters.set(start, { ...quarter, [device]: (quarter[device] ?? 0) + value })
      }
    }
    return [...quarters]
      .filter(([start]) => start >= startsAt.getTime())
      .reduce((sum, [, { watch, phone }]) => sum + Math.min(watch ?? phone ?? 0, MOST), 0)
  }
}

/** A record's share of each quarter hour that it touches; the shares add up to its value. */
function partsOf({ value, startedAt, endedAt }: OracleRecord): [number, number][] {
  const [from, to] = [startedAt.getTime(), endedAt.getTime()]
  const counted = (time: number) =>
    Math.floor((value * (Math.min(Math.max(time, from), to) - from)) / (to - from))
  const parts: [number, number][] = []
  for (let start = Math.floor(from / QUARTER) * QUARTER; start < to; start += QUARTER) {
    parts.push([start, counted(start + QUARTER) - counted(start)])
  }
  return parts
}
