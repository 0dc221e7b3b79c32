import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { GatewayLimits } from '../../platform/settings/gateway-limits.ts'
import { guide } from './guide.ts'
import { type Html, html } from './html.ts'
import type { SchemaDocs } from './model.ts'
import { members, typeSection } from './types.ts'

const style = readFileSync(new URL('style.css', import.meta.url), 'utf8')

/** The policy for these pages: nothing is loaded and nothing runs; they are styled by what is in them. */
export const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: [`'sha256-${createHash('sha256').update(style).digest('base64')}'`],
    imgSrc: ['data:'], // a browser asks for an icon that a page does not name
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
}

/** Writes the documentation of a schema: one page, whole in itself, so that it can also be kept as a file. */
export function docsPage(schema: SchemaDocs, limits: GatewayLimits): string {
  const sections = guide(schema, limits)
  const { roots, groups } = schema
  const known = new Set(
    [...roots.map(({ type }) => type), ...groups.flatMap(({ types }) => types)].map(({ name }) => name),
  )
  const contents = html`<nav id="contents-list" aria-labelledby="contents">
<h2 id="contents">Contents</h2>
<ul>${sections.map(({ id, title }) => item(id, title))}</ul>
${roots.map(
  ({ operation, type }) => html`<h3>${titles[operation] ?? operation}</h3>
<ul>${type.fields.map(({ name }) => item(`${type.name}.${name}`, name))}</ul>`,
)}
${groups.map(
  ({ title, types }) => html`<h3>${title}</h3>
<ul>${types.map(({ name }) => item(name, name))}</ul>`,
)}
</nav>`
  const main = html`<main id="main">
<p>Everything that partners can ask for is on this page, which is made from the schema itself. An operation that asks for anything else is refused.</p>
${sections.map(
  ({ id, title, body }) => html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>
`,
)}
${roots.map(
  ({ operation, type }) => html`<section id="${type.name}" aria-labelledby="root-${operation}">
<h2 id="root-${operation}">${titles[operation] ?? operation}</h2>
${members(type, known)}
</section>
`,
)}
${groups.map(
  ({ title, types }) => html`<section aria-labelledby="group-${title.toLowerCase()}">
<h2 id="group-${title.toLowerCase()}">${title}</h2>
${types.map((type) => typeSection(type, known))}
</section>
`,
)}
</main>`
  return document(
    'Podium: API for partners',
    html`<a class="skip" href="#main">Skip to the content</a>
<header><p class="title">Podium</p><h1>API for partners</h1><a class="to-contents" href="#contents">Contents</a></header>
<div class="columns">
${contents}
${main}
</div>`,
  )
}

/** Writes a page that says one thing, such as why there is no other. */
export function noticePage(title: string, body: Html): string {
  return document(
    `Podium: ${title}`,
    html`<header><p class="title">Podium</p><h1>${title}</h1></header>
<main id="main">${body}</main>`,
  )
}

const titles: Record<string, string> = {
  query: 'Queries',
  mutation: 'Mutations',
  subscription: 'Subscriptions',
}

const item = (id: string, title: string) => html`<li><a href="#${id}">${title}</a></li>`

function document(title: string, body: Html): string {
  const head = html`<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">`
  return `<!doctype html>
<html lang="en">
<head>
${head.markup}
<style>${style}</style>
</head>
<body>
${body.markup}
</body>
</html>
`
}
