import type { EventPayload } from '../../../platform/events.ts'
import { escapeHtml } from './escape-html.ts'

export type EmailKind = EventPayload<'email.requested'>['kind']

type Part = { words: string } | { link: string } | { code: string }

/**
 * What a mail says, as text and as HTML, which loads nothing and tells nobody that it was read. `name` is the person's,
 * where it is known; `lifetime` how long the link is good, in ms, where it is not for ever.
 */
export function emailText(about: {
  kind: EmailKind
  name: string | null
  link: string | null
  lifetime: number | null
}): { subject: string; text: string; html: string } {
  const { subject, parts } = saying(about)
  const all: Part[] = [{ words: greeting(about.name) }, ...parts, { words: 'Podium' }]
  const body = all.map(htmlOf).join('\n')
  return {
    subject,
    text: `${all.map((part) => Object.values(part).join('')).join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>\n<body>\n${body}\n</body>\n</html>\n`,
  }
}

function saying({
  kind,
  link,
  lifetime,
}: {
  kind: EmailKind
  link: string | null
  lifetime: number | null
}): {
  subject: string
  parts: Part[]
} {
  const good = lifetime === null ? '' : ` for ${span(lifetime)}`
  switch (kind) {
    case 'VERIFY_EMAIL':
      return {
        subject: 'Verify your address',
        parts: [
          { words: 'Open this link to show that this address is yours:' },
          ...linkAndCode(link),
          { words: `It works once,${good || ' for a while'}, and as long as no newer one was sent.` },
          { words: 'If you have no account at Podium, somebody gave your address by mistake: do nothing.' },
        ],
      }
    case 'RESET_PASSWORD':
      return {
        subject: 'Choose another password',
        parts: [
          { words: 'Somebody, probably you, asked for another password of your account. Open this link to choose one:' }, // biome-ignore format: one sentence
          ...linkAndCode(link),
          { words: `It works once,${good || ' for a while'}, and as long as no newer one was sent.` },
          { words: 'If it was not you, do nothing: your password stays as it is.' },
        ],
      }
    case 'PASSWORD_CHANGED':
      return {
        subject: 'Your password was changed',
        parts: [
          { words: 'The password of your account was changed just now.' },
          { words: 'If it was not you, ask for another password at once, where you log in: that ends all sessions of your account.' }, // biome-ignore format: one sentence
        ],
      }
    case 'EXPORT_READY':
      return {
        subject: 'Your data is ready',
        parts: [
          { words: 'All that Podium holds about you has been gathered. Download it here:' },
          ...(link ? [{ link }] : []),
          { words: `The link works${good || ' for a while'}. Whoever has it can read your data: keep it to yourself.` }, // biome-ignore format: one sentence
        ],
      }
  }
}

/** Where a link cannot be opened, what it carries can be pasted. */
function linkAndCode(link: string | null): Part[] {
  if (!link) return []
  const code = new URL(link).searchParams.get('token')
  return [{ link }, ...(code ? [{ words: 'Or paste this code where Podium asks for it:' }, { code }] : [])]
}

/**
 * Who gives a stranger's address could have Podium mail them whatever a name says, so that names with what looks like an
 * address or a message are left out.
 */
function greeting(name: string | null): string {
  const isName = /^(?:[\p{L}\p{M}\p{N}'’ -]|\.(?= |$))+$/u.test(name ?? '')
  return isName ? `Hello ${name},` : 'Hello,'
}

function htmlOf(part: Part): string {
  if ('words' in part) return `<p>${escapeHtml(part.words)}</p>`
  if ('code' in part) return `<p><code>${escapeHtml(part.code)}</code></p>`
  const link = escapeHtml(part.link)
  return `<p><a href="${link}">${link}</a></p>`
}

function span(time: number): string {
  const hours = Math.round(time / 3_600_000)
  if (hours < 24) return hours === 1 ? 'an hour' : `${hours} hours`
  const days = Math.round(hours / 24)
  return days === 1 ? 'a day' : `${days} days`
}
