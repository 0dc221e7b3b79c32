import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What a process opens besides its sockets. */
const SPARE = 500

/**
 * Sees to it that this process and those it starts may hold this many sockets each. Gives how many they may; Node
 * itself goes up to the hard limit, and only who may raise that one can have more.
 */
export function allowSockets(wanted: number): number {
  const limit = hardLimit()
  if (limit >= wanted + SPARE) return wanted
  const raised = `--nofile=${wanted + SPARE}:${wanted + SPARE}`
  spawnSync('prlimit', ['--pid', `${process.pid}`, raised])
  return Math.min(wanted, hardLimit() - SPARE)
}

function hardLimit(): number {
  try {
    const [, limit] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return limit === undefined || limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
  } catch {
    return Number.POSITIVE_INFINITY // not Linux: it will show
  }
}
