import type { LakeBucketForm, LakeResponse } from '#lib/api/lake.ts'
import type { PolicyPlace } from '#lib/api/lake-policy.ts'
import type { LakeCredentials } from '#lib/api/lists.ts'

/** The values of the form. */
export interface BucketValues {
  name: string
  prefix: string
  region: string
  credentials: LakeCredentials
  accessKeyId: string
  secretAccessKey: string
  glueDatabase: string
}

/** The saved bucket as it would be typed, or suggestions. The secret never comes back. */
export function valuesOf({ bucket }: Pick<LakeResponse, 'bucket'>): BucketValues {
  return {
    name: bucket?.name ?? '',
    prefix: bucket?.prefix ?? 'tracklake',
    region: bucket?.region ?? '',
    credentials: bucket?.credentials ?? 'access key',
    accessKeyId: bucket?.accessKeyId ?? '',
    secretAccessKey: '',
    glueDatabase: bucket?.glueDatabase ?? '',
  }
}

/** The request body. A secret that wasn't typed is left out. */
export function formOf(values: BucketValues): LakeBucketForm {
  const { name, prefix, region, credentials, accessKeyId, secretAccessKey, glueDatabase } = values
  const key = { accessKeyId, ...(secretAccessKey ? { secretAccessKey } : {}) }
  return {
    name,
    prefix,
    region,
    credentials,
    glueDatabase: glueDatabase || null,
    ...(credentials === 'access key' ? key : {}),
  }
}

/** What the policy is about; placeholders for what is not typed yet. */
export function policyPlace({ name, prefix, region, glueDatabase }: BucketValues): PolicyPlace {
  return {
    bucket: name.trim() || 'YOUR-BUCKET',
    prefix: prefix.trim().replaceAll(/^\/+|\/+$/g, ''),
    region: region.trim() || '*',
    glueDatabase: glueDatabase.trim() || null,
  }
}
