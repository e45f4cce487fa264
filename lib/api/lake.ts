import { z } from 'zod'
import { SCHEMAS } from '#lib/core/table.ts'
import { defineEndpoint } from './endpoint.ts'
import { CHECK_STATES, LAKE_CREDENTIALS, LAKE_STATES } from './lists.ts'
import { problem, Time } from './shapes.ts'

/** The lake: a listener's tables as Parquet and CSV files, in a folder and in an S3 bucket of their own. */

const LakeBucket = z
  .strictObject({
    name: z.string(),
    prefix: z.string().describe('Without slashes around it; empty for the whole bucket'),
    region: z.string(),
    credentials: z.enum(LAKE_CREDENTIALS),
    accessKeyId: z.string().nullable().describe('The secret access key is never returned'),
    glueDatabase: z.string().nullable().describe('The database in AWS Glue whose tables are kept up to date'),
    savedAt: Time,
  })
  .meta({ id: 'LakeBucket' })

export const LakeFile = z
  .strictObject({
    path: z.string().describe('Below the folder and the prefix, for example refined/plays/data.parquet'),
    table: z.string().nullable().describe('Null for files of the catalog'),
    schema: z.enum(SCHEMAS).nullable().describe('The schema of the table; null for files that combine several'),
    rows: z.int().nullable(),
    bytes: z.int(),
    publishedAt: Time.describe('When its content last changed'),
    inBucket: z.boolean().describe('Whether the bucket has this content; false without a bucket'),
  })
  .meta({ id: 'LakeFile' })
export type LakeFile = z.infer<typeof LakeFile>

export const LakeResponse = z
  .strictObject({
    state: z.enum(LAKE_STATES).describe('off: nothing has been published yet'),
    ...problem,
    progress: z
      .strictObject({ done: z.int(), total: z.int().describe('0 until it is known') })
      .nullable()
      .describe('Of the work, while a publication is running'),
    daily: z.boolean(),
    nextAt: Time.nullable().describe('The next publication; null if it waits for the listener'),
    publishedAt: Time.nullable().describe('When the folder was last complete'),
    uploadedAt: Time.nullable().describe('When the bucket was last complete'),
    last: z
      .strictObject({
        written: z.int().describe('Files whose content had changed'),
        uploaded: z.int().describe('Of these, written to the bucket'),
        removed: z.int(),
      })
      .nullable(),
    files: z.array(LakeFile),
    bucket: LakeBucket.nullable(),
    mayUseRole: z.boolean().describe('Whether the role of the server may be used; only admins'),
    folder: z.string().nullable().describe('Where the files are on the server; only for admins'),
    hasOwnStore: z.boolean().describe('The operator has set another store than Amazon S3'),
    scripts: z
      .strictObject({ athena: z.string(), snowflake: z.string() })
      .describe('The DDL of the last publication; empty before the first'),
  })
  .meta({ id: 'LakeResponse' })
export type LakeResponse = z.infer<typeof LakeResponse>

const text = (max: number) => z.string().max(max)

export const LakeBucketForm = z
  .object({
    name: text(100),
    prefix: text(300).default(''),
    region: text(50),
    credentials: z.enum(LAKE_CREDENTIALS).default('access key'),
    accessKeyId: text(200).optional(),
    secretAccessKey: text(500).optional().describe('Omitted: the saved one, for the same access key'),
    glueDatabase: text(300).nullable().default(null),
  })
  .meta({ id: 'LakeBucketForm' })
export type LakeBucketForm = z.input<typeof LakeBucketForm>

export const LakeSettings = z
  .object({
    daily: z.boolean().optional().describe('Omitted: stays as it is'),
    bucket: LakeBucketForm.nullable().optional().describe('Null disconnects the bucket; its objects stay'),
  })
  .meta({ id: 'LakeSettings' })
export type LakeSettings = z.input<typeof LakeSettings>

export const LakeCheck = z
  .strictObject({
    name: z.string(),
    state: z.enum(CHECK_STATES),
    message: z.string(),
    remedy: z.string().nullable(),
    ms: z.number(),
  })
  .meta({ id: 'LakeCheck' })
export type LakeCheck = z.infer<typeof LakeCheck>

export const LakeCheckResult = z
  .strictObject({
    fieldProblems: z.record(z.string(), z.string()).describe('By field of the bucket; if any, nothing else is checked'),
    checks: z.array(LakeCheck),
    saved: z.boolean(),
  })
  .meta({ id: 'LakeCheckResult' })
export type LakeCheckResult = z.infer<typeof LakeCheckResult>

const LakeCheckProgress = z
  .strictObject({ running: z.boolean(), checks: z.array(LakeCheck).describe('The results so far') })
  .meta({ id: 'LakeCheckProgress' })

export const getLake = defineEndpoint({
  method: 'GET',
  path: '/api/lake',
  summary: 'Your published files, the bucket they go to, and when; never a secret',
  access: 'listener',
  limit: 'queries',
  response: LakeResponse,
  errors: ['no-copy'],
})

export const saveLake = defineEndpoint({
  method: 'PUT',
  path: '/api/lake',
  summary: 'Change when files are published, and to which bucket. A bucket is checked, and saved if no check fails',
  access: 'listener',
  recentSignIn: true,
  body: LakeSettings,
  limit: 'checks',
  response: LakeCheckResult,
  errors: ['no-copy', 'check-under-way'],
})

export const removeLake = defineEndpoint({
  method: 'DELETE',
  path: '/api/lake',
  summary: 'Stop publishing, forget the bucket and delete the folder',
  access: 'listener',
  body: z.object({
    objects: z.boolean().default(false).describe('Also delete what was published to the bucket, with earlier versions'),
  }),
  limit: 'checks',
  response: LakeResponse,
  errors: ['no-copy', 'lake-busy', 'bucket-unavailable'],
})

export const testLake = defineEndpoint({
  method: 'POST',
  path: '/api/lake/test',
  summary: 'Check a bucket without saving it',
  access: 'listener',
  body: LakeBucketForm,
  limit: 'checks',
  response: LakeCheckResult,
  errors: ['no-copy', 'check-under-way'],
})

export const getLakeCheckProgress = defineEndpoint({
  method: 'GET',
  path: '/api/lake/test',
  summary: 'Get the results so far of a running check',
  access: 'listener',
  response: LakeCheckProgress,
})

export const publishLake = defineEndpoint({
  method: 'POST',
  path: '/api/lake/publish',
  summary: 'Publish now. The first time, this also switches daily publications on',
  access: 'listener',
  limit: 'orders',
  response: LakeResponse,
  statuses: [202],
  errors: ['no-copy'],
})

export const getLakeFiles = defineEndpoint({
  method: 'GET',
  path: '/api/lake/files.zip',
  summary: 'The published files as one archive',
  access: { token: 'read tables' },
  limit: 'downloads',
  response: z.unknown(),
  files: ['application/zip'],
  errors: ['no-copy', 'not-published'],
})
