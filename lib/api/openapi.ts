import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { REFUSALS, type RefusalCode } from '#lib/core/errors.ts'
import type { Endpoint } from './endpoint.ts'
import { resources } from './index.ts'
import { refusalsOf } from './refusals.ts'
import { ErrorResponse } from './shapes.ts'

/** The instance that the document describes. */
interface Described {
  /** Its public address. */
  server: string
  version: string
  /** The name of its session cookie, which differs by mode and by https. */
  sessionCookie: string
}

/** The contracts as an OpenAPI 3.1 document. */
export function openApi({ server, version, sessionCookie }: Described) {
  const paths: ZodOpenApiPathsObject = {}
  for (const { title, endpoints } of resources) {
    for (const [name, endpoint] of endpoints) {
      const path = endpoint.path.replaceAll(/\[(\w+)\]/g, '{$1}')
      paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(title, name, endpoint) }
    }
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Tracklake', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: server }],
    tags: resources.map(({ title }) => ({ name: title })),
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description:
            'Session cookie of a signed-in browser: tracklake-real.session-token (in the demo, tracklake-demo.session-token), with the prefix __Host- on https',
        },
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API token created in Settings, with the listed scopes',
        },
      },
    },
  })
}

const RETRY_AFTER = z.object({ 'retry-after': z.int().meta({ description: 'Seconds to wait' }) })

function operation(title: string, name: string, endpoint: Endpoint): ZodOpenApiOperationObject {
  const { summary, method, path, query, body, upload, statuses = [200] } = endpoint
  const names = [...path.matchAll(/\[(\w+)\]/g)].map(([, name = '']) => [name, z.string()])
  const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } })
  return {
    operationId: name,
    summary,
    tags: [title],
    security: securityOf(endpoint),
    requestParams: {
      ...(names.length > 0 ? { path: z.object(Object.fromEntries(names)) } : {}),
      ...(query instanceof z.ZodObject ? { query } : {}),
    },
    ...(method !== 'GET' && body
      ? {
          requestBody: {
            required: true,
            ...(upload ? { content: { 'multipart/form-data': { schema: body } } } : json(body)),
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(statuses.map((status) => [status, { description: summary, content: contentOf(endpoint) }])),
      ...Object.fromEntries(
        refusals(endpoint).map(([status, codes]) => [
          status,
          {
            description: codes.join(', '),
            ...json(ErrorResponse),
            ...(status === '429' ? { headers: RETRY_AFTER } : {}),
          },
        ]),
      ),
    },
  }
}

/** A file, or JSON; the media type of the JSON is also that of a file with rows. */
function contentOf({ files = [], response }: Endpoint) {
  const ofFiles: Record<string, { schema?: z.ZodType }> = Object.fromEntries(files.map((mediaType) => [mediaType, {}]))
  return returnsJson({ files, response }) ? { ...ofFiles, 'application/json': { schema: response } } : ofFiles
}

/** Whether a response can be JSON of the declared shape, and not only a file. */
export function returnsJson({ files = [], response }: Pick<Endpoint, 'files' | 'response'>): boolean {
  return files.length === 0 || !(response instanceof z.ZodUnknown)
}

function securityOf({ access }: Endpoint): Record<string, string[]>[] {
  if (typeof access === 'object') return [{ session: [] }, { token: [access.token] }]
  if (access === 'public' || access === 'setup') return []
  return access === 'listener or invite' ? [{ session: [] }, {}] : [{ session: [] }]
}

/** The status of codes that every endpoint can have; where an endpoint declares them itself, they have another one. */
const IMPLIED_STATUS: Partial<Record<RefusalCode, string>> = { busy: '503', 'too-slow': '408', 'unknown-token': '401' }

/** The codes of an endpoint by their status. */
export function refusals({ errors = [], ...endpoint }: Endpoint): [status: string, codes: RefusalCode[]][] {
  const implied = refusalsOf(endpoint)
  const all = [...implied, ...errors]
  return Object.entries(REFUSALS).flatMap(([status, known]: [string, readonly RefusalCode[]]) => {
    const own = known.filter((code) => {
      const impliedStatus = IMPLIED_STATUS[code] ?? null
      if (impliedStatus === null) return all.includes(code)
      return (impliedStatus === status ? implied : errors).includes(code)
    })
    return own.length > 0 ? [[status, own] as [string, RefusalCode[]]] : []
  })
}
