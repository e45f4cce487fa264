import { AddressProblem } from './addresses.ts'

/** Names in S3, checked before they become part of an address. The SDK builds the host from bucket and region. */

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET =
  /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(\.\.|-s3alias$|--(ol|x|table)-s3$|\.mrap$))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const IP_ADDRESS = /^\d+\.\d+\.\d+\.\d+$/
/** A region of AWS, such as eu-central-1 or us-gov-west-1. */
const AWS_REGION = /^[a-z]{2,5}(-[a-z]+){1,2}-\d{1,2}$/
/** Other stores have regions such as `auto` or `garage`. */
const ANY_REGION = /^[a-z0-9][a-z0-9-]{0,31}$/
/** What S3 calls safe characters, without those that start or end a part of the path. */
const PREFIX_PART = /^(?!\.{1,2}$)[A-Za-z0-9!_.*'()=-]+$/
const MAX_PREFIX = 200

/** A place in S3 that a setting or form names. */
export interface S3Location {
  bucket: string
  /** Without slashes at its ends; empty for the whole bucket. */
  prefix: string
}

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

export function prefixProblem(prefix: string): string | undefined {
  if (prefix === '') return undefined
  if (prefix.length <= MAX_PREFIX && prefix.split('/').every((part) => PREFIX_PART.test(part))) return undefined
  return "must have a prefix of at most 200 letters, digits and the characters !_.*'()=- between slashes"
}

/**
 * Parses `s3://bucket/prefix`.
 * @throws AddressProblem
 */
export function s3Location(address: string): S3Location {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(.*)$/.exec(address) ?? []
  const prefix = rest.replace(/^\/+|\/+$/g, '')
  const problem = bucketProblem(bucket) ?? prefixProblem(prefix)
  if (problem) throw new AddressProblem(problem)
  return { bucket, prefix }
}

/** Whether the landing zone is in S3, by LANDING_URL. */
export const isS3Address = (address: string | undefined): address is string => address?.startsWith('s3://') ?? false
