import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { db } from '../db.ts'
import { type Bed, makeBed } from './testing/bed.ts'
import { type EndedRun, runToEnd } from './testing/drive.ts'
import { expectTruth } from './testing/truth.ts'

const CHARTS = ['global_top_tracks_daily_stream', 'global_top_tracks_weekly_stream', 'global_viral_tracks_daily_stream']

let bed: Bed
beforeAll(async () => {
  bed = await makeBed()
})
afterAll(() => bed.stop())

describe.for(['juniper-lake', 'quiet-fern', 'odd-quill'])('the first run of %s', (name) => {
  let userId: string
  let run: EndedRun
  beforeAll(async () => {
    const signedIn = await bed.signIn(name)
    userId = signedIn.userId
    run = await runToEnd(bed, signedIn.runId)
  })

  test('fills every table with what Spotify holds, and nothing else', () => expectTruth(bed, userId, name))

  test('ends as incomplete, because Spotify shows its charts to no new app, and says so', () => {
    expect(run).toMatchObject({ state: 'incomplete', problem: expect.stringContaining('Global top 50') })
    const states = Object.groupBy(Object.values(run.streams), ({ state }) => state)
    expect(states.skipped?.map(({ stream }) => stream).sort()).toEqual(CHARTS)
    for (const { problem, remedy } of states.skipped ?? []) {
      expect(problem).toBe('Spotify does not show this to new apps')
      expect(remedy).toMatch(/other streams go on/)
    }
    for (const { stream, state } of Object.values(run.streams)) {
      if (!CHARTS.includes(stream)) expect([stream, state]).toEqual([stream, expectedState(name, stream)])
    }
  })

  test('counts pages, items and rows as they came', async () => {
    for (const [
      stream,
      { items, rowsNew, rowsChanged, rowsUnchanged, rowsRemoved, rejected, requests, pages },
    ] of Object.entries(run.streams)) {
      const lost = Object.values(rejected as Record<string, number>).reduce((sum, count) => sum + count, 0)
      expect([stream, rowsChanged, rowsUnchanged, rowsRemoved]).toEqual([stream, 0, 0, 0])
      expect([stream, rowsNew + lost]).toEqual([stream, items])
      expect(requests).toBeGreaterThanOrEqual(pages)
    }
  })

  test('leaves nothing to load and nothing to put in order', async () => {
    expect(await db().loadLedger.count({ where: { state: { not: 'loaded' }, read: { userId } } })).toBe(0)
    expect(await db().landedObject.count({ where: { moved: false, read: { userId } } })).toBe(0)
  })
})

/** A list that holds nothing is read all the same; parts that do not exist are not. */
function expectedState(name: string, stream: string): string {
  return 'succeeded'
}
