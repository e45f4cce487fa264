import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { MINUTE, pause } from '#lib/core/clock.ts'
import { type Simulator, startSimulator } from '#simulator/simulator.ts'
import { eventually } from '#testing/eventually.ts'
import { extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { zipOf } from '#testing/exports/zip.ts'
import { killAtRandom, type Victim } from '#testing/instances/crashes.ts'
import { removeTestFolder, testFolder } from '#testing/instances/instance.ts'
import { ManagedInstance } from '#testing/instances/managed-instance.ts'
import { readProgress, waitUntilIdle } from '#testing/instances/progress.ts'
import { PROCESSES, realDatabaseUrl, realSettings, SPOTIFY_APP } from '#testing/instances/real-instance.ts'
import { signIn, Visitor } from '#testing/instances/visitor.ts'
import { withWarehouseCopy } from '#testing/instances/warehouse-copy.ts'
import { freePort } from './postgres.ts'

/**
 * Kills processes of an instance at random moments while its listener imports a history and undoes it, again and again. In
 * the end, every play is there once. CRASH_KILLS and CRASH_SEED as in crash.integration.test.ts.
 */

const KILLS = Number(process.env.CRASH_KILLS ?? 5)
const SEED = Number(process.env.CRASH_SEED ?? randomInt(1_000_000))

const PLAYS = 60_000
const POLL_EVERY_MS = 200
const LISTENER = 'load-3'

let simulator: Simulator
let instance: ManagedInstance
let visitor: Visitor
let zip: Blob

beforeAll(async () => {
  const rows = [...madePlays({ plays: PLAYS })].map((play) => extendedRow(play))
  zip = new Blob([new Uint8Array(zipOf(extendedMembers(rows)))])
  simulator = await startSimulator({ port: 0, seed: 1, admin: true, ...SPOTIFY_APP })
  instance = new ManagedInstance({
    ...realSettings(simulator.url),
    DATA_DIR: testFolder(),
    PORT: String(await freePort()),
    ENGINE_PORT: String(await freePort()),
    PLAN_EVERY: '1m',
    ENGINE_BACKOFF_MS: '200',
  })
  await instance.start()
  visitor = new Visitor(instance.origin)
  await signIn(visitor, LISTENER)
  await waitUntilIdle(databaseUrl)
})

afterAll(async () => {
  await instance.stop()
  removeTestFolder(instance.dataFolder)
  await simulator.stop()
})

const databaseUrl = () => realDatabaseUrl(instance.dataFolder)

const Imports = z.object({
  imports: z.array(z.object({ id: z.string(), state: z.string(), new: z.number(), problem: z.string().nullable() })),
})
type Import = z.infer<typeof Imports>['imports'][number]

const newest = async (): Promise<Import | undefined> => (await visitor.json('/api/imports', Imports)).imports[0]

/** Uploads the history. An upload that a kill cut off, or that another one is before, counts for nothing. */
async function upload(): Promise<void> {
  const body = new FormData()
  body.append('files', zip, 'my_spotify_data.zip')
  const url = new URL('/api/imports', instance.origin)
  await fetch(url, { method: 'POST', headers: { cookie: visitor.cookie }, body }).catch(() => undefined)
}

/** Starts an import, or undoes the one that is done. */
async function act(): Promise<void> {
  await instance.recover()
  const found = await newest().catch(() => undefined)
  if (found?.state === 'done') await visitor.request(`/api/imports/${found.id}/undo`, { method: 'POST', json: {} })
  else if (!found || ['undone', 'failed', 'cancelled'].includes(found.state)) void upload()
}

/** The process that reads an upload. */
function reader(): number | undefined {
  const web = instance.pid('web')
  try {
    const children = readdirSync(`/proc/${web}/task`).flatMap((thread) =>
      readFileSync(`/proc/${web}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    )
    return children.map(Number).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('imports/reader'))
  } catch {
    return undefined
  }
}

const VICTIMS: Victim[] = [
  ...PROCESSES.map((name) => ({ name, pid: () => instance.pid(name) })),
  { name: 'reader', pid: reader },
]

/** Waits for the end of what is going on. */
async function ended(): Promise<Import | undefined> {
  return eventually(async () => {
    await pause(POLL_EVERY_MS)
    const found = await newest().catch(() => undefined)
    return !found || ['done', 'undone', 'failed', 'cancelled'].includes(found.state) ? { found } : undefined
  }, 5 * MINUTE).then(({ found }) => found)
}

test(
  `after ${KILLS} kills at random moments of imports (seed ${SEED}) every play is there once`,
  async () => {
    const killed = await killAtRandom(
      {
        victims: VICTIMS,
        act,
        progress: async () => (await readProgress(databaseUrl))?.done,
        startAgain: () => instance.startAgain(),
        recover: () => instance.recover(),
      },
      { kills: KILLS, seed: SEED },
    )
    console.log(`killed with CRASH_SEED=${SEED}: ${killed.join(', ')}`)
    let found = await ended()
    for (let round = 0; found?.state !== 'done' && round < 3; round++) {
      // What an upload left behind when its process died is swept within two ticks.
      await eventually(async () => {
        await pause(POLL_EVERY_MS)
        await upload()
        return (await newest())?.id !== found?.id
      }, 5 * MINUTE)
      found = await ended()
    }
    expect(found).toMatchObject({ state: 'done', new: PLAYS, problem: null })
    await waitUntilIdle(databaseUrl)
    await instance.stop()
    await withWarehouseCopy(instance.dataFolder, async (warehouse) => {
      const table = warehouse.table('raw', 'imported_plays')
      const sql = `select count(*) as rows, count(distinct (played_at, uri, ms_played)) as different, count(distinct import_id) as imports from ${table}`
      expect(await warehouse.query(sql, [], { limit: 1 })).toEqual([{ rows: PLAYS, different: PLAYS, imports: 1 }])
    })
  },
  (8 + KILLS) * MINUTE,
)
