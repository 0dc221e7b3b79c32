/** A piece of a page, in which everything that came from elsewhere is escaped. */
export type Html = { readonly markup: string }

type Part = Html | string | number | readonly Html[] | null | false

/** Writes a piece of a page: text that is put into it is escaped, other pieces are put in as they are, null and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const markup = strings.map((text, index) => text + markupOf(parts[index] ?? null)).join('')
  return { markup }
}

function markupOf(part: Part): string {
  if (part === null || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

/** Text with what stands in backticks as code. */
export function inline(text: string): Html {
  const parts = text.split(/`([^`\n]+)`/)
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`
}

/** Text in paragraphs, which blank lines part. */
export function paragraphs(text: string): Html {
  return html`${text.split(/\n\s*\n/).map((paragraph) => html`<p>${inline(paragraph.trim())}</p>`)}`
}

/** Code that may be wider than the page; who has no mouse scrolls it with the keyboard. */
export function code(text: string, label: string): Html {
  return html`<pre tabindex="0" role="region" aria-label="${label}"><code>${text}</code></pre>`
}
