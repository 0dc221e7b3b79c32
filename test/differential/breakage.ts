import { SubgraphError } from '../../gateway/transport/transport.ts'
import { chance } from './fixture/scene.ts'

/** What a broken subgraph says of itself; none of it is for clients. */
export const SECRETS = ['http://', '<html', 'secret-host', '"_entities"']

const nonsense: ((text: string, random: number) => string)[] = [
  () => {
    throw new SubgraphError('connect ECONNREFUSED http://secret-host/graphql')
  },
  () => '<html><body>502 at http://secret-host</body></html>',
  (text) => text.slice(0, text.length / 2),
  () => '',
  () => '{}',
  () => '[]',
  () => 'null',
  () => '"secret-host"',
  () => '{"data":5}',
  () => '{"data":null}',
  () => '{"data":{}}',
  () => '{"data":{"_entities":null}}',
  () => '{"data":{"_entities":[]}}',
  () => '{"data":{"_entities":"secret-host"}}',
  () => '{"data":null,"errors":[{"message":"at http://secret-host/graphql"}]}',
  () => '{"data":null,"errors":"secret-host"}',
  () => '{"data":null,"errors":[{"message":5,"path":"secret-host"},null]}',
  (text, random) => changed(text, random, (node) => (node.__typename = 'Alien')),
  (text, random) => changed(text, random, (node, key) => (node[key] = 5)),
  (text, random) => changed(text, random, (node, key) => (node[key] = 'secret-host')),
  (text, random) => changed(text, random, (node, key) => (node[key] = Array.isArray(node[key]) ? {} : [])),
]

/**
 * Answers with nonsense in place of some answers, which depends on what was asked; `rate` is in thousandths. What it
 * said goes to `said`.
 */
export function breakageOf(seed: number, rate: number, said: string[]) {
  return (text: string, { subgraph, query }: { subgraph: string; query: string }): string => {
    if (query.includes('echo')) return text // what a custom scalar may be is not known
    const at = `${seed} ${subgraph} ${query}`
    if (chance(at) >= rate) return text
    const broken = nonsense[chance(`${at} what`) % nonsense.length]
    said.push(`${subgraph} was broken, asked ${query}`)
    const answer = broken?.(text, chance(`${at} where`)) ?? text
    said.push(`  and answered ${answer}`)
    return answer
  }
}

type Change = (node: Record<string, unknown>, key: string) => unknown

/** An answer with one of its objects or lists changed: `key` is where it is in `node`. */
function changed(text: string, random: number, change: Change): string {
  const answer = JSON.parse(text)
  const places: [Record<string, unknown>, string][] = []
  const find = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (typeof value !== 'object' || value === null) continue
      places.push([node as Record<string, unknown>, key])
      find(value)
    }
  }
  find(answer.data)
  const [node, key] = places[random % places.length] ?? []
  if (node && key !== undefined) {
    const inside = node[key] as Record<string, unknown>
    if (change.length === 1 && '__typename' in inside) change(inside, key)
    else if (change.length > 1) change(node, key)
  }
  return JSON.stringify(answer)
}
