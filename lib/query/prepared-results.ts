import { z } from 'zod'
import type { ChartResponse } from '#lib/api/charts.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { chartNames, charts } from '#lib/charts/index.ts'
import { messageOf, Stop } from '#lib/core/errors.ts'
import { log } from '#lib/core/log.ts'
import { db, Prisma } from '#lib/db.ts'
import type { SnowflakeWarehouse } from '#lib/warehouse/snowflake/snowflake.ts'
import { askWith, heldTables } from './run-query.ts'

/**
 * Where pages are served from the connected warehouse, no page view asks it: every question is asked right after a
 * load and its answer kept here, in the app database, which all instances share.
 */

const Asked = z.object({ chart: z.enum(chartNames), params: z.record(z.string(), z.string()), zone: z.string() })
type Asked = z.infer<typeof Asked>

const Kept = z.object({
  chart: z.enum(chartNames),
  rows: z.array(z.record(z.string(), z.json())),
  asOf: z.string().nullable(),
  warehouse: z.enum(['duckdb', 'snowflake']),
  params: z.record(z.string(), z.string()),
})

function keyOf({ chart, params, zone }: Asked): string {
  return `${chart} ${zone} ${JSON.stringify(params)}`
}

/**
 * The kept answer of a question; of an older load until the newer one was asked. Null: nobody asked it yet, for
 * example in a new zone. It is asked as soon as somebody loads.
 */
export async function preparedAnswer(userId: string, asked: Asked): Promise<ChartResponse | null> {
  const question = keyOf(asked)
  const kept = await db().preparedAnswer.findUnique({ where: { userId_question: { userId, question } } })
  if (!kept) await db().preparedAnswer.createMany({ data: [{ userId, question, asked }], skipDuplicates: true })
  if (!kept?.askedAt) return null
  if (kept.answer === null)
    throw new Stop('Your warehouse could not answer this question', {
      remedy: 'It is asked again with the next load; the log of the web process names the cause.',
    })
  return Kept.parse(kept.answer)
}

/** Whether a page waits for an answer. */
export async function wantsAnswers(userId: string): Promise<boolean> {
  return (await db().preparedAnswer.count({ where: { userId, askedAt: null } })) > 0
}

/** Asks every question that has no answer for the present data; one that cannot be answered does not stop the others. */
export async function prepareAnswers(userId: string, warehouse: SnowflakeWarehouse): Promise<void> {
  const user = await db().user.findUniqueOrThrow({ where: { id: userId } })
  const kept = await db().preparedAnswer.findMany({ where: { userId } })
  const fresh = new Set(kept.flatMap(({ version, question }) => (version === user.dataVersion ? question : [])))
  const zone = user.zone ?? 'UTC'
  const everything = chartNames.flatMap((chart) =>
    everyParams(charts[chart].params).map((values) => ({ chart, params: values, zone })),
  )
  const held = await heldTables(warehouse)
  for (const asked of everything.filter((question) => !fresh.has(keyOf(question)))) {
    await prepare(userId, asked, { version: user.dataVersion, asOf: user.dataAsOf, held }, warehouse)
  }
  // Questions of a zone that the listener left, or of a chart that is gone.
  const wanted = new Set(everything.map(keyOf))
  const gone = kept.map(({ question }) => question).filter((question) => !wanted.has(question))
  await db().preparedAnswer.deleteMany({ where: { userId, question: { in: gone } } })
}

async function prepare(
  userId: string,
  asked: Asked,
  { version, asOf, held }: { version: number; asOf: Date | null; held: Set<string> },
  warehouse: SnowflakeWarehouse,
): Promise<void> {
  const question = keyOf(asked)
  let rows: Record<string, unknown>[] | null = null
  try {
    rows = await askWith(warehouse, held, charts[asked.chart], asked.params, asked.zone)
  } catch (thrown) {
    if (!(thrown instanceof Stop) || thrown.context.kind === 'needs you') throw thrown
    log.error('a question could not be answered', { userId, question, problem: messageOf(thrown) })
  }
  const facts = { chart: asked.chart, asOf: asOf?.toISOString() ?? null, warehouse: 'snowflake', params: asked.params }
  const answer = rows ? Kept.parse({ ...facts, rows }) : Prisma.DbNull
  const data = { version, answer, asked, askedAt: new Date() }
  await db().preparedAnswer.upsert({
    where: { userId_question: { userId, question } },
    create: { userId, question, ...data },
    update: data,
  })
}
