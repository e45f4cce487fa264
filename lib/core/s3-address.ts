/** Names in S3, checked before they become part of an address. The SDK builds the host from bucket and region. */

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(\.\.|-s3alias$|--(ol|x|table)-s3$|\.mrap$))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/
/** A region of AWS, such as eu-central-1 or us-gov-west-1. */
const AWS_REGION = /^[a-z]{2,5}(-[a-z]+){1,2}-\d{1,2}$/
/** Other stores have regions such as `auto` or `garage`. */
const ANY_REGION = /^[a-z0-9][a-z0-9-]{0,31}$/
/** Why a bucket name isn't accepted, as the end of a sentence; undefined if it is. */
export function bucketProblem(name: string): string | undefined {
  if (BUCKET.test(name) && !IP_ADDRESS.test(name)) return undefined
  return 'must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens'
}

/** @param isAws whether the region becomes part of an address of AWS */
export function regionProblem(region: string, isAws: boolean): string | undefined {
  if ((isAws ? AWS_REGION : ANY_REGION).test(region)) return undefined
  return isAws ? 'must be a region of AWS, for example eu-central-1' : 'must be a region, for example us-east-1 or auto'
}
