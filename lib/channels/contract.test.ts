import { describe, expect, test } from 'vitest'
import { channels } from './index.ts'
import { CHANNEL_KINDS, CHANNEL_LABELS } from './kinds.ts'
import type { OutgoingMessage } from './message.ts'

// What every kind of channel promises. A new kind must pass all tests.
const NOT_ALLOWED = ['', 'somewhere', 'http://127.0.0.1/hook', 'https://localhost/hook', 'https://me:secret@[::1]/hook']

const MESSAGE: OutgoingMessage = {
  id: '01MESSAGE',
  event: 'failed',
  title: 'Liked songs: sync failed',
  at: '2026-11-20T06:00:00.000Z',
  localTime: '20 November 2026, 11:30',
  facts: {},
  problem: null,
  remedy: null,
  link: 'https://music.example/runs/01RUN',
}

describe.for(CHANNEL_KINDS)('%s', (kind) => {
  test.for(NOT_ALLOWED)('explains why it refuses the address "%s"', async (address) => {
    expect(await channels[kind].problemOf(address)).toMatch(/^[A-Z].+ .+[^.]$/)
  })

  test('never contacts this machine, and fails without naming the address', async () => {
    const sending = channels[kind].send(
      { address: 'https://127.0.0.1:9/my-topic', secret: 'whsec_c2VjcmV0' },
      MESSAGE,
      {
        unencryptedMail: false,
      },
    )
    await expect(sending).rejects.toMatchObject({ recovery: 'stop', message: expect.not.stringContaining('127.0.0.1') })
  })

  test('has texts for its form', () => {
    const { title, address, placeholder, help } = CHANNEL_LABELS[kind]
    expect([title, address, placeholder, help].filter((text) => text.trim() === '')).toEqual([])
  })
})

test('titles are unique', () => {
  expect(new Set(CHANNEL_KINDS.map((kind) => CHANNEL_LABELS[kind].title)).size).toBe(CHANNEL_KINDS.length)
})
