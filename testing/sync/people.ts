import { expect } from 'vitest'
import { connectListener } from '#lib/accounts/connect.ts'
import { MINUTE } from '#lib/core/clock.ts'
import { db } from '#lib/db.ts'
import { saveApp } from '#lib/quota/app-credentials.ts'
import { cancelRun, type StreamRequest, takeStartable } from '#lib/runs/runs.ts'
import { orderRun } from '#lib/sync/order-run.ts'
import { expectEveryPlay, expectSavedHistory, expectSavedTracks, tableLines } from './expected.ts'
import type { Bed } from './harness.ts'
import { runToEnd, startAt } from './run-jobs.ts'

/** Listeners whose life goes on while something is wrong with the world. */

export const SAVED = 'user_saved_tracks_stream'
export const PLAYS = 'user_recently_played_stream'
export const TOP = 'user_top_tracks_st_stream'
export const NAMES = [SAVED, PLAYS, TOP]

export interface Person {
  name: string
  userId: string
}

const OWN_APP = { clientId: 'c'.repeat(32), clientSecret: 'd'.repeat(32) }

/** Somebody who just signed in, and of whom nothing was read yet. The tests order every run. */
export async function newcomer(bed: Bed, name: string): Promise<Person> {
  const { userId, runId } = await bed.signIn(name)
  await db().schedule.updateMany({ where: { userId }, data: { paused: true } })
  await cancelRun(runId)
  return { name, userId }
}

/** Somebody of whom everything was read before. */
export async function oldHand(bed: Bed, name: string): Promise<Person> {
  const person = await newcomer(bed, name)
  const run = await orderRun(person.userId, 'manual', { names: NAMES })
  expect((await runToEnd(bed, run?.id ?? '')).state).toBe('succeeded')
  return person
}

/** From now on the person's requests go through a Spotify app of another developer. */
export async function takeOwnApp(bed: Bed, { name, userId }: Person): Promise<void> {
  await bed.order({ apps: { [OWN_APP.clientId]: { clientSecret: OWN_APP.clientSecret } } })
  const { id: appId } = await saveApp(OWN_APP, { developerAccount: null, ownerId: userId })
  const profile = { accountId: `account-${name}`, userId: name, name, image: null }
  await connectListener(userId, profile, await bed.grant(name, OWN_APP.clientId), { appId, byDefault: false })
  await db().schedule.updateMany({ where: { userId }, data: { paused: true } })
}

/** Ten minutes pass: songs are played, one is liked, and one far down no longer, so that the list has to be read whole. */
export async function lifeGoesOn(bed: Bed, all: Person[]): Promise<void> {
  await bed.moveTo(new Date(bed.at().getTime() + 10 * MINUTE))
  for (const { name: listener } of all) {
    await bed.order({
      changes: [
        { what: 'play', listener, count: 8 },
        { what: 'unlike', listener, place: 70 },
        { what: 'like', listener },
      ],
    })
  }
}

/** A run of every person, begun. @returns the runs' ids by person, and what to drive */
export async function beginRuns(
  bed: Bed,
  all: Person[],
): Promise<{ runs: Map<Person, string>; requests: StreamRequest[] }> {
  const runs = new Map<Person, string>()
  const requests: StreamRequest[] = []
  for (const person of all) {
    const run = await orderRun(person.userId, 'manual', { names: NAMES })
    if (!run) throw new Error('There was nothing to run')
    runs.set(person, run.id)
    await startAt(bed, run.id)
    requests.push(...(await takeStartable(run.id)))
  }
  return { runs, requests }
}

/** Nothing is lost and nothing is doubled: not in the tables, not in what was counted. */
export async function expectWhole(bed: Bed, { name, userId }: Person): Promise<void> {
  await expectSavedTracks(bed, userId, name)
  await expectSavedHistory(bed, userId)
  await expectEveryPlay(bed, userId, name)
  expect(await db().poll.count({ where: { userId, overlapped: false } })).toBe(0)
  const top = await bed.truth(name, 'top-tracks', { range: 'short_term' })
  const held = await bed.tableRows(userId, TOP, 'rank, uri')
  expect(held.sort((a, b) => Number(a.rank) - Number(b.rank)).map(({ uri }) => uri)).toEqual(top.map(({ uri }) => uri))
  for (const stream of NAMES) {
    const { _sum } = await db().streamRun.aggregate({
      where: { userId, stream },
      _sum: { rowsNew: true, rowsRemoved: true },
    })
    const rows = await tableLines(bed, userId, stream, ['1'])
    expect([stream, (_sum.rowsNew ?? 0) - (_sum.rowsRemoved ?? 0)]).toEqual([stream, rows.length])
  }
}
