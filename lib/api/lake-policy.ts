/** The IAM policy of the access key for a bucket: no more than Tracklake needs. */

export interface PolicyPlace {
  bucket: string
  prefix: string
  region: string
  /** Null without tables in AWS Glue. */
  glueDatabase: string | null
}

/** AWS has partitions of its own in China and for the US government. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** As JSON, to paste into IAM. */
export function lakePolicy({ bucket, prefix, region, glueDatabase }: PolicyPlace): string {
  const aws = partitionOf(region)
  const arn = `arn:${aws}:s3:::${bucket}`
  const below = prefix ? `${prefix}/*` : '*'
  const statements = [
    {
      Sid: 'PublishFiles',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      Resource: `${arn}/${below}`,
    },
    {
      Sid: 'ListFiles',
      Effect: 'Allow',
      Action: ['s3:ListBucket', 's3:ListBucketVersions'],
      Resource: arn,
      ...(prefix ? { Condition: { StringLike: { 's3:prefix': below } } } : {}),
    },
    { Sid: 'SeeVersioning', Effect: 'Allow', Action: 's3:GetBucketVersioning', Resource: arn },
    ...(glueDatabase === null ? [] : [glueStatement(aws, region, glueDatabase)]),
  ]
  return `${JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)}\n`
}

function glueStatement(aws: string, region: string, database: string) {
  const arn = (resource: string) => `arn:${aws}:glue:${region}:*:${resource}`
  return {
    Sid: 'DescribeTables',
    Effect: 'Allow',
    Action: [
      'glue:GetDatabase',
      'glue:CreateDatabase',
      'glue:GetTable',
      'glue:CreateTable',
      'glue:UpdateTable',
      'glue:DeleteTable',
    ],
    Resource: [arn('catalog'), arn(`database/${database}`), arn(`table/${database}/*`)],
  }
}
