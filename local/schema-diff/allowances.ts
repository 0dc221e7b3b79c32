import type { Base } from './base.ts'
import type { Allowance, ContractChange, Happening } from './changes.ts'

const beginning = /^(?:- )?Breaks partners:/
const form = /^(?:- )?Breaks partners: `([^`]+)` was (added|changed|removed) \(\d{4}-\d{2}-\d{2}\)\.$/

/**
 * Reads the lines of docs/decisions.md that allow something, and those that mean to and are not of the form. A line allows the change
 * that it comes with: one that was there at the base allows nothing any more.
 */
export function readAllowances(decisions: string, base: Base): { allowances: Allowance[]; faults: string[] } {
  const lines = decisions.split('\n').filter((line) => beginning.test(line))
  const used = new Set('sdl' in base ? base.decisions?.split('\n') : [])
  const allowances = lines
    .filter((line) => !used.has(line))
    .flatMap((line) => {
      const [, coordinate, happening] = form.exec(line) ?? []
      // The form has these three words alone.
      return coordinate ? [{ coordinate, happening: happening as Happening }] : []
    })
  const faults = lines
    .filter((line) => !form.test(line))
    .map((line) => `docs/decisions.md: "${line}" allows nothing: it must read as this does: "${allowing({ coordinate: 'User.bio', happening: 'removed' }, '2027-01-31')}"`) // biome-ignore format: one sentence
  return { allowances, faults }
}

/** The line that allows a change. */
export function allowing(
  { coordinate, happening }: Pick<ContractChange, 'coordinate' | 'happening'>,
  today: string,
): string {
  return `Breaks partners: \`${coordinate}\` was ${happening} (${today}).`
}
