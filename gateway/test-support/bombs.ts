/** A request that is small beside the work it would be, for a gateway with the limits that are its defaults. */
export type Bomb = {
  name: string
  body: string
  /** What it is refused with over HTTP. */
  status: number
  code: string
  /** Of the message: which of the limits, or of the faults, it is refused for. */
  reason: string
}

type Refused = [code: string, reason: string]

const tokens: Refused = ['GRAPHQL_PARSE_FAILED', '1000 tokens']
const length: Refused = ['OPERATION_TOO_COMPLEX', '100000 characters']
const depth: Refused = ['OPERATION_TOO_COMPLEX', '12 levels of fields']
const aliases: Refused = ['OPERATION_TOO_COMPLEX', '30 aliases']
const selections: Refused = ['OPERATION_TOO_COMPLEX', '2,000 fields']
/** Short enough to be validated against a schema that does not have it. */
const unknown: Refused = ['GRAPHQL_VALIDATION_FAILED', 'Cannot query field']

const documents: [name: string, query: string, refused: Refused][] = [
  ['ten thousand aliases', `{ ${many(10_000, (i) => `a${i}: c`)} }`, tokens],
  ['31 aliases', `{ a { ${many(31, (i) => `a${i}: c`)} } }`, aliases],
  ['fields without end', `{ ${many(100_000, () => 'c')} }`, length],
  ['300 levels', `{ ${nested(300, 'c')} }`, depth],
  ['braces within braces', '{a'.repeat(45_000), tokens],
  ['lists within lists', `{ a(b: ${'['.repeat(90_000)}`, tokens],
  ['one name, as long as may be', `{ ${'c'.repeat(99_000)} }`, unknown],
  ['one name of a megabyte', `{ ${'c'.repeat(900_000)} }`, length],
  ['one text of a megabyte', `{ a(b: "${'c'.repeat(900_000)}") { c } }`, length],
  ['nothing, as long as may be', `{ c d ${'\n'.repeat(99_000)} }`, unknown],
  ['a megabyte of nothing', `{ c d ${' '.repeat(900_000)} }`, length],
  [
    'fragments that double',
    `{ ...F0 } ${many(60, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F60 on Query { c }`,
    selections,
  ],
  [
    'fragments within fields that double',
    `{ ...F0 } ${many(30, (i) => `fragment F${i} on Query { a { ...F${i + 1} } list { ...F${i + 1} } }`)} fragment F30 on Query { c }`,
    depth,
  ],
  [
    'fragments in a circle',
    `{ ...F0 } ${many(60, (i) => `fragment F${i} on Query { a { ...F${(i + 1) % 60} ...F${(i + 7) % 60} } }`)}`,
    depth,
  ],
  ['fields that overlap', `{ ${many(19, () => `a { ${many(19, () => 'a { c d }')} }`)} }`, tokens],
  ['directives without end', `{ c ${'@skip(if: true) '.repeat(150)} }`, tokens],
  ['variables without end', `query (${many(240, (i) => `$v${i}: Int`)}) { d }`, unknown],
]

const bodies: [name: string, body: string, status: number, reason: string][] = [
  ['a megabyte too much', JSON.stringify({ query: `{ c #${'x'.repeat(2_000_000)}` }), 413, '1000000 bytes'],
  ['a body of braces', '{"a":'.repeat(180_000), 400, '200 levels deep'],
  ['a body of lists', '['.repeat(900_000), 400, '200 levels deep'],
  ['a body of slashes', `"${'\\'.repeat(450_000)}`, 400, 'not JSON'],
  [
    'variables of lists',
    `{"query":"{ c }","variables":{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`,
    400,
    '200 levels deep',
  ],
]

export const bombs: readonly Bomb[] = [
  ...documents.map(([name, query, [code, reason]]) => {
    return { name, body: JSON.stringify({ query }), status: 400, code, reason }
  }),
  ...bodies.map(([name, body, status, reason]) => ({ name, body, status, code: 'BAD_REQUEST', reason })),
]

function many(count: number, item: (index: number) => string): string {
  return Array.from({ length: count }, (_, i) => item(i)).join(' ')
}

function nested(levels: number, inner: string): string {
  return levels === 0 ? inner : `a { ${nested(levels - 1, inner)} }`
}
