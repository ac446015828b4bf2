import { and, asc, eq, gt, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import type { App } from '../app.ts'
import { readMsisdn } from '../base/msisdn.ts'
import type { Read, Tx } from '../store/store.ts'
import { nationalId } from './formats.ts'
import { wordsOf } from './name-words.ts'

export type Person = Tx['people']['$inferSelect']
/** A page of people. `next`: what to ask with for those after them. */
export type Found = { people: Person[]; next: string | undefined }

const PAGE = 50
/** Beyond so many, one word of a name is as common as another. */
const COMMON = 20_000
/** A shorter beginning fits nearly everybody. */
const SHORTEST = 2

/**
 * Finds people by a national ID, a phone in any Kenyan form, a TSC number, or the beginnings of words of their name in any order, in
 * `counties` (empty: the whole nation). Each way walks an index, so it is as quick with a million people as with a hundred.
 */
export async function findPeople(
  { store: { read }, keyring }: Pick<App, 'store' | 'keyring'>,
  typed: string,
  { counties, after }: { counties: readonly string[]; after?: string | undefined },
): Promise<Found> {
  const text = typed.trim()
  const where = counties.length === 0 ? undefined : inArray(read.people.homeCounty, [...counties])
  const numbered = /\d/.test(text) ? await byNumber(read, keyring, text, where) : []
  if (numbered.length > 0) return { people: numbered, next: undefined }
  const words = wordsOf(text).filter((word) => word.length >= SHORTEST)
  return words.length === 0 ? { people: [], next: undefined } : byName(read, words.slice(0, 6), counties, after)
}

async function byNumber(read: Read, keyring: App['keyring'], text: string, where: SQL | undefined): Promise<Person[]> {
  const { people, accounts } = read
  const id = nationalId.read(text)
  const msisdn = readMsisdn(text)
  const tsc = text.toUpperCase().replace(/\s/g, '')
  const ways = [
    ...(id === undefined ? [] : [eq(people.nationalIdIndex, keyring.index('national_id', id))]),
    ...(msisdn === undefined ? [] : [eq(people.msisdn, msisdn)]),
    eq(people.tscNumberIndex, keyring.index('tsc_number', tsc)),
  ]
  const found = new Map<string, Person>()
  // One after the other: each is a read of one key, while their `or` would be read as a whole table.
  for (const way of ways)
    for (const person of await read.select().from(people).where(and(way, where)).limit(PAGE)) found.set(person.id, person)
  if (msisdn !== undefined) {
    const [account] = await read.select({ id: accounts.personId }).from(accounts).where(eq(accounts.msisdn, msisdn))
    if (account)
      for (const person of await read
        .select()
        .from(people)
        .where(and(eq(people.id, account.id), where)))
        found.set(person.id, person)
  }
  return [...found.values()]
}

/** Walks the word that fewest have, and asks of each whether the others fit as well. */
async function byName(
  read: Read,
  words: readonly string[],
  counties: readonly string[],
  after: string | undefined,
): Promise<Found> {
  const { nameWords, people } = read
  const here = counties.length === 0 ? undefined : inArray(nameWords.county, [...counties])
  const counted = await Promise.all(words.map(async (word) => ({ word, n: await upTo(read, word, here) })))
  counted.sort((a, b) => a.n - b.n)
  const [rarest, ...others] = counted.map(({ word }) => word)
  if (rarest === undefined || counted[0]?.n === 0) return { people: [], next: undefined }
  const [fromWord = '', fromId = ''] = after?.split(' ') ?? []
  const rows = await read
    .select({ word: nameWords.word, person: people })
    .from(nameWords)
    .innerJoin(people, eq(people.id, nameWords.personId))
    .where(
      and(
        beginning(nameWords.word, rarest),
        or(gt(nameWords.word, fromWord), and(eq(nameWords.word, fromWord), gt(nameWords.personId, fromId))),
        here,
        ...others.map((word) => hasWord(read, word)),
      ),
    )
    .orderBy(asc(nameWords.word), asc(nameWords.personId))
    .limit(PAGE + 1)
  const page = rows.slice(0, PAGE)
  const last = page.at(-1)
  return {
    // Somebody may have two words that begin alike.
    people: [...new Map(page.map(({ person }) => [person.id, person])).values()],
    next: rows.length > PAGE && last ? `${last.word} ${last.person.id}` : undefined,
  }
}

/** How many have a word that begins so, and no further than it matters. */
async function upTo(read: Read, word: string, here: SQL | undefined): Promise<number> {
  const { nameWords } = read
  const some = read
    .select({ one: sql<number>`1`.as('one') })
    .from(nameWords)
    .where(and(here, beginning(nameWords.word, word)))
    .limit(COMMON)
    .as('some')
  const [row] = await read.select({ n: sql<number>`count(*)` }).from(some)
  return Number(row?.n ?? 0)
}

type WordColumn = Tx['nameWords']['word']

/** From the beginning itself up to what follows the last word that begins so: a stretch of the index, in every collation. */
const beginning = (column: WordColumn, start: string): SQL | undefined => and(gte(column, start), lt(column, afterAll(start)))
const afterAll = (start: string) => start.slice(0, -1) + String.fromCharCode(start.charCodeAt(start.length - 1) + 1)

/** Whether the person of the row has another word that begins so. */
const hasWord = ({ nameWords }: Read, start: string): SQL =>
  sql`exists (select 1 from ${nameWords} as others where others.person_id = ${nameWords.personId} and others.word >= ${start} and others.word < ${afterAll(start)})`

/** One person of the roll; undefined where there is none whom the officer may see. */
export async function findPerson(
  { store: { read } }: Pick<App, 'store'>,
  id: string,
  where: SQL | undefined,
): Promise<Person | undefined> {
  const [person] = await read
    .select()
    .from(read.people)
    .where(and(eq(read.people.id, id), where))
  return person
}
