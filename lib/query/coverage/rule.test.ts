import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '#lib/core/durations.ts'
import { draws } from '#simulator/core/random.ts'
import {
  daysOfHole,
  type Evidence,
  exportFor,
  type ImportSpan,
  incompleteDays,
  knownTimes,
  type SeenPoll,
  statesOfDays,
} from './rule.ts'

const at = (text: string) => new Date(`${text}Z`)

/** A poll with the window of plays that it saw. */
function poll(time: string, oldest: string | null, newest: string | null, overlapped: boolean | null): SeenPoll {
  return {
    at: at(time),
    oldest: oldest === null ? null : at(oldest),
    newest: newest === null ? null : at(newest),
    overlapped,
  }
}

const span = (source: ImportSpan['source'], from: string, to: string): ImportSpan => ({
  source,
  from: at(from),
  to: at(to),
})

const known = (evidence: Partial<Evidence>) => knownTimes({ polls: [], imports: [], plays: null, ...evidence })

const holes = (evidence: Partial<Evidence>) =>
  known(evidence).holes.map(
    ({ from, to, cause }) => `${from.toISOString().slice(0, 16)} ${to.toISOString().slice(0, 16)} ${cause}`,
  )

/** The states of days as "12 covered". */
function states(evidence: Partial<Evidence>, from: string, to: string, { zone = 'UTC', heard = [] as string[] } = {}) {
  return statesOfDays(known(evidence), { range: { from, to }, zone, heard: new Set(heard) }).map(
    ({ day, state }) => `${day.slice(8)} ${state}`,
  )
}

/** Polled on 10 May, then lost 3 hours of 12 May. */
const WITH_HOLE = [
  poll('2026-05-10T12:00', '2026-05-10T08:00', '2026-05-10T11:55', null),
  poll('2026-05-12T09:00', '2026-05-10T11:00', '2026-05-12T08:50', true),
  poll('2026-05-12T14:00', '2026-05-12T12:00', '2026-05-12T13:58', false),
  poll('2026-05-13T10:00', '2026-05-12T13:00', '2026-05-13T09:58', true),
]

describe('polls', () => {
  test('one that overlaps the one before proves that nothing is missing, even after a pause of weeks', () => {
    const polls = [
      poll('2026-05-01T12:00', '2026-04-28T08:00', '2026-05-01T11:00', null),
      poll('2026-05-29T12:00', '2026-05-01T11:00', '2026-05-29T11:00', true),
    ]
    expect(holes({ polls })).toEqual([])
    expect(known({ polls })).toMatchObject({ since: at('2026-04-28T08:00'), until: at('2026-05-29T12:00') })
  })

  test('one that doesn’t leaves a hole from the poll before to its oldest play', () => {
    expect(holes({ polls: WITH_HOLE })).toEqual(['2026-05-12T09:00 2026-05-12T12:00 missed plays'])
  })

  test('a clock ahead of Spotify’s hides no hole', () => {
    const polls = [
      poll('2026-05-12T23:00', '2026-05-12T08:00', '2026-05-12T09:00', null),
      poll('2026-05-12T23:30', '2026-05-12T12:00', '2026-05-12T13:00', false),
    ]
    expect(holes({ polls })).toEqual(['2026-05-12T09:00 2026-05-12T12:00 missed plays'])
  })

  test('one without plays proves nothing once there were some', () => {
    const polls = [
      poll('2026-05-12T09:00', '2026-05-12T06:00', '2026-05-12T08:50', null),
      poll('2026-05-12T11:00', null, null, null),
      poll('2026-05-12T14:00', '2026-05-12T12:00', '2026-05-12T13:58', false),
    ]
    expect(holes({ polls })).toEqual(['2026-05-12T09:00 2026-05-12T12:00 missed plays'])
    expect(known({ polls: polls.slice(0, 2) }).until).toEqual(at('2026-05-12T09:00'))
  })

  test('those of an account that never played anything show that until plays are lost', () => {
    const empty = [poll('2026-05-10T12:00', null, null, null), poll('2026-05-11T12:00', null, null, null)]
    expect(
      holes({ polls: [...empty, poll('2026-05-12T12:00', '2026-05-12T09:00', '2026-05-12T11:00', null)] }),
    ).toEqual([])
    expect(
      holes({ polls: [...empty, poll('2026-05-12T12:00', '2026-05-12T09:00', '2026-05-12T11:00', false)] }),
    ).toEqual(['2026-05-11T12:00 2026-05-12T09:00 missed plays'])
  })
})

