import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { MAX_UPLOAD } from './limits.ts'
import { EXPORT_KINDS, IMPORT_MEMBER_STATES, IMPORT_STATES } from './lists.ts'
import { problem, Time } from './shapes.ts'

/** Imports: files that a listener exported elsewhere, and what happened to their rows. */

const count = z.int().min(0)
const rejected = z.record(z.string(), count).describe('Rows that were not imported, by reason')

/** Of each row read: it was new, is the same play as one from a sync, was already imported, or was rejected. */
const receipt = { read: count, new: count, paired: count, duplicate: count, rejected }

const ImportQuestion = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('zone'), file: z.string() }),
    z.strictObject({
      kind: z.literal('chart'),
      position: count,
      file: z.string(),
      chart: z.string().nullable().describe('What the file’s name says'),
      day: z.string().nullable(),
    }),
    z.strictObject({ kind: z.literal('owner'), plays: count, matching: count }),
  ])
  .meta({
    id: 'ImportQuestion',
    description:
      '`zone`: the times in the file have no time zone. `chart`: the file doesn’t say which chart it is or which day it covers. `owner`: it has few of the plays that Tracklake synced in the time it covers, so it may be somebody else’s.',
  })
export type ImportQuestion = z.infer<typeof ImportQuestion>

const chart = z
  .string()
  .regex(/^[a-z0-9-]{1,100}$/, 'Use the name from the chart’s address, such as regional-global-weekly')
const day = z.iso.date().describe('The last day that it covers')

export const ImportReply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('zone'), zone: z.string().min(1).max(64).describe('For example Europe/Berlin') }),
  z.object({
    kind: z.literal('chart'),
    position: count.describe('Of the question'),
    chart,
    day,
  }),
  z.object({ kind: z.literal('owner') }).describe('It is the listener’s own. If it isn’t, cancel the import'),
])
/** Which chart of which day a playlist is a copy of. */
export const ChartPlaylist = z.object({ playlist: z.string().min(1).max(64).describe('Its Spotify id'), chart, day })
export type ChartPlaylist = z.infer<typeof ChartPlaylist>

export type ImportReply = z.infer<typeof ImportReply>

const overview = {
  id: z.string(),
  names: z.array(z.string()).describe('Of the uploaded files'),
  state: z.enum(IMPORT_STATES),
  question: ImportQuestion.nullable(),
  removing: z.boolean().describe('It is being canceled or undone'),
  progress: z
    .strictObject({ done: count, total: count, secondsLeft: count.nullable() })
    .describe('Bytes read; `total` is 0 while that isn’t known'),
  ...receipt,
  ...problem,
  createdAt: Time,
  endedAt: Time.nullable(),
}

const ImportOverview = z.strictObject(overview).meta({ id: 'ImportOverview' })
export type ImportOverview = z.infer<typeof ImportOverview>

const ImportMember = z
  .strictObject({
    file: z.string().describe('The uploaded file'),
    name: z.string().describe('Its member if it is a zip; otherwise the same'),
    kind: z.enum(EXPORT_KINDS).nullable().describe('Null if it was not recognized'),
    state: z.enum(IMPORT_MEMBER_STATES),
    ...receipt,
    problem: z.string().nullable().describe('Why it was skipped or refused'),
  })
  .meta({ id: 'ImportMember' })
export type ImportMember = z.infer<typeof ImportMember>

export const ImportDetails = z
  .strictObject({ ...overview, members: z.array(ImportMember) })
  .meta({ id: 'ImportDetails' })
export type ImportDetails = z.infer<typeof ImportDetails>

export const ImportsResponse = z.strictObject({ imports: z.array(ImportOverview) }).meta({ id: 'ImportsResponse' })
export type ImportsResponse = z.infer<typeof ImportsResponse>

const NewImport = z.strictObject({ id: z.string() }).meta({ id: 'NewImport' })

const scope = { access: { token: 'start imports' } } as const
const own = { ...scope, visibleTo: 'owner', response: ImportDetails } as const
const change = { ...own, method: 'POST', limit: 'orders' } as const

export const startImport = defineEndpoint({
  method: 'POST',
  path: '/api/imports',
  summary: `Import files exported from Spotify or another service: zips or the files in them, ${MAX_UPLOAD.megabytes} MB in total`,
  ...scope,
  upload: true,
  body: z.object({
    files: z
      .array(z.string().meta({ format: 'binary' }))
      .min(1)
      .max(MAX_UPLOAD.files),
  }),
  maxBodyBytes: MAX_UPLOAD.megabytes * 1024 * 1024,
  bodyDeadlineMs: MAX_UPLOAD.deadlineMs,
  limit: 'orders',
  response: NewImport,
  statuses: [202],
  errors: [
    'no-files',
    'too-many-files',
    'cut-upload',
    'not-multipart',
    'length-required',
    'import-open',
    'no-copy',
    'being-deleted',
    'disk-full',
  ],
})

export const importChartPlaylist = defineEndpoint({
  method: 'POST',
  path: '/api/chart-playlists',
  summary: 'Import one of your playlists as the chart it is a copy of, as an import that can be undone',
  ...scope,
  body: ChartPlaylist,
  limit: 'orders',
  response: NewImport,
  statuses: [202],
  errors: ['unknown-playlist', 'no-chart', 'import-open', 'no-copy', 'being-deleted'],
})

export const getImports = defineEndpoint({
  method: 'GET',
  path: '/api/imports',
  summary: 'Your last 50 imports, newest first',
  ...scope,
  response: ImportsResponse,
})

export const getImport = defineEndpoint({
  ...own,
  method: 'GET',
  path: '/api/imports/[id]',
  summary: 'An import with its files',
  errors: ['unknown-import'],
})

export const replyToImport = defineEndpoint({
  ...change,
  path: '/api/imports/[id]/answer',
  summary: 'Answer the question an import is waiting on',
  body: ImportReply,
  errors: ['unknown-import', 'no-question'],
})

export const cancelImport = defineEndpoint({
  ...change,
  path: '/api/imports/[id]/cancel',
  summary: 'Stop an import and remove what it has added so far',
  errors: ['unknown-import', 'import-over'],
})

export const undoImport = defineEndpoint({
  ...change,
  path: '/api/imports/[id]/undo',
  summary: 'Remove everything an import added',
  errors: ['unknown-import', 'not-imported', 'import-open', 'no-copy'],
})

export const getRejectedRows = defineEndpoint({
  method: 'GET',
  path: '/api/imports/[id]/rejected.csv',
  summary: 'The rows of an import that were not imported, with the reasons; at most 10,000',
  ...scope,
  visibleTo: 'owner',
  limit: 'downloads',
  response: z.unknown(),
  files: ['text/csv; charset=utf-8'],
  errors: ['unknown-import'],
})
