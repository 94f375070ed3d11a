import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { proof } from '#app/proof'

const ownRows = 500
const otherUsers = 50

const { bare, sample } = proof.row

/** Inserts the rows of one user in one transaction and returns their ids. */
async function insertRows(sql: Sql, userId: string): Promise<string[]> {
  const ids = Array.from({ length: ownRows }, () => randomUUID())
  await sql.begin((tx) =>
    ids.map((id, number) =>
      tx.unsafe(bare.insert, bare.insertParameters(id, userId, sample(number)) as never[], { prepare: true }),
    ),
  )
  return ids
}

/** Rows of other users, so that an index has something to do. */
async function insertOthers(sql: Sql): Promise<void> {
  for (let number = 0; number < otherUsers; number += 1) {
    const id = randomUUID()
    await sql`insert into "user" (id, name, email) values (${id}, 'Other', ${`${id}@example.com`})`
    await insertRows(sql, id)
  }
}

/** Rows of this user among those of others; returns the ids of its own. */
export async function seedRows(sql: Sql, userId: string): Promise<string[]> {
  await insertOthers(sql)
  const ids = await insertRows(sql, userId)
  await sql`vacuum analyze`
  return ids
}