describe('imports', () => {
  test.each(['spotify-extended', 'spotify-account'] as const)(
    '%s fills a hole inside a day, until it is undone',
    (source) => {
      const imports = [span(source, '2025-06-01T10:00', '2026-05-12T23:00')]
      expect(holes({ polls: WITH_HOLE, imports })).toEqual([])
      const heard = ['2026-05-12']
      expect(states({ polls: WITH_HOLE, imports }, '2026-05-12', '2026-05-12', { heard })).toEqual(['12 covered'])
      expect(states({ polls: WITH_HOLE }, '2026-05-12', '2026-05-12', { heard })).toEqual(['12 likely hole'])
    },
  )

  test('what ends within a hole leaves the rest of it, unless that is the pause between two songs', () => {
    const until = (to: string) =>
      holes({ polls: WITH_HOLE, imports: [span('spotify-extended', '2020-01-01T10:00', to)] })
    expect(until('2026-05-12T10:30')).toEqual(['2026-05-12T10:30 2026-05-12T12:00 missed plays'])
    expect(until('2026-05-12T11:50')).toEqual([])
  })

  test('two that overlap cover what either does, in any order', () => {
    const imports = [
      span('spotify-account', '2026-01-01T10:00', '2026-05-20T10:00'),
      span('spotify-extended', '2015-03-01T10:00', '2026-02-01T10:00'),
    ]
    expect(holes({ polls: WITH_HOLE, imports })).toEqual([])
    expect(known({ polls: WITH_HOLE, imports: imports.toReversed() })).toEqual(known({ polls: WITH_HOLE, imports }))
    expect(known({ imports }).since).toEqual(at('2015-03-01T10:00'))
  })

  test('files of one export continue one another over weeks of silence, but a missing year is a hole', () => {
    const imports = [
      span('spotify-extended', '2019-01-01T10:00', '2019-12-20T10:00'),
      span('spotify-extended', '2020-01-10T10:00', '2020-12-31T10:00'),
      span('spotify-extended', '2022-01-01T10:00', '2022-12-31T10:00'),
    ]
    expect(holes({ imports })).toEqual(['2020-12-31T10:00 2022-01-01T10:00 not synced'])
  })

  test('one that ends shortly before the first synced play continues in it', () => {
    const until = (to: string) =>
      holes({ polls: WITH_HOLE.slice(0, 2), imports: [span('spotify-extended', '2016-01-01T10:00', to)] })
    expect(until('2026-05-09T20:00')).toEqual([])
    expect(until('2026-04-20T20:00')).toEqual(['2026-04-20T20:00 2026-05-10T08:00 not synced'])
  })

  test('of another tracker, one covers nothing', () => {
    const imports = [span('lastfm', '2026-05-01T10:00', '2026-05-12T11:00')]
    expect(holes({ polls: WITH_HOLE, imports })).toEqual([
      '2026-05-01T10:00 2026-05-10T08:00 import only',
      '2026-05-12T09:00 2026-05-12T11:00 import only',
      '2026-05-12T11:00 2026-05-12T12:00 missed plays',
    ])
  })
})

describe('days', () => {
  test('are covered, silent, likely holes, before the first data or not synced yet', () => {
    const evidence = { polls: WITH_HOLE }
    expect(states(evidence, '2026-05-09', '2026-05-15', { heard: ['2026-05-10', '2026-05-12', '2026-05-13'] })).toEqual(
      [
        '09 before the first data',
        '10 covered',
        '11 nothing heard',
        '12 likely hole',
        '13 covered',
        '14 not synced yet',
        '15 not synced yet',
      ],
    )
  })

  test('are those of the zone: a hole of an evening is on the next day in India', () => {
    const polls = [
      poll('2026-05-12T17:00', '2026-05-12T06:00', '2026-05-12T16:50', null),
      poll('2026-05-12T22:00', '2026-05-12T19:00', '2026-05-12T21:58', false),
    ]
    expect(states({ polls }, '2026-05-12', '2026-05-13', { heard: ['2026-05-12'] })[0]).toBe('12 likely hole')
    expect(states({ polls }, '2026-05-12', '2026-05-13', { zone: 'Asia/Kolkata', heard: ['2026-05-12'] })).toEqual([
      '12 likely hole',
      '13 likely hole',
    ])
    // 17:00 UTC is 22:30 in India; an hour and a half later that day has ended there.
    const later = [polls[0] as SeenPoll, poll('2026-05-12T22:00', '2026-05-12T21:00', '2026-05-12T21:58', false)]
    expect(daysOfHole({ from: at('2026-05-12T18:30'), to: at('2026-05-12T21:00') }, 'Asia/Kolkata')).toEqual({
      from: '2026-05-13',
      to: '2026-05-13',
    })
    expect(incompleteDays(known({ polls: later }), 'Asia/Kolkata')).toEqual([{ from: '2026-05-12', to: '2026-05-13' }])
  })

  test('a hole that ends at midnight is not on the next day, also when clocks change', () => {
    // Berlin has 23 hours on 29 March and 25 on 25 October 2026.
    for (const [from, to, day] of [
      ['2026-03-28T23:00', '2026-03-29T22:00', '2026-03-29'],
      ['2026-10-24T22:00', '2026-10-25T23:00', '2026-10-25'],
    ] as const)
      expect(daysOfHole({ from: at(from), to: at(to) }, 'Europe/Berlin')).toEqual({ from: day, to: day })
  })

  test('a poll across midnight covers both days', () => {
    const polls = [
      poll('2026-05-12T23:50', '2026-05-12T20:00', '2026-05-12T23:48', null),
      poll('2026-05-13T00:20', '2026-05-12T20:30', '2026-05-13T00:18', true),
    ]
    expect(states({ polls }, '2026-05-12', '2026-05-13', { heard: ['2026-05-12', '2026-05-13'] })).toEqual([
      '12 covered',
      '13 covered',
    ])
  })

  test('of a listener without polls and imports are before the first data', () => {
    expect(states({}, '2026-05-12', '2026-05-13')).toEqual(['12 before the first data', '13 before the first data'])
  })

  test('with plays of which no poll is kept are likely holes', () => {
    const plays = { first: at('2026-05-11T10:00'), last: at('2026-05-13T10:00') }
    expect(states({ plays }, '2026-05-10', '2026-05-14', { heard: ['2026-05-11'] })).toEqual([
      '10 before the first data',
      '11 likely hole',
      '12 likely hole',
      '13 likely hole',
      '14 not synced yet',
    ])
  })

  test('only another tracker knows are marked, but a hole beside it is a hole', () => {
    const imports = [span('listenbrainz', '2026-05-08T10:00', '2026-05-12T11:00')]
    expect(states({ polls: WITH_HOLE, imports }, '2026-05-08', '2026-05-12')).toEqual([
      '08 import only',
      '09 import only',
      '10 import only',
      '11 nothing heard',
      '12 likely hole',
    ])
  })

  test('with holes next to each other are one range', () => {
    const polls = [
      ...WITH_HOLE,
      poll('2026-05-14T09:00', '2026-05-13T23:00', '2026-05-14T08:00', false),
      poll('2026-05-20T09:00', '2026-05-20T03:00', '2026-05-20T08:00', false),
    ]
    expect(incompleteDays(known({ polls: polls.slice(0, 5) }), 'UTC')).toEqual([
      { from: '2026-05-12', to: '2026-05-13' },
    ])
    expect(incompleteDays(known({ polls }), 'UTC')).toEqual([{ from: '2026-05-12', to: '2026-05-20' }])
  })
})

