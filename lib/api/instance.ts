import { z } from 'zod'
import { defineEndpoint } from './endpoint.ts'
import { HEALTH_STATES } from './lists.ts'

const state = z.enum(HEALTH_STATES)

export const HealthResponse = z
  .strictObject({
    status: state,
    bootId: z.string(),
    version: z.string(),
    checks: z.array(z.strictObject({ name: z.string(), status: state, detail: z.string() })),
  })
  .meta({ id: 'HealthResponse' })
export type HealthResponse = z.infer<typeof HealthResponse>

export const getHealth = defineEndpoint({
  method: 'GET',
  path: '/api/health',
  summary: 'Health of each part of the instance; 503 if one is down',
  access: 'public',
  response: HealthResponse,
  statuses: [200, 503],
})

export const getOpenApi = defineEndpoint({
  method: 'GET',
  path: '/api/openapi.json',
  summary: 'This API as OpenAPI 3.1',
  access: 'public',
  limit: 'documents',
  response: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApi' }),
})
