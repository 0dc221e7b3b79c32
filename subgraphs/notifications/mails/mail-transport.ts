import type { Database } from '../../../platform/database.ts'
import type { Logger } from '../../../platform/logger.ts'
import type { MailSettings } from '../../../platform/settings/mail-settings.ts'
import type { MailTransport } from './mail.ts'
import { withBreaker } from './mail-breaker.ts'
import { createOutboxStore, type OutboxStore } from './outbox-store.ts'
import { createSmtpTransport } from './smtp-transport.ts'

/** What mails go out by, as it is set; and the outbox, where it is that. */
export function openMailTransport(
  settings: MailSettings,
  { db, logger }: { db: Database; logger: Logger },
): { transport: MailTransport; outbox: OutboxStore | null } {
  switch (settings.kind) {
    case 'smtp':
      return { transport: withBreaker(createSmtpTransport(settings), { logger }), outbox: null }
    case 'outbox': {
      const outbox = createOutboxStore(db)
      return { transport: outbox, outbox }
    }
    case 'off':
      return { transport: off, outbox: null }
  }
}

const off: MailTransport = {
  send: async () => ({ status: 'NOT_SENT', reason: 'SMTP_URL is off' }),
  close() {},
}
