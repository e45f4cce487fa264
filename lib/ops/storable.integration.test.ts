import { expect, test } from 'vitest'
import { db, Prisma } from '#lib/db.ts'
import { migratedDatabase } from '#testing/postgres/database.ts'

const ODD = 'Nul\0here, half of \ud83c'
const STORED = 'Nul\ufffdhere, half of \ufffd'

test('replaces characters that Postgres cannot store by U+FFFD', async ({ onTestFinished }) => {
  const database = await migratedDatabase()
  process.env.DATABASE_URL = database.url
  onTestFinished(async () => {
    await db().$disconnect()
    await database.drop()
  })
  const { id } = await db().user.create({ data: { name: ODD } })
  const bookmark = { userId: id, stream: ODD, name: 'part', value: { [ODD]: [ODD, 'a \\u0000 that was typed', '🌊'] } }
  await db().$transaction((tx) => tx.bookmark.create({ data: bookmark }))
  await db().apiToken.create({
    data: { id: 'token', userId: id, name: 'token', tokenHash: 'hash', scopes: ['Nul\0here'], endsAt: new Date() },
  })
  await db().$executeRaw`update "User" set zone = ${ODD} where id = ${id}`
  await db().$executeRaw(Prisma.sql`update "Run" set problem = ${ODD}`)

  const user = await db().user.findFirstOrThrow({ where: { name: ODD }, include: { tokens: true } })
  expect([user.name, user.zone, user.tokens[0]?.scopes]).toEqual([STORED, STORED, ['Nul\ufffdhere']])
  const stored = await db().bookmark.findFirstOrThrow({ where: { userId: id, stream: ODD } })
  expect(stored.value).toEqual({ [STORED]: [STORED, 'a \\u0000 that was typed', '🌊'] })
})
