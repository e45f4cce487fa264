import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pause } from '#lib/core/clock.ts'
import type { BucketOptions, S3Keys } from '../bucket.ts'
import { S3Error, type S3ErrorCode } from './errors.ts'
import { type Call, escapeXml, operationOf, type Reply, requireAllowed, xml } from './operations.ts'
import { type AccessKey, checkSignature } from './signature.ts'
import { type BucketState, current, keysOf, newBucket } from './store.ts'

/**
 * A small S3 for tests, with the bucket in the path. It checks signatures, checksums and conditions, which other servers
 * for tests accept unseen, and fails on demand.
 */

export interface S3Fault {
  /** A name such as `PutObject`; every operation if undefined. */
  operation?: string
  /** A part of the key. */
  key?: string
  /** How many requests pass first. */
  after?: number
  /** How many requests fail; all of them if undefined. */
  times?: number
  /** Only each of so many fails. */
  every?: number
  /**
   * An error code; `reset`: the connection is closed instead of the operation; `lost`: instead of the response, after the
   * operation; `cut`: in the middle of the response.
   */
  fails: S3ErrorCode | 'reset' | 'lost' | 'cut'
}

export interface S3Server {
  url: string
  /** May do everything. */
  keys: S3Keys
  /** Options to open a bucket, which is created if there is none. */
  bucket(
    name: string,
    options?: Partial<Pick<BucketState, 'region' | 'versioning' | 'isLocked' | 'maxBytes'>>,
  ): BucketOptions
  /** What a bucket holds, to look at and to change. */
  state(name: string): BucketState
  deleteBucket(name: string): void
  /** The keys of a bucket's objects. */
  contents(name: string, prefix?: string): string[]
  addKey(options: Partial<AccessKey>): S3Keys & AccessKey
  inject(fault: S3Fault): void
  clearFaults(): void
  /** How often each operation was requested since the last call. */
  takeCounts(): Record<string, number>
  /** Before each response, in milliseconds. */
  latencyMs: number
  /** The server's time minus the true time. */
  skewMs: number
  stop(): Promise<void>
}

const REGION = 'eu-central-1'
const MAX_BODY = 256 * 1024 * 1024

export async function startS3Server(port = 0): Promise<S3Server> {
  const buckets = new Map<string, BucketState>()
  const accessKeys: AccessKey[] = []
  let faults: (S3Fault & { seen: number })[] = []
  let counts: Record<string, number> = {}
  const http = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  function faultFor(operation: string, key: string): S3Fault['fails'] | undefined {
    const fault = faults.find(
      (one) => (one.operation ?? operation) === operation && key.includes(one.key ?? '') && isActive(one),
    )
    return fault?.fails
  }

  function isActive(fault: S3Fault & { seen: number }): boolean {
    fault.seen++
    const { after = 0, times = Number.POSITIVE_INFINITY, every = 1 } = fault
    return fault.seen > after && fault.seen <= after + times && fault.seen % every === 0
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const address = new URL(request.url ?? '/', url)
    const [, name = '', ...rest] = address.pathname.split('/')
    const key = rest.map(decodeURIComponent).join('/')
    const signed = { method: request.method ?? '', url: address, headers: request.headers, body }
    let fault: S3Fault['fails'] | undefined
    let reply: Reply
    if (server.latencyMs > 0) await pause(server.latencyMs)
    try {
      const at = new Date(Date.now() + server.skewMs)
      const bucket = buckets.get(name)
      const signer = checkSignature(signed, { keys: accessKeys, region: bucket?.region, now: at.getTime() })
      if (!bucket) throw new S3Error('NoSuchBucket')
      const operation = operationOf(signed, key)
      if (!operation) throw new S3Error('NotImplemented')
      counts[operation.name] = (counts[operation.name] ?? 0) + 1
      fault = faultFor(operation.name, key)
      if (fault === 'reset') return void request.socket.destroy()
      if (fault !== undefined && fault !== 'lost' && fault !== 'cut') throw new S3Error(fault)
      requireAllowed(signer, operation.action)
      const call: Call = { ...signed, bucket, key, signer, at }
      reply = operation.run(call)
    } catch (error) {
      if (!(error instanceof S3Error)) throw error
      reply = errorReply(error, signed.method)
    }
    if (fault === 'lost') return void request.socket.destroy()
    response.setHeader('date', new Date(Date.now() + server.skewMs).toUTCString())
    send(response, reply, fault === 'cut')
  }

  const server: S3Server = {
    url,
    latencyMs: 0,
    skewMs: 0,
    keys: { accessKeyId: 'AKIATESTTESTTESTTEST', secretAccessKey: 'test/secret+of+the+test+server' },
    bucket(name, options = {}) {
      const state = buckets.get(name) ?? newBucket(name, REGION)
      buckets.set(name, Object.assign(state, options))
      return { bucket: name, region: state.region, keys: server.keys, endpoint: url }
    },
    state(name) {
      const state = buckets.get(name)
      if (!state) throw new Error(`There is no bucket ${name}.`)
      return state
    },
    deleteBucket: (name) => void buckets.delete(name),
    contents(name, prefix = '') {
      const state = server.state(name)
      return keysOf(state, prefix).filter((key) => current(state, key))
    },
    addKey(options) {
      const key = {
        accessKeyId: `AKIATEST${accessKeys.length}`,
        secretAccessKey: `secret${accessKeys.length}`,
        isValid: true,
        ...options,
      }
      accessKeys.push(key)
      return key
    },
    inject: (fault) => void faults.push({ ...fault, seen: 0 }),
    clearFaults: () => {
      faults = []
    },
    takeCounts() {
      const taken = counts
      counts = {}
      return taken
    },
    async stop() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  server.addKey(server.keys as Partial<AccessKey>)
  return server
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BODY) throw new Error('The body is too large.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function errorReply({ code, status, details, headers }: S3Error, method: string): Reply {
  const elements = Object.entries(details).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
  const reply = xml(`<Error><Code>${code}</Code><Message>${code}</Message>${elements.join('')}</Error>`)
  // A response to HEAD has no body, so nobody learns the code.
  return { ...reply, status, headers: { ...reply.headers, ...headers }, ...(method === 'HEAD' ? { body: '' } : {}) }
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '' }: Reply, isCut: boolean): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'content-length': String(bytes.length), 'x-amz-request-id': 'TEST', ...headers })
  if (!isCut) return void response.end(bytes)
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}
