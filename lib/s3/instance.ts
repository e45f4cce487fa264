import { settings } from '#lib/core/config.ts'
import { proxyVariables } from '#lib/core/proxy.ts'
import type { BucketOptions } from './bucket.ts'

/** How this instance reaches a bucket with what its operator has set: keys, or the role of its server. */
export function instanceBucket(bucket: string): BucketOptions {
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, S3_ENDPOINT } = settings()
  return {
    bucket,
    region: AWS_REGION,
    endpoint: S3_ENDPOINT,
    keys:
      AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
        ? { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN }
        : undefined,
    proxy: proxyVariables(settings()),
  }
}
