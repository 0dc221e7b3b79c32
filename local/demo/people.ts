import { random } from './random.ts'

/** A person of the demo. */
export type DemoPerson = {
  email: string
  displayName: string
  timeZone: string
  /** How active they are: 1 is usual. */
  vigour: number
  /** The local hour around which they move most. */
  peak: number
}

const givenNames = 'Aino Bao Chidi Dalia Emre Freya Goran Hana Ines Jarek Kaia Luca Mira Nuno Olga Pavel Quinn Rosa Sami Tove Uma Vera Wim Xenia Yara'.split(' ') // biome-ignore format: one list
const familyNames = 'Adeyemi Berg Costa Dahl Eriksen Farouk Greco Haddad Ito Jansen Kowalska Lindqvist Moreau Nowak Okafor Petrov Quist Rossi Sato Tanaka'.split(' ') // biome-ignore format: one list
// Around the globe, so that somebody is awake whenever one watches.
const timeZones = 'Europe/Helsinki Europe/London America/New_York America/Los_Angeles Pacific/Auckland Asia/Tokyo Asia/Kolkata America/Sao_Paulo'.split(' ') // biome-ignore format: one list

/** `count` people, the same for the same seed; the first of them organizes, and is an administrator's choice. */
export function demoPeople(seed: number, count: number): DemoPerson[] {
  return Array.from({ length: count }, (_, index) => {
    const given = pick(givenNames, index)
    const family = pick(familyNames, Math.floor(random(seed, 'family', index) * familyNames.length))
    return {
      // Reserved for examples by RFC 2606: nobody's mail.
      email: `${given}.${family}.${index + 1}@example.com`.toLowerCase(),
      displayName: `${given} ${family}`,
      timeZone: pick(timeZones, Math.floor(random(seed, 'zone', index) * timeZones.length)),
      vigour: 0.5 + random(seed, 'vigour', index) * 1.2,
      peak: 7 + random(seed, 'peak', index) * 12,
    }
  })
}

function pick<T>(items: T[], index: number): T {
  return items[index % items.length] as T
}
