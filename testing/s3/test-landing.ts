import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { folderLanding } from '#lib/landing/folder.ts'
import type { Landing } from '#lib/landing/landing.ts'
import { s3Landing } from '#lib/landing/s3.ts'
import type { S3Server } from '#lib/s3/testing/server.ts'
import { openTestBucket } from './test-bucket.ts'

/** An empty landing zone of a kind. */
export interface TestLanding {
  landing: Landing
  /** Changes what is stored, as another program could. */
  overwrite(path: string, bytes: Uint8Array): Promise<void>
  stop(): Promise<void>
}

async function openFolder(): Promise<TestLanding> {
  const parent = await mkdtemp(join(tmpdir(), 'tracklake-landing-'))
  const root = join(parent, 'landing')
  return {
    landing: folderLanding(root),
    overwrite: (path, bytes) => writeFile(join(root, path), bytes),
    stop: () => rm(parent, { recursive: true }),
  }
}

async function openS3(): Promise<TestLanding> {
  const { bucket, prefix, stop } = await openTestBucket()
  return {
    landing: s3Landing(bucket, prefix),
    overwrite: async (path, bytes) => void (await bucket.put(`${prefix}/${path}`, bytes)),
    stop,
  }
}

export const everyLanding = { 'a folder': openFolder, 'a bucket': openS3 }

/** The settings of an instance whose landing zone is in a new bucket of a test server. */
export function landingInS3(server: S3Server): Record<string, string> {
  const { bucket, region = '' } = server.bucket('landing')
  return {
    LANDING_URL: `s3://${bucket}/zone`,
    S3_ENDPOINT: server.url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: server.keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.keys.secretAccessKey,
  }
}
