import { expect } from 'vitest'
import { connectListener } from '#lib/accounts/connect.ts'
import { MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { saveApp } from '#lib/quota/app-credentials.ts'
import { cancelRun, type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { streamNamed } from '#lib/streams/index.ts'
import { streamTable } from '#lib/streams/stream.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import { expectEveryPlay, expectSavedHistory, expectSavedTracks, tableLines } from './expected.ts'
import type { Harness } from './harness.ts'
import { alignQueuedAt, runToEnd } from './run-jobs.ts'

/** Listeners who keep using Spotify while something is broken. */

export const SAVED = 'user_saved_tracks_stream'
export const PLAYS = 'user_recently_played_stream'
export const TOP = 'user_top_tracks_st_stream'
export const NAMES = [SAVED, PLAYS, TOP]

export interface Person {
  name: string
  userId: string
}

const OWN_APP = { clientId: 'c'.repeat(32), clientSecret: 'd'.repeat(32) }

/** A listener who just signed in and hasn't been synced. Only the test orders runs. */
export async function newListener(harness: Harness, name: string): Promise<Person> {
  const { userId, runId } = await harness.signIn(name)
  await db().schedule.updateMany({ where: { userId }, data: { paused: true } })
  await cancelRun(runId)
  return { name, userId }
}

/** A listener who has been synced before. */
export async function syncedListener(harness: Harness, name: string): Promise<Person> {
  const person = await newListener(harness, name)
  const run = await orderRun(person.userId, 'manual', { names: NAMES })
  expect((await runToEnd(harness, run?.id ?? '')).state).toBe('succeeded')
  return person
}

/** Switches a listener to a Spotify app of another developer. */
export async function switchToOwnApp(harness: Harness, { name, userId }: Person): Promise<void> {
  await harness.configure({ apps: { [OWN_APP.clientId]: { clientSecret: OWN_APP.clientSecret } } })
  const { id: appId } = await saveApp(OWN_APP, { developerAccount: null, ownerId: userId })
  const profile = { accountId: `account-${name}`, userId: name, name, image: null }
  await connectListener(userId, profile, await harness.grant(name, OWN_APP.clientId), { appId, byDefault: false })
  await db().schedule.updateMany({ where: { userId }, data: { paused: true } })
}

/** Ten minutes pass: plays, a like, and an unlike far down the list, so that the list has to be read in full. */
export async function simulateActivity(harness: Harness, all: Person[]): Promise<void> {
  await harness.setTime(new Date(harness.now().getTime() + 10 * MINUTE))
  for (const { name: listener } of all) {
    await harness.configure({
      changes: [
        { what: 'play', listener, count: 8 },
        { what: 'unlike', listener, position: 70 },
        { what: 'like', listener },
      ],
    })
  }
}

/** Orders a run for each listener. @returns the ids of the runs by listener, and the jobs to run */
export async function startRuns(
  harness: Harness,
  all: Person[],
): Promise<{ runs: Map<Person, string>; requests: StreamRequest[] }> {
  const runs = new Map<Person, string>()
  const requests: StreamRequest[] = []
  for (const person of all) {
    const run = await orderRun(person.userId, 'manual', { names: NAMES })
    if (!run) throw new Error('There was nothing to run')
    runs.set(person, run.id)
    await alignQueuedAt(harness, run.id)
    requests.push(...(await takeStartable(run.id)))
  }
  return { runs, requests }
}

/** Nothing is lost or duplicated, in the tables or in the counts of the runs. */
export async function expectComplete(harness: Harness, { name, userId }: Person): Promise<void> {
  await expectSavedTracks(harness, userId, name)
  await expectSavedHistory(harness, userId)
  await expectEveryPlay(harness, userId, name)
  expect(await db().poll.count({ where: { userId, overlapped: false } })).toBe(0)
  const top = await harness.expected(name, 'top-tracks', { range: 'short_term' })
  const held = await harness.tableRows(userId, TOP, 'rank, uri')
  expect(held.sort((a, b) => Number(a.rank) - Number(b.rank)).map(({ uri }) => uri)).toEqual(top.map(({ uri }) => uri))
  for (const stream of NAMES) {
    const { _sum } = await db().streamRun.aggregate({
      where: { userId, stream },
      _sum: { rowsNew: true, rowsRemoved: true },
    })
    const rows = await tableLines(harness, userId, streamTable(streamNamed(stream)).name, ['1'])
    expect([stream, (_sum.rowsNew ?? 0) - (_sum.rowsRemoved ?? 0)]).toEqual([stream, rows.length])
  }
}
