import { randomUUID } from 'node:crypto'
import type { GraphQLFormattedError } from 'graphql'
import { describeError } from '../../platform/describe-error.ts'
import { unavailable } from '../../platform/errors.ts'
import type { Caller } from '../../platform/identity.ts'
import type { Logger } from '../../platform/logger.ts'
import { createAdmission, identityKey, type Verdict } from './admission.ts'
import type { LiveCounters } from './counters.ts'
import { type Group, openGroup } from './group.ts'
import type { Reader } from './reader.ts'
import type { Source } from './source.ts'

/** How many readers are judged at a time when all are again. */
const JUDGED = 16

/**
 * Who may have what the gateway gets on its own behalf: who is found to be allowed to, everyone, or nobody, since the
 * result depends on the viewer.
 */
export type Sharing = 'judged' | 'open' | 'never'

/** The readers of one subscription with the same variables. */
export type Topic = {
  /** Takes a reader in until it ends. */
  enter(reader: Reader): void
  /** Goes on under another supergraph; what changes begins within `spread` ms. */
  adopt(source: Source, spread: number): void
  /** Ends all readers: with errors, or because there is no more. */
  end(errors: readonly GraphQLFormattedError[] | null): void
  /** Lets go of everything; its readers are told nothing. */
  close(): readonly Reader[]
}

type Options = {
  source: Source
  sharing: Sharing
  /** How often readers are judged again, in ms. */
  admissionCheck: number
  /** It has no readers any more. */
  onEmpty: () => void
  counters: LiveCounters
  logger: Logger
}

/**
 * Places readers in groups. Where the result does not depend on the viewer there is one group, watched on behalf of the
 * gateway, for all who may have what it gets; who would get something else is in a group of their own.
 */
export function openTopic(options: Options): Topic {
  const { sharing, admissionCheck, onEmpty, counters, logger } = options
  const gateway: Caller = { identity: { kind: 'gateway' }, requestId: randomUUID() }
  let { source } = options
  const groups = new Map<string, Group>()
  /** Where each reader is; null: not admitted yet. */
  const places = new Map<Reader, string | null>()
  let newcomers = 0
  const admission = createAdmission({ source: () => source, gateway, logger })
  let isJudging = false
  /** How often all that was found before was forgotten. */
  let epoch = 0
  // Topics that began together, as after a restart, are not judged together.
  const checking =
    sharing === 'judged'
      ? setInterval(() => void readmit(), admissionCheck * (1 - Math.random() / 4)).unref()
      : undefined

  function enter(reader: Reader): void {
    places.set(reader, null)
    newcomers++
    reader.onClose = leave
    if (sharing === 'judged') {
      groupOf(gateway) // is opened while its first readers are judged
      void judge(reader)
    } else place(reader, sharing === 'open' ? gateway : reader.caller)
  }

  async function verdictOn(caller: Caller): Promise<Verdict> {
    try {
      return await admission.admit(caller)
    } catch (error) {
      logger.error({ error: describeError(error) }, 'a reader could not be judged')
      return { outcome: 'unavailable', errors: [unavailable().toJSON()] }
    }
  }

  async function judge(reader: Reader): Promise<void> {
    const asked = epoch
    const verdict = await verdictOn(reader.caller)
    const before = places.get(reader)
    if (before === undefined) return
    const { outcome } = verdict
    // A round that began meanwhile may have found something else already.
    if (asked !== epoch && outcome !== 'unavailable') return judge(reader)
    if (outcome !== 'unavailable' && (before === null || outcome === 'refused'))
      counters.admissions[outcome]++
    switch (verdict.outcome) {
      case 'admitted':
        return place(reader, gateway)
      case 'differs':
        return place(reader, reader.caller)
      case 'refused':
        return endOne(reader, verdict.errors)
      case 'unavailable':
        if (before === null) endOne(reader, verdict.errors)
        return
      default:
        verdict satisfies never
    }
  }

  /** In turn, so that a topic of many does not keep its subgraphs from anything else. */
  async function readmit(): Promise<void> {
    if (isJudging) return
    isJudging = true
    epoch++
    admission.forget()
    const { outcome } = await verdictOn({ identity: { kind: 'anonymous' }, requestId: gateway.requestId })
    const isAsBefore = outcome === 'admitted' && groups.size === 1 && groups.has(gateway.identity.kind)
    const waiting = isAsBefore || outcome === 'unavailable' ? [].values() : places.keys()
    await Promise.all(
      Array.from({ length: JUDGED }, async () => {
        for (const reader of waiting) await judge(reader)
      }),
    )
    isJudging = false
  }

  function place(reader: Reader, caller: Caller): void {
    const key = identityKey(caller.identity)
    const before = places.get(reader)
    if (before === key) return
    const group = groupOf(caller)
    places.set(reader, key)
    group.join(reader)
    depart(reader, before ?? null)
  }

  /** Takes a reader from where it was, and closes what nobody is in then. */
  function depart(reader: Reader, place: string | null): void {
    if (place === null) newcomers--
    groups.get(place ?? '')?.leave(reader)
    if (place !== null) closeIfEmpty(place)
    if (newcomers === 0) closeIfEmpty(gateway.identity.kind)
  }

  /** The shared group stays while there are newcomers, who may come to be in it. */
  function closeIfEmpty(key: string): void {
    const group = groups.get(key)
    if (!group?.isEmpty() || (newcomers > 0 && key === gateway.identity.kind)) return
    groups.delete(key)
    group.close()
  }

  function groupOf(caller: Caller): Group {
    const key = identityKey(caller.identity)
    const open = groups.get(key)
    if (open) return open
    const group = openGroup({ source, caller, counters, logger, onEnd: (errors) => endGroup(key, errors) })
    groups.set(key, group)
    return group
  }

  function endGroup(key: string, errors: readonly GraphQLFormattedError[] | null): void {
    groups.delete(key)
    for (const [reader, place] of places) if (place === key) endOne(reader, errors)
  }

  function endOne(reader: Reader, errors: readonly GraphQLFormattedError[] | null): void {
    if (errors) reader.fail(errors)
    else reader.complete()
  }

  function leave(reader: Reader): void {
    const place = places.get(reader)
    if (place === undefined) return
    places.delete(reader)
    depart(reader, place)
    if (places.size > 0) return
    close()
    onEmpty()
  }

  function close(): readonly Reader[] {
    clearInterval(checking)
    admission.close()
    for (const group of groups.values()) group.close()
    groups.clear()
    const readers = [...places.keys()]
    places.clear()
    return readers
  }

  return {
    enter,
    adopt(next, spread) {
      source = next
      epoch++
      admission.forget()
      for (const group of groups.values()) group.adopt(next, Math.random() * spread)
    },
    end(errors) {
      for (const reader of [...places.keys()]) endOne(reader, errors)
    },
    close,
  }
}
