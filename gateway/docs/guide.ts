import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'
import type { Example } from './examples.ts'
import { errorCodes, limitRows } from './guide-tables.ts'
import { code, type Html, html } from './html.ts'
import type { SchemaDocs } from './model.ts'

/** Stand for where the service is reached, since a page is made before anybody asks for it. */
export const ORIGIN = 'https://origin.invalid'
export const SOCKET_ORIGIN = 'wss://origin.invalid'

const ENDPOINT = `${ORIGIN}/graphql`
const KEY = '-H "authorization: Bearer $PODIUM_KEY"'

type GuideSection = { id: string; title: string; body: Html }

/** What a partner has to know beside the schema, in the order in which it is needed. */
export function guide(schema: SchemaDocs, limits: GatewayLimits): GuideSection[] {
  const examplesOf = (kind: string) =>
    schema.roots
      .filter(({ operation }) => operation === kind)
      .flatMap(({ type }) => type.fields.flatMap(({ briefExample }) => briefExample ?? []))
  const [query] = examplesOf('query').toSorted((a, b) => unknowns(a) - unknowns(b))
  const [stream] = examplesOf('subscription')
  return [
    { id: 'with-a-key', title: 'With a key', body: withAKey },
    ...(query ? [{ id: 'first-query', title: 'A first query', body: firstQuery(query) }] : []),
    ...(stream ? [{ id: 'live-streams', title: 'Live streams', body: liveStreams(stream) }] : []),
    { id: 'types-for-programs', title: 'Types for programs', body: typesForPrograms(schema) },
    { id: 'what-it-costs', title: 'What it costs', body: whatItCosts(schema, limits) },
    { id: 'what-is-allowed', title: 'What is allowed', body: limitRows(limits) },
    { id: 'what-can-go-wrong', title: 'What can go wrong', body: whatCanGoWrong },
    { id: 'how-it-changes', title: 'How it changes', body: howItChanges },
  ]
}

/** How many values a reader has to find out first. */
const unknowns = ({ variables }: Example) => JSON.stringify(variables).split('…').length

const withAKey = html`<p>Programs send an API key with every request: <code>Authorization: Bearer</code> and the key, which begins with
<code>podium_</code>. A person makes it, signed in to their account. It is shown once, when it is made; keep it where passwords are kept, and never in a page or an app. It can be revoked at any
time, which ends what was opened with it at once.</p>
<p>What a key is good for its scopes say:</p>
<dl>
<dt><code>schema:read</code></dt><dd>shows this schema, by introspection and at <code>${ORIGIN}/schema/partner.graphql</code>. What is asked with
the key is held to this schema.</dd>
<dt><code>account:read</code></dt><dd>reads what belongs to the key’s owner. Where it says that something depends on who asks, a key that has this scope
asks as its owner; any other asks as somebody who is not signed in.</dd>
<dt><code>account:write</code></dt><dd>changes what belongs to the key’s owner.</dd>
</dl>`

function firstQuery(example: Example): Html {
  return html`<p>Queries go to <code>${ENDPOINT}</code> by POST, as
<a href="https://graphql.github.io/graphql-over-http/draft/">GraphQL over HTTP</a> has it; by GET, too, where a URL is more convenient. This one</p>
${code(example.operation, 'The operation of a first query')}
<p>is asked so:</p>
${code(curl(example, ['-s', ENDPOINT, "-H 'accept: application/graphql-response+json'"]), 'A first query')}
<p>With <code>application/graphql-response+json</code> the status says whether the request was good: 200 with all of the data, 294 with a part of it, 4xx
without.</p>`
}

