import type pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareQueue } from '#inngest/engine/worker.ts'
import { type TestDatabase, testDatabase } from '#testing/postgres/database.ts'
import { openPool } from './database.ts'
import { createRuns, endRun, holdCall, releaseCall, resumeCalls, saveCheckpoint, schedule } from './runs.ts'
import { SCHEMA } from './schema.ts'

let database: TestDatabase
let db: pg.Pool

beforeEach(async () => {
  database = await testDatabase()
  db = openPool(database.url, 4, true)
  await prepareQueue(db)
  await db.query(SCHEMA)
  await createRuns(db, [{ id: 'run', functionId: 'f', event: '{}' }])
})

afterEach(async () => {
  await db.end()
  await database.drop()
})

const due = { runId: 'run', target: 'step' }
const steps = [{ id: 'a', outcome: 'data', value: 1 } as const]

async function held(token: string) {
  const call = await holdCall(db, due, token)
  if (!call) throw new Error('no call is due')
  return call
}

test('only one engine can hold a call', async () => {
  await held('t1')
  expect(await holdCall(db, due, 't2')).toBeUndefined()
})

test('after a crash a call can be held again, and the old token is no longer valid', async () => {
  const old = await held('old')
  expect(await resumeCalls(db)).toBe(1)
  const current = await held('current')
  expect(await saveCheckpoint(db, 'run', 'old', steps)).toBe(false)
  expect(await releaseCall(db, old)).toBe(false)
  expect(await saveCheckpoint(db, 'run', 'current', steps)).toBe(true)
  expect(await releaseCall(db, current)).toBe(true)
})

test('a step that is saved twice keeps its first result', async () => {
  await held('t')
  await saveCheckpoint(db, 'run', 't', steps)
  expect(await saveCheckpoint(db, 'run', 't', [{ id: 'a', outcome: 'data', value: 2 }])).toBe(true)
  const { rows } = await db.query('select value from engine.steps')
  expect(rows).toEqual([{ value: '1' }])
})

test('steps come back in the order in which they finished', async () => {
  await held('t')
  const many = ['c', 'a', 'b'].map((id) => ({ id, outcome: 'data', value: id }) as const)
  await saveCheckpoint(db, 'run', 't', many)
  await saveCheckpoint(db, 'run', 't', steps)
  await resumeCalls(db)
  expect((await held('again')).steps.map(([id]) => id)).toEqual(['c', 'a', 'b'])
})

test('a run that has ended accepts no more results', async () => {
  const call = await held('t')
  await endRun(db, 'run', 'failed', null)
  expect(await saveCheckpoint(db, 'run', 't', steps)).toBe(false)
  expect(await releaseCall(db, call)).toBe(false)
})

test('a scheduled call has one job, which a restart replaces', async () => {
  const call = {
    runId: 'run',
    functionId: 'f',
    target: 'x',
    kind: 'call',
    attempt: 0,
    losses: 0,
    delayMs: 60_000,
  } as const
  await schedule(db, [call])
  await schedule(db, [call])
  await resumeCalls(db)
  const { rows } = await db.query('select key, run_at > now() as later from graphile_worker.jobs order by key')
  expect(rows).toEqual([
    { key: 'run:step', later: false },
    { key: 'run:x', later: true },
  ])
})
