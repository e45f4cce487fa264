import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { readEnvironmentAndSecrets } from './read-environment.ts'

/** Settings in AWS Secrets Manager, of which a server here speaks the protocol. */

let server: Server
let respond: (name: string) => { status?: number; body: unknown } | undefined
let signed: string[]
let file: string

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    signed.push(String(request.headers.authorization))
    const { SecretId } = JSON.parse(Buffer.concat(chunks).toString())
    const reply = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue' && respond(SecretId)
    if (!reply) return response.destroy()
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(reply.body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', `http://127.0.0.1:${port}`)
})
afterAll(() => {
  server.close()
  vi.unstubAllEnvs()
})

beforeEach(() => {
  signed = []
  file = join(mkdtempSync(join(tmpdir(), 'tracklake-env-')), '.env')
  writeFileSync(file, '')
})
afterEach(() => rmSync(join(file, '..'), { recursive: true }))

const AWS = {
  SECRETS_FROM: 'aws-secrets-manager:prod/tracklake',
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'an example',
}

function read(environment: Record<string, string> = {}) {
  const all: Record<string, string | undefined> = { ...AWS, ...environment }
  return readEnvironmentAndSecrets(all, file)
}

const holds = (secret: unknown) => {
  respond = (name) => (name === 'prod/tracklake' ? { body: { SecretString: JSON.stringify(secret) } } : undefined)
}

test('the settings of a secret come last, and the request is signed for its region', async () => {
  holds({ ADMINS: 'secret', SMTP_URL: 'smtps://secret', SMTP_FROM: 'a@secret.org', POOL_SLOTS: 7, DEMO: '0' })
  writeFileSync(file, 'SMTP_FROM=a@file.org\nDEMO=1')
  const tokenFile = join(file, '..', 'admins')
  writeFileSync(tokenFile, 'from-a-file\n')
  expect(await read({ DEMO: '', ADMINS_FILE: tokenFile })).toMatchObject({
    ADMINS: ['from-a-file'],
    SMTP_FROM: 'a@file.org',
    SMTP_URL: expect.stringContaining('secret'),
    POOL_SLOTS: 7,
  })
  expect(signed).toEqual([expect.stringMatching(/Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/secretsmanager\//)])
})

test('nothing is requested without SECRETS_FROM, or with an invalid one', async () => {
  expect((await read({ SECRETS_FROM: '' })).SECRETS_FROM).toBeUndefined()
  await expect(read({ SECRETS_FROM: 'vault:x' })).rejects.toThrow(
    'SECRETS_FROM must be aws-secrets-manager: and the name or ARN of a secret',
  )
  expect(signed).toEqual([])
})

test('a value of the secret is checked like one of the environment', async () => {
  holds({ LANDING_PACK_AFTER: 'never' })
  await expect(read()).rejects.toThrow('LANDING_PACK_AFTER is "never" and must be a number of days')
})

test.for([
  [{ SPOTIFY_ID: 'x' }, 'has SPOTIFY_ID, which is not a setting. Remove it, or correct its name.'],
  [{ PORT: '4000' }, 'has PORT, which must be in the environment or in .env.'],
  [{ AWS_REGION: 'x' }, 'has AWS_REGION, which must be in the environment or in .env.'],
  [{ TRACKLAKE_MODE: 'demo' }, 'has TRACKLAKE_MODE, which must be in the environment or in .env.'],
  [{ TRACKLAKE_KEY: { id: 'x' } }, 'TRACKLAKE_KEY in the secret prod/tracklake must be a text.'],
  [['SMTP_URL'], 'is not a JSON object.'],
] as const)('a secret with %j is refused', async ([secret, problem]) => {
  holds(secret)
  await expect(read()).rejects.toThrow(problem)
})

const refusal = (type: string) => ({ status: 400, body: { __type: type, message: 'no' } })

test.for([
  ['ResourceNotFoundException', 'has no secret prod/tracklake in eu-central-1. Correct SECRETS_FROM or AWS_REGION.'],
  ['AccessDeniedException', "Allow this server's key or role secretsmanager:GetSecretValue on it"],
  ['ExpiredTokenException', 'Correct or renew AWS_ACCESS_KEY_ID'],
  ['InternalServiceError', 'Check the connection to AWS, and start again.'],
] as const)('%s stops the start with a remedy', async ([type, remedy]) => {
  respond = () => refusal(type)
  await expect(read()).rejects.toThrow(remedy)
})

test('a secret that is binary or no JSON, or a lost connection, stops the start too', async () => {
  respond = () => ({ body: { SecretBinary: 'AAAA' } })
  await expect(read()).rejects.toThrow('is binary')
  respond = () => ({ body: { SecretString: 'SMTP_URL=smtps://x' } })
  await expect(read()).rejects.toThrow('is not a JSON object')
  respond = () => undefined
  await expect(read()).rejects.toThrow(/could not be read: .* Check the connection to AWS/)
})
