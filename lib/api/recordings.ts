import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { CountedAlike, Song } from './music.ts'

/** Songs that count as one, because they are the same recording. */

const id = z.string().min(1).max(200)

export const RecordingChange = z.object({
  trackId: id.describe('The song'),
  recordingId: id.describe('The song that it counts as, with all that count as either; the same id: by itself'),
})
export type RecordingChange = z.infer<typeof RecordingChange>

const Recording = Song.extend({
  artwork: z.string().nullable(),
  songs: z.array(CountedAlike).describe('The other songs that count as it'),
}).meta({ id: 'Recording' })
export type Recording = z.infer<typeof Recording>

const Suggestion = z.strictObject({ song: Song, recording: Song }).meta({ id: 'RecordingSuggestion' })
export type Suggestion = z.infer<typeof Suggestion>

export const RecordingsResponse = z
  .strictObject({
    recordings: z.array(Recording).describe('Played recordings of several songs, most played first; at most 100'),
    separate: z.array(Song).describe('Songs that you count by themselves, whatever their ISRC; at most 100'),
    suggestions: z
      .array(Suggestion)
      .describe('Played songs with the same title and artist that count by themselves; at most 100'),
    isRebuilding: z.boolean().describe('True until charts reflect the last change'),
    problem: z.string().nullable().describe('Why the charts could not be updated; retried automatically'),
  })
  .meta({ id: 'RecordingsResponse' })
export type RecordingsResponse = z.infer<typeof RecordingsResponse>

export const getRecordings = defineEndpoint({
  method: 'GET',
  path: '/api/recordings',
  summary: 'Songs that count as one recording, and those that may be one',
  access: { token: 'read charts' },
  limit: 'queries',
  response: RecordingsResponse,
  errors: ['no-copy'],
})

const RecordingChoices = z
  .strictObject({
    changed: z
      .array(z.strictObject({ trackId: z.string(), before: z.string().nullable() }))
      .describe('The songs whose choice has changed, with what you had chosen before, to undo it; null: nothing'),
    isRebuilding: z.boolean(),
  })
  .meta({ id: 'RecordingChoices' })
export type RecordingChoices = z.infer<typeof RecordingChoices>

const change = { path: '/api/recordings', access: 'listener', limit: 'queries', response: RecordingChoices } as const

export const chooseRecording = defineEndpoint({
  ...change,
  method: 'POST',
  summary: 'Count a song as another one, or by itself; charts follow within a minute',
  body: RecordingChange,
  errors: ['unknown-track', 'too-many-choices', 'no-copy'],
})

export const forgetRecording = defineEndpoint({
  ...change,
  method: 'DELETE',
  summary: 'Forget your choice about a song, so it counts by its ISRC again',
  body: RecordingChange.pick({ trackId: true }),
  errors: ['no-copy'],
})
