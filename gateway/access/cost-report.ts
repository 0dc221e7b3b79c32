import type { IncomingHttpHeaders } from 'node:http'
import type { Given } from './amount.ts'
import type { ActualCost, OperationCost } from './cost.ts'

/** What an operation costs with its variables. */
export type Price = {
  estimated: number
  actual(data: unknown): ActualCost
}

/** Throws BAD_USER_INPUT where a list needs a slicing argument. */
export function priceOf(cost: OperationCost, given: Given): Price {
  return { estimated: cost.estimate(given), actual: (data) => cost.actual(given, data) }
}

/** Whether a request asks for what it cost: by the header `podium-cost: report`, or by `"extensions": {"cost": true}`. */
export function wantsReport(
  extensions: Given | null | undefined,
  headers: IncomingHttpHeaders = {},
): boolean {
  return extensions?.cost === true || headers['podium-cost'] === 'report'
}

/** The JSON text of `extensions` that says what a result cost. `limit` is what it may; null: as much as it likes. */
export function costReport({ estimated, actual }: Price, data: unknown, limit: number | null): string {
  const { cost, isClamped } = actual(data)
  return JSON.stringify({ cost: { estimated, actual: cost, limit, ...(isClamped && { clamped: true }) } })
}
