import { randomUUID } from 'node:crypto'
import { type Bucket, type BucketOptions, openBucket } from '#lib/s3/bucket.ts'
import { startS3Server } from '#lib/s3/testing/server.ts'

/** A bucket for contract tests: of the test server, or with `npm run test:s3` of the endpoint in the environment. */
export interface TestBucket {
  bucket: Bucket
  options: BucketOptions
  /** New for each test file, so that runs don't meet. */
  prefix: string
  /** Keeps versions; undefined if the endpoint has no such bucket for tests. */
  versioned: Bucket | undefined
  stop(): Promise<void>
}

/** What `npm run test:s3` reads. Without S3_TEST_ENDPOINT, it is Amazon S3 itself. */
export const S3_TEST_SETTINGS = ['S3_TEST_BUCKET', 'S3_TEST_ACCESS_KEY_ID', 'S3_TEST_SECRET_ACCESS_KEY'] as const

export async function openTestBucket(): Promise<TestBucket> {
  const prefix = `tracklake-test/${randomUUID()}`
  const { S3_TEST_BUCKET, S3_TEST_VERSIONED_BUCKET } = process.env
  if (process.env.S3_TEST === '1' && S3_TEST_BUCKET) {
    const options = fromEnvironment(S3_TEST_BUCKET)
    const bucket = openBucket(options)
    const versioned = S3_TEST_VERSIONED_BUCKET ? openBucket(fromEnvironment(S3_TEST_VERSIONED_BUCKET)) : undefined
    return {
      bucket,
      options,
      prefix,
      versioned,
      async stop() {
        for (const one of [bucket, versioned]) await one?.removeAll(`${prefix}/`)
        for (const one of [bucket, versioned]) one?.close()
      },
    }
  }
  const server = await startS3Server()
  const options = server.bucket('lake')
  return {
    bucket: openBucket(options),
    options,
    prefix,
    versioned: openBucket(server.bucket('versions', { versioning: 'Enabled' })),
    stop: () => server.stop(),
  }
}

function fromEnvironment(bucket: string): BucketOptions {
  const { S3_TEST_ENDPOINT, S3_TEST_REGION, S3_TEST_ACCESS_KEY_ID, S3_TEST_SECRET_ACCESS_KEY } = process.env
  return {
    bucket,
    region: S3_TEST_REGION,
    endpoint: S3_TEST_ENDPOINT,
    keys: { accessKeyId: S3_TEST_ACCESS_KEY_ID ?? '', secretAccessKey: S3_TEST_SECRET_ACCESS_KEY ?? '' },
  }
}
