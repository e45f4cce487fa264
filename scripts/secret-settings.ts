import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { z } from 'zod'
import { MINUTE, SECOND } from '#lib/core/clock.ts'
import { isSecretAddress, SettingsProblem, settingNames, settingValues } from '#lib/core/config.ts'
import { messageOf } from '#lib/core/errors.ts'

/**
 * Settings from a secret manager (SECRETS_FROM), which are read once at the start and never written to disk. Another
 * secret manager is another entry of PROVIDERS.
 */

type Environment = Record<string, string | undefined>

/** @param settings those of the environment @returns the text of a secret @throws SettingsProblem */
type Provider = (name: string, settings: Record<string, string>) => Promise<string>

const PROVIDERS: Record<string, Provider> = { 'aws-secrets-manager': fromAws }

/** Where the instance runs and where its secrets are can't be in the secret: the health check doesn't read it. */
const NOT_IN_SECRETS = /^(HOST|PORT|DATA_DIR|SECRETS_FROM|AWS_\w+|(HTTPS?|NO)_PROXY|TRACKLAKE_(?!KEY$)\w+)$/

const Value = z.union([z.string(), z.number(), z.boolean()]).transform(String)

/**
 * Adds the settings of the secret that SECRETS_FROM names to an environment. What the environment has, also as NAME_FILE,
 * takes precedence. Without SECRETS_FROM it does nothing.
 * @throws SettingsProblem if the secret can't be read, or has something else than settings
 */
export async function addSecretSettings(environment: Environment): Promise<void> {
  const own = settingValues(environment)
  // An invalid address is reported with the other settings.
  if (!own.SECRETS_FROM || !isSecretAddress(own.SECRETS_FROM)) return
  const [provider = '', ...rest] = own.SECRETS_FROM.split(':')
  const name = rest.join(':')
  const values = settingsIn(name, await (PROVIDERS[provider] as Provider)(name, own))
  for (const [setting, value] of Object.entries(values)) if (own[setting] === undefined) environment[setting] = value
}

function settingsIn(name: string, text: string): Record<string, string> {
  const secret = z.record(z.string(), z.unknown()).safeParse(parsed(text)).data
  if (!secret)
    throw new SettingsProblem([
      `The secret ${name} is not a JSON object. Store settings in it as keys and values: {"SPOTIFY_CLIENT_ID": "…"}.`,
    ])
  const known = settingNames()
  const problems: string[] = []
  const values: Record<string, string> = {}
  for (const [setting, content] of Object.entries(secret)) {
    const value = Value.safeParse(content).data
    if (NOT_IN_SECRETS.test(setting))
      problems.push(`The secret ${name} has ${setting}, which must be in the environment or in .env. Move it there.`)
    else if (!known.includes(setting))
      problems.push(`The secret ${name} has ${setting}, which is not a setting. Remove it, or correct its name.`)
    else if (value === undefined) problems.push(`${setting} in the secret ${name} must be a text. Put it in quotes.`)
    else values[setting] = value
  }
  if (problems.length > 0) throw new SettingsProblem(problems)
  return values
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const ATTEMPTS = 3
const CONNECT_MS = 5 * SECOND
const RESPONSE_MS = 10 * SECOND
const CALL_MS = MINUTE

/**
 * AWS Secrets Manager, with the access key, profile or role of this server.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
async function fromAws(name: string, own: Record<string, string>): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager')
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = own
  // `proxyEnv` exists since Node 22.21; the types don't have it yet.
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = own
  const agent = { keepAlive: false, proxyEnv: { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } }
  const client = new SecretsManagerClient({
    ...(region ? { region } : {}),
    ...(AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
      ? {
          credentials: {
            accessKeyId: AWS_ACCESS_KEY_ID,
            secretAccessKey: AWS_SECRET_ACCESS_KEY,
            ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
          },
        }
      : {}),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: RESPONSE_MS,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    },
  })
  try {
    const request = new GetSecretValueCommand({ SecretId: name })
    const { SecretString } = await client.send(request, { abortSignal: AbortSignal.timeout(CALL_MS) })
    if (SecretString !== undefined) return SecretString
  } catch (error) {
    throw new SettingsProblem([awsProblem(name, region, error)])
  } finally {
    client.destroy()
  }
  throw new SettingsProblem([`The secret ${name} is binary. Store it as a text with a JSON object.`])
}

function awsProblem(name: string, region: string | undefined, error: unknown): string {
  const code = error instanceof Error ? error.name : ''
  const where = region ? ` in ${region}` : ''
  if (code === 'ResourceNotFoundException')
    return `AWS Secrets Manager has no secret ${name}${where}. Correct SECRETS_FROM or AWS_REGION.`
  if (code === 'AccessDeniedException')
    return `AWS Secrets Manager refused the secret ${name}${where}. Allow this server's key or role secretsmanager:GetSecretValue on it, and kms:Decrypt if it has a key of your own.`
  if (/^(UnrecognizedClientException|InvalidSignatureException|ExpiredTokenException)$/.test(code))
    return `AWS doesn't accept this server's access key. Correct or renew AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`
  if (code === 'CredentialsProviderError')
    return `This server has no access to AWS. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give it a profile or role.`
  if (/region is missing/i.test(messageOf(error)))
    return `The region of the secret ${name} is missing. Set AWS_REGION, for example to eu-central-1.`
  return `The secret ${name} could not be read: ${messageOf(error)}. Check the connection to AWS, and start again.`
}
