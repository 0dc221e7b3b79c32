import type { Deprecation } from '../supergraph/deprecation.ts'
import type { Example } from './examples.ts'
import { code, type Html, html, inline, paragraphs } from './html.ts'
import type { FieldDocs, InputDocs, TypeDocs, ValueDocs } from './model.ts'

/** Writes the section of a type; `known` are the names that have one. */
export function typeSection(type: TypeDocs, known: ReadonlySet<string>): Html {
  const { name, description, interfaces, possible, usedBy, example } = type
  return html`<section id="${name}" aria-labelledby="type-${name}">
<h3 id="type-${name}"><a href="#${name}">${name}</a></h3>
${description === null ? null : paragraphs(description)}
${linksTo('Is', interfaces, known)}${linksTo('May be', possible, known)}${linksTo('Found at', usedBy, known)}
${members(type, known)}
${example && exampleOf(example, name, { isOpen: false })}
</section>
`
}

/** Writes what a type consists of, an entry each. */
export function members({ name, fields, inputs, values }: TypeDocs, known: ReadonlySet<string>): Html {
  return html`${fields.map((field) => fieldEntry(name, field, known))}${inputs.map((input) =>
    entry(`${name}.${input.name}`, input, inputType(input, known)),
  )}${values.map((value) => entry(`${name}.${value.name}`, value, null))}`
}

function fieldEntry(parent: string, field: FieldDocs, known: ReadonlySet<string>): Html {
  const { name, type, inputs, cost, needs, example } = field
  const facts = [
    cost === null ? null : html`<li>${inline(cost)}</li>`,
    needs.said === null ? null : html`<li><a href="#with-a-key">needs</a> ${inline(needs.said)}</li>`,
    needs.dependsOnViewer ? html`<li><a href="#with-a-key">depends on who asks</a></li>` : null,
  ].filter((fact) => fact !== null)
  const more = html`${
    inputs.length > 0 &&
    html`<ul class="arguments" aria-label="Arguments of ${name}">${inputs.map((input) => argument(input, known))}</ul>`
  }${facts.length > 0 && html`<ul class="facts">${facts}</ul>`}${example && exampleOf(example, name, { isOpen: true })}`
  return entry(`${parent}.${name}`, field, typeLinks(type, known), more)
}

/** Writes what is told of something with a name and a place of its own. */
function entry(
  coordinate: string,
  { name, description, deprecation }: ValueDocs,
  type: Html | null,
  more?: Html,
): Html {
  return html`<div class="entry" id="${coordinate}">
<h4><a href="#${coordinate}">${name}</a>${type && html`<span class="type">${type}</span>`}</h4>
${deprecation && deprecated(deprecation)}${description === null ? null : paragraphs(description)}${more ?? null}
</div>
`
}

function argument(input: InputDocs, known: ReadonlySet<string>): Html {
  const { name, description, deprecation } = input
  return html`<li><code class="name">${name}</code><span class="type">${inputType(input, known)}</span>${
    description === null ? null : html` <span>${inline(description)}</span>`
  }${deprecation && deprecated(deprecation)}</li>`
}

const inputType = ({ type, defaultValue }: InputDocs, known: ReadonlySet<string>) =>
  html`${typeLinks(type, known)}${defaultValue === null ? null : ` = ${defaultValue}`}`

function deprecated({ reason, goesOn }: Deprecation): Html {
  const until = goesOn && html` It may be gone from <time datetime="${goesOn}">${goesOn}</time> on.`
  return html`<p class="deprecated"><strong>Deprecated.</strong> ${inline(reason)}${until}</p>`
}

/** Writes an operation with its variables, and what it costs. */
function exampleOf(
  { operation, variables, cost }: Example,
  of: string,
  { isOpen }: { isOpen: boolean },
): Html {
  const given = Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : null
  const price = cost === null ? '' : `, costs ${cost} at most`
  return html`<details${isOpen ? html` open` : null}><summary>Example${price}</summary>
${code(operation, `Example of ${of}`)}${given && html`<p>Variables:</p>${code(given, `Variables of the example of ${of}`)}`}</details>`
}

/** A type as it is written, with a link to what it is made of. */
function typeLinks(type: string, known: ReadonlySet<string>): Html {
  const [, before = '', name = '', after = ''] = /^(\W*)(\w+)(\W*)$/.exec(type) ?? []
  return html`${before}${known.has(name) ? html`<a href="#${name}">${name}</a>` : name}${after}`
}

function linksTo(title: string, coordinates: readonly string[], known: ReadonlySet<string>): Html | null {
  if (coordinates.length === 0) return null
  const links = coordinates.map((coordinate, index) => {
    const [type = ''] = coordinate.split('.')
    const link = known.has(type) ? html`<a href="#${coordinate}">${coordinate}</a>` : html`${coordinate}`
    return html`${index > 0 ? ', ' : ''}${link}`
  })
  return html`<p class="links">${title} ${links}</p>`
}
