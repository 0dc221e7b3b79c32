import { isIPv6 } from 'node:net'
import type { Identity } from '../../platform/identity.ts'
import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'

/** Each has budgets of its own size. */
export type HolderKind = keyof GatewayLimits['perMinute']

/** Whose budget a request is counted on. */
export type Holder = {
  /** The same at every gateway. */
  key: string
  kind: HolderKind
}

/**
 * A person, wherever they are, each of their API keys, and all who are anonymous at one address. Without an address, as one
 * that was lost has none, it is all of those.
 */
export function holderOf(identity: Identity, address?: string): Holder {
  if (identity.kind !== 'person') return { key: `address ${networkOf(address)}`, kind: 'address' }
  const { id, sessionId, isProgram } = identity
  return isProgram ? { key: `key ${sessionId}`, kind: 'key' } : { key: `person ${id}`, kind: 'person' }
}

/** An IPv4 address; and of IPv6 the first 64 bits, since whoever has one address has the rest too. */
export function networkOf(address = ''): string {
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1]) return mapped[1]
  const [head = '', tail] = address.toLowerCase().split('%', 1)[0]?.split('::') ?? []
  const first = groups(head)
  const last = tail === undefined ? [] : groups(tail)
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0')
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::`
}

const groups = (text: string) =>
  text
    .split(':')
    .filter(Boolean)
    // An IPv4 address at the end stands for two.
    .flatMap((group) => (group.includes('.') ? ['0', '0'] : [group.replace(/^0+(?=.)/, '')]))