test('account data is advised as long as it reaches back far enough', () => {
  const now = at('2026-11-30T12:00')
  expect(exportFor({ from: at('2026-05-12T09:00') }, now)).toBe('spotify-account')
  expect(exportFor({ from: at('2025-12-05T09:00') }, now)).toBe('spotify-extended')
})

/** Polls of a month, of which some lost plays, and some saw none. */
function randomPolls(next: () => number): SeenPoll[] {
  const polls: SeenPoll[] = []
  let time = at('2026-05-01T00:00').getTime()
  for (let count = Math.floor(next() * 40); count > 0; count--) {
    const before = time
    time += (next() < 0.2 ? 3 * DAY : HOUR) * next() + MINUTE
    const isEmpty = next() < 0.15
    const isMissing = polls.some(({ newest }) => newest) && next() < 0.3
    const oldest = isMissing ? before + (time - before) * next() : before - 2 * HOUR
    polls.push({
      at: new Date(time),
      oldest: isEmpty ? null : new Date(oldest),
      newest: isEmpty ? null : new Date(Math.max(oldest, time - MINUTE)),
      overlapped: isEmpty ? null : polls.some(({ newest }) => newest) ? !isMissing : null,
    })
  }
  return polls
}

test('polls that overlap the one before make no difference, except for the last', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const polls = randomPolls(draws(seed))
    const proof = polls.findLast(({ newest }) => newest)
    const bounding = polls.filter((one, index) => {
      const isHole = one.overlapped === false
      const nextHole = polls.slice(index + 1).find(({ newest }) => newest)
      return index === 0 || isHole || one === proof || index === polls.length - 1 || nextHole?.overlapped === false
    })
    expect(knownTimes({ polls: bounding, imports: [], plays: null }), `seed ${seed}`).toEqual(
      knownTimes({ polls, imports: [], plays: null }),
    )
  }
})

test('an import only ever fills holes, and undoing it brings them back', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const next = draws(seed)
    const polls = randomPolls(next)
    if (polls.length === 0) continue
    const from = at('2026-04-20T00:00').getTime() + next() * 30 * DAY
    const imports = [span('spotify-extended', new Date(from).toISOString().slice(0, -1), '2026-07-01T00:00')]
    const before = known({ polls }).holes
    const filled = known({ polls, imports }).holes.filter(({ cause }) => cause === 'missed plays')
    for (const hole of filled)
      expect(
        before.some((one) => one.from <= hole.from && hole.to <= one.to),
        `seed ${seed}`,
      ).toBe(true)
    expect(filled.every((hole) => hole.to.getTime() <= from)).toBe(true)
    expect(known({ polls }).holes).toEqual(before)
  }
})
