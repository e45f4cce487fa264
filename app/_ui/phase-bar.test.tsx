import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { PhaseBar, type StreamProgress } from './phase-bar.tsx'

const FETCHING: StreamProgress = {
  state: 'running',
  phase: 'extracting',
  percent: 31,
  expectedItems: 50,
  landedItems: 50,
  pastDays: null,
}

function drawn(progress: Partial<StreamProgress>): string {
  const html = renderToStaticMarkup(<PhaseBar title="Top songs" progress={{ ...FETCHING, ...progress }} />)
  const [, text, tone, width] = /aria-valuetext="([^"]*)".*data-tone="(\w+)".*width:(\d+)%/.exec(html) ?? []
  return `${text}: ${tone}, ${width}%`
}

test('a stream in progress is as full as what is done', () => {
  expect(drawn({ phase: 'queued', state: 'queued', percent: 0 })).toBe('queued: queued, 0%')
  expect(drawn({ landedItems: 20 })).toBe('fetching, 20 of 50: running, 31%')
  expect(drawn({ pastDays: { done: 12, total: 30 }, landedItems: 650 })).toBe('past days, 12 of 30: running, 31%')
  expect(drawn({ phase: 'loading', percent: 95 })).toBe('saving: running, 95%')
  expect(drawn({ state: 'waiting' })).toBe('waiting: waiting, 31%')
})

test('an ended stream shows how it ended', () => {
  const ended = { phase: 'done', percent: 100 } as const
  expect(drawn({ ...ended, state: 'succeeded' })).toBe('50 items: succeeded, 100%')
  expect(drawn({ ...ended, state: 'nothing new', landedItems: 0 })).toBe('nothing new: succeeded, 100%')
  expect(drawn({ ...ended, state: 'failed', landedItems: 20 })).toBe('20 items: failed, 40%')
  expect(drawn({ ...ended, state: 'incomplete', landedItems: 20 })).toBe('20 items: incomplete, 40%')
  expect(drawn({ ...ended, state: 'cancelled', landedItems: 0 })).toBe('canceled: queued, 0%')
  expect(drawn({ ...ended, state: 'skipped', landedItems: 0 })).toBe('skipped: skipped, 100%')
})

test('the text does not repeat the state that is shown beside it', () => {
  const shown = (progress: Partial<StreamProgress>) =>
    renderToStaticMarkup(<PhaseBar title="Top songs" progress={{ ...FETCHING, ...progress }} hasBadge />)
  const ended = { phase: 'done', percent: 100 } as const
  expect(shown({ ...ended, state: 'nothing new', landedItems: 0 })).not.toContain('>nothing new<')
  expect(shown({ ...ended, state: 'succeeded' })).toContain('>50 items<')
})
