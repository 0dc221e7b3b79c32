import { type Logger, pino } from 'pino'

export type { Logger }

/** Structured logs on standard error, one JSON object a line; standard output belongs to what a command was asked for. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, redact: ['*.password', '*.token', '*.email'] }, pino.destination(2))
}
