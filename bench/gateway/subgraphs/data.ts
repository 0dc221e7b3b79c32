/** Whoever reads a relation gets the entities behind it: resolvers of subgraphs and of the whole read the same objects. */
export type User = {
  id: string
  handle: string
  fullName: string
  memberSince: number
  reviews(): Review[]
}

export type Product = {
  sku: string
  title: string
  /** In cents. */
  price: number
  /** In grams. */
  weight: number
  inStock: boolean
  shippingEstimate(): number
  reviews(): Review[]
}

export type Review = { id: string; text: string; author(): User; product(): Product }

const people = [
  ['ada.k', 'Ada Kowalczyk'],
  ['bruno', 'Bruno Teixeira'],
  ['chloe_m', 'Chloe Marchetti'],
  ['dmitri', 'Dmitri Halonen'],
  ['esi', 'Esi Owusu'],
  ['farid.n', 'Farid Nasser'],
] as const

/** Title, price, weight, whether it is in stock. */
const articles = [
  ['Camping stove', 5_490, 780, true],
  ['Rain jacket', 12_900, 410, true],
  ['Head torch', 3_250, 95, false],
  ['Down sleeping bag', 28_700, 1_150, true],
  ['Two-person tent', 41_900, 2_300, true],
  ['Water filter', 3_990, 310, false],
  ['Trekking poles', 8_450, 520, true],
  ['Snow shovel', 4_600, 690, true],
  ['Avalanche beacon', 33_500, 220, false],
] as const

/** Who wrote on which article; the order is that of the ids. Everyone wrote two, and few articles have most of them. */
const opinions = [
  [0, 0],
  [1, 0],
  [2, 0],
  [3, 0],
  [4, 1],
  [5, 1],
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 3],
  [5, 4],
] as const

const phrases = [
  'after a season of use the seams still hold',
  'the zip jams when it is cold',
  'lighter than the one it replaced',
  'the manual could be clearer',
  'it dried within an hour on the line',
  'my old one lasted ten years and this feels as solid',
  'the colour is not quite that of the picture',
  'it packs down to the size of a loaf',
  'I would buy it again without thinking',
  'the strap needs a second look by whoever designed it',
  'it did what it says in steady rain',
  'delivery took longer than promised',
] as const

export const users: User[] = people.map(([handle, fullName], index) => ({
  id: `${index + 1}`,
  handle,
  fullName,
  memberSince: 2012 + index,
  reviews: () => reviews.filter((review) => review.author().handle === handle),
}))

export const products: Product[] = articles.map(([title, price, weight, inStock], index) => ({
  sku: `sku-${index + 1}`,
  title,
  price,
  weight,
  inStock,
  shippingEstimate: () => shippingCost(price, weight),
  reviews: () => reviews.filter((review) => review.product().title === title),
}))

export const reviews: Review[] = opinions.map(([author, product], index) => ({
  id: `${index + 1}`,
  text: textOf(index),
  author: () => pick(users, author),
  product: () => pick(products, product),
}))

/** In cents, of an article with this price and weight. */
export function shippingCost(price: number, weight: number): number {
  return price > 30_000 ? 0 : 300 + Math.ceil(weight / 2)
}

/** Between some 230 and 620 characters. */
function textOf(index: number): string {
  const count = 6 + ((index * 4) % 11)
  const sentences = Array.from({ length: count }, (_, at) => pick(phrases, index * 7 + at * 5))
  return sentences.map((sentence) => `${sentence[0]?.toUpperCase()}${sentence.slice(1)}.`).join(' ')
}

function pick<T>(from: readonly T[], index: number): T {
  return from[index % from.length] as T
}
