import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'
import { KEYS_PER_OWNER } from '../access/budget.ts'
import { type Html, html } from './html.ts'

/** What a key may ask for, as it is configured. */
export function limitRows(limits: GatewayLimits): Html {
  const { requests, cost } = limits.perMinute.key
  const rows: [string, string | null][] = [
    ['Requests in a minute', amount(requests)],
    ['Cost in a minute', amount(cost)],
    ['Cost of one operation', amount(limits.costPerKey)],
    ['Size of a request', `${amount(limits.bodyBytes)} bytes`],
    ['Tokens of an operation: names, brackets, values', amount(limits.tokens)],
    ['Levels of fields', amount(limits.depth)],
    ['Fields, those of fragments counted where they are used', amount(limits.selections)],
    ['Fields at the root', amount(limits.rootFields)],
    ['Aliases', amount(limits.aliases)],
    ['Streams at a time: WebSockets and those over HTTP', amount(limits.socketsPerKey)],
    ['Subscriptions on one WebSocket', amount(limits.subscriptionsPerSocket)],
  ]
  return html`<table>
<caption>Each key may at most</caption>
<thead><tr><th scope="col">What</th><th scope="col">How much</th></tr></thead>
<tbody>${rows.map(([what, most]) => html`<tr><th scope="row">${what}</th><td>${most ?? 'no limit'}</td></tr>`)}</tbody>
</table>
<p>What may be asked for in a minute is also the most at once. The headers <code>RateLimit-Policy</code> and <code>RateLimit</code> say how much there is
and what is left; over it the answer is 429 with <code>Retry-After</code>. All keys of one person together may ask for ${KEYS_PER_OWNER} times as
much as one in a minute, which the headers tell of as <code>owner-requests</code> and <code>owner-cost</code>.</p>`
}

const amount = (most: number | null) => (most === null ? null : most.toLocaleString('en'))

const codes: [string, string][] = [
  ['GRAPHQL_PARSE_FAILED', 'The operation is not GraphQL.'],
  ['GRAPHQL_VALIDATION_FAILED', 'The operation asks for what is not in this schema.'],
  ['BAD_USER_INPUT', 'A variable or an argument cannot be used; the message says why.'],
  ['BAD_REQUEST', 'The request is not one of GraphQL over HTTP.'],
  ['UNAUTHENTICATED', 'There is no key, or it is not valid any more.'],
  ['FORBIDDEN', 'The key does not have the scope for this.'],
  ['NOT_FOUND', 'There is no such thing, or none that the key may see: the two are told alike.'],
  ['OPERATION_TOO_COMPLEX', 'The operation passes a limit; the message names it.'],
  ['RATE_LIMITED', 'The budget of this minute is spent: come back when Retry-After says.'],
  ['UNAVAILABLE', 'A part of the service does not answer now. Ask again after a while.'],
  ['INTERNAL_SERVER_ERROR', 'Our fault; extensions.requestId is what we look it up by.'],
]

export const errorCodes: Html = html`<dl>${codes.map(
  ([code, meaning]) => html`<dt><code>${code}</code></dt><dd>${meaning}</dd>`,
)}</dl>`