function liveStreams(example: Example): Html {
  const client = `import { createClient } from 'graphql-ws'

const client = createClient({
  url: '${SOCKET_ORIGIN}/graphql',
  connectionParams: { authorization: \`Bearer \${process.env.PODIUM_KEY}\` },
  shouldRetry: () => true,
})
const query = \`
${example.operation.replace(/^/gm, '  ')}
\`
const variables = ${JSON.stringify(example.variables)}

for await (const { data, errors } of client.iterate({ query, variables })) {
  console.dir(data ?? errors, { depth: null })
}`
  return html`<p>Subscriptions speak <a href="https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md">graphql-transport-ws</a>
at <code>${SOCKET_ORIGIN}/graphql</code>. Each event is a whole state: the first comes at once, and who reads slowly skips to the latest.</p>
${code(client, 'A subscription over WebSocket')}
<p>Node before 22 has no WebSocket of its own: give <code>createClient</code> that of the package <code>ws</code>, as <code>webSocketImpl</code>.</p>
<p>Where a WebSocket cannot be had, <code>${ENDPOINT}</code> serves the same as server-sent events, or in parts
(<code>multipart/mixed;subscriptionSpec="1.0"</code>):</p>
${code(curl(example, ['-sN', ENDPOINT, "-H 'accept: text/event-stream'"]), 'A subscription over server-sent events')}
<p>A socket that is closed with 4403, or a stream that ends with UNAUTHENTICATED, has lost its key. After UNAVAILABLE subscribe again after a
while.</p>`
}

function typesForPrograms({ groups }: SchemaDocs): Html {
  const scalars = groups
    .filter(({ title }) => title === 'Scalars')
    .flatMap(({ types }) => types.filter(({ usedBy }) => usedBy.length > 0).map(({ name }) => name))
  const config = `import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: 'partner.graphql',
  documents: 'src/**/*.ts',
  generates: { './src/gql/': { preset: 'client' } },
  ignoreNoDocuments: true,
  config: { scalars: { ${scalars.map((name) => `${name}: 'string'`).join(', ')} } },
}

export default config`
  return html`<p>The schema is one file, which tools make types of; with
<a href="https://the-guild.dev/graphql/codegen">GraphQL Code Generator</a>:</p>
${code(
  `curl -sf ${ORIGIN}/schema/partner.graphql ${KEY} -o partner.graphql
npm install --save-dev typescript @graphql-codegen/cli @graphql-codegen/client-preset
npx graphql-codegen --config codegen.ts`,
  'Types from the schema',
)}
<p>where codegen.ts is</p>
${code(config, 'codegen.ts')}
<p>Tools that introspect an endpoint find the same at <code>${ENDPOINT}</code>, with the key.</p>`
}

function whatItCosts({ roots }: SchemaDocs, { listSize }: GatewayLimits): Html {
  const changes = roots.some(({ operation }) => operation === 'mutation')
  return html`<p>An operation has a cost before it runs. An object costs 1, and so does an object of input; values cost nothing, save where this page says
otherwise. What is selected of the items of a list costs as often as there are items: as many as the arguments that are named say, or as the field is
known to have at most, or ${listSize}. Of a subscription each event has the cost${changes && html`; a mutation costs 10 beside its fields`}.</p>
<p>The header <code>podium-cost: report</code>, or <code>"extensions": {"cost": true}</code> in the request, has the answer say in
<code>extensions.cost</code> what was estimated, what it came to, and what is the limit.</p>`
}

const whatCanGoWrong = html`<p>What is wrong is told in <code>errors</code>, each with <code>extensions.code</code> and a <code>message</code> that says what to do. A field that
could not be had is null beside the rest of the answer.</p>
${errorCodes}
<p>Every answer has the header <code>x-request-id</code>: name it when you ask us about one.</p>`

const howItChanges = html`<p>Fields, arguments, types and values of enums are added at any time. What is to go is deprecated first, with the day from which on it may be
gone, and that day is not brought forward. Write programs so that they bear values of enums that they do not know.</p>`

/** A request to paste into a shell. */
function curl({ operation, variables }: Example, args: string[]): string {
  const query = operation.replace(/\s+/g, ' ').trim()
  const body = JSON.stringify({ query, ...(Object.keys(variables).length > 0 && { variables }) })
  const [first = '', ...more] = [
    `curl ${args.slice(0, 2).join(' ')}`,
    KEY,
    "-H 'content-type: application/json'",
    ...args.slice(2),
    `-d '${body.replaceAll("'", "'\\''")}'`,
  ]
  return [first, ...more.map((line) => `  ${line}`)].join(' \\\n')
}
