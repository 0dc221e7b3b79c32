import { readFileSync } from 'node:fs'

/** Of the kernel's clock that processes are accounted by; 100 on every Linux in use. */
const TICKS_PER_SECOND = 100

export type Memory = {
  /** In bytes. */
  now: number
  /** The most since the process began, in bytes. */
  peak: number
}

/** CPU seconds that a process has used; null where the system does not tell. */
export function cpuSeconds(pid: number): number | null {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === null) return null
  // The second field is the program's name, which may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const user = Number(fields[11])
  const system = Number(fields[12])
  return (user + system) / TICKS_PER_SECOND
}

/** CPU seconds that all processes of the machine have used; null where the system does not tell. */
export function machineCpuSeconds(): number | null {
  const [, user, nice, system] = /^cpu +(\d+) (\d+) (\d+)/.exec(read('/proc/stat') ?? '') ?? []
  return user === undefined ? null : (Number(user) + Number(nice) + Number(system)) / TICKS_PER_SECOND
}

/** Resident memory of a process; null where the system does not tell. */
export function memoryOf(pid: number): Memory | null {
  const status = read(`/proc/${pid}/status`)
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status ?? '')?.[1])
  return status === null ? null : { now: kilobytes('VmRSS') * 1024, peak: kilobytes('VmHWM') * 1024 }
}

/** Whether a process has a file of this name in its memory, as native modules are; null where the system does not tell. */
export function hasLoaded(pid: number, name: string): boolean | null {
  return read(`/proc/${pid}/maps`)?.includes(name) ?? null
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
