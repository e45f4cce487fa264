import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Endpoint } from '#lib/api/endpoint.ts'
import { endpoints, resources } from '#lib/api/index.ts'
import { type LimitName, REQUEST_LIMITS } from '#lib/api/limits.ts'
import { openApi, refusals, returnsJson } from '#lib/api/openapi.ts'
import { CHANNEL_KINDS, CHANNEL_LABELS } from '#lib/channels/kinds.ts'
import { everyParams } from '#lib/charts/every-params.ts'
import { charts } from '#lib/charts/index.ts'
import { describedModels } from '#lib/models/schema.ts'
import { requestedScopes } from '#lib/streams/index.ts'
import { SCOPES } from '#lib/streams/scopes.ts'
import { TESTED_FAULTS } from '#testing/faults/index.ts'

/** The parts of docs/ that follow from contracts and registries. */

const DOCS = join(import.meta.dirname, '..', '..', 'docs')
export const FILES = ['api.md', 'authorisation.md', 'faults.md', 'models.md', 'notifications.md', 'privacy.md']

/** A part stands between `<!-- begin NAME -->` and `<!-- end -->`. */
const PART = /(<!-- begin (.+?) -->\n).*?(<!-- end -->)/gs

/** What a file has to be. @throws Error for a part that nothing generates */
export function currentDocs(file: string): { path: string; written: string; current: string } {
  const path = join(DOCS, file)
  const written = readFileSync(path, 'utf8')
  const current = written.replace(PART, (_, begin: string, name: string, end: string) => {
    const part = parts[name]
    if (!part) throw new Error(`Nothing generates the part "${name}" of ${path}`)
    return `${begin}\n${part()}\n\n${end}`
  })
  return { path, written, current }
}

export function writeApiDocs(): void {
  for (const file of FILES) {
    const { path, current } = currentDocs(file)
    writeFileSync(path, current)
  }
}

/** JSON Schema, as far as the contracts use it. */
interface Shape {
  $ref?: string
  type?: string | string[]
  format?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Shape[]
  oneOf?: Shape[]
  items?: Shape
  properties?: Record<string, Shape>
  additionalProperties?: Shape | boolean
  required?: string[]
  description?: string
}

/** An operation of the document, as far as it is read here. */
interface Operation {
  parameters?: { in: string; name: string; required?: boolean; schema: Shape }[]
  requestBody?: { content: Record<string, { schema: Shape }> }
  responses: Record<string, { content: Record<string, { schema?: Shape }> }>
}

interface Document {
  components: { schemas: Record<string, Shape> }
  paths: Record<string, Record<string, Operation>>
}

const {
  components: { schemas: shapes },
  paths: operations,
}: Document = JSON.parse(JSON.stringify(openApi({ server: '', version: '', sessionCookie: '' })))

/** Every part by its name. */
export const parts: Record<string, () => string> = {
  errors: () => table(['Status', 'Codes'], errorRows()),
  limits: () => table(['Limit', 'Calls a minute', 'At the same time', 'All visitors', 'Endpoints'], limitRows()),
  charts: () => table(['Chart', 'Parameters', 'Fields of a row'], chartRows()),
  scopes: () =>
    endpoints
      .flatMap(({ method, path, access }) =>
        typeof access === 'object' ? [`- \`${method} ${path}\`: ${access.token}`] : [],
      )
      .join('\n'),
  'recent sign-ins': () =>
    endpoints.flatMap(({ method, path, recentSignIn }) => (recentSignIn ? [`- \`${method} ${path}\``] : [])).join('\n'),
  'who may call': () =>
    table(
      ['Method', 'Path', 'anonymous', 'listener', 'other', 'admin', 'engine'],
      endpoints.map((endpoint) => [endpoint.method, endpoint.path, ...rolesOf(endpoint)]),
    ),
  'Spotify scopes': () =>
    table(
      ['Scope', 'Used for'],
      requestedScopes.map((scope) => [scope, SCOPES[scope]]),
    ),
  models: () =>
    describedModels()
      .map(({ name, description, columns }) =>
        [
          `### ${name}`,
          description,
          table(
            ['Column', 'Meaning'],
            columns.map((column) => [`\`${column.name}\``, column.description]),
          ),
        ].join('\n\n'),
      )
      .join('\n\n'),
  'kinds of channels': () =>
    table(
      ['Type', 'Address', 'Example', 'About it'],
      CHANNEL_KINDS.map((kind) => {
        const { title, address, placeholder, help, token } = CHANNEL_LABELS[kind]
        return [title, address, `\`${placeholder}\``, token ? `${help} ${token.label}: ${token.help}` : help]
      }),
    ),
  ...Object.fromEntries(
    Object.entries(TESTED_FAULTS).map(([name, rows]) => [
      name,
      () =>
        table(
          ['What goes wrong', 'What happens', 'Test'],
          rows.map(({ fault, outcome, file }) => [fault, outcome, `\`${file}\``]),
        ),
    ]),
  ),
  ...Object.fromEntries(resources.map(({ title }) => [`calls ${title}`, () => callsOf(title)])),
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

function errorRows(): string[][] {
  const codes = new Map<string, Set<string>>([
    ['500', new Set(['unexpected', 'cannot-stop'])],
    ['503', new Set(['cannot-retry', 'cannot-wait', 'cannot-skip', 'cannot-reconnect'])],
  ])
  for (const [status, own] of endpoints.flatMap(refusals)) {
    codes.set(status, new Set([...(codes.get(status) ?? []), ...own]))
  }
  return [...codes]
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([status, own]) => [status, [...own].sort().join(', ')])
}

/** What is limited besides the endpoints of the API. */
const OTHER_LIMITED: Partial<Record<LimitName, string[]>> = {
  'sign-ins': ['/api/auth/signin', '/api/auth/callback'],
  queries: ['/metrics'],
}

function limitRows(): string[][] {
  return Object.entries(REQUEST_LIMITS).map(([name, { perMinute, atOnce, strangersAtOnce }]) => {
    const own = endpoints.flatMap(({ limit, method, path }) => (limit === name ? [`${method} ${path}`] : []))
    const others = OTHER_LIMITED[name as LimitName] ?? []
    const calls = [...own, ...others].map((call) => `\`${call}\``)
    return [name, String(perMinute), String(atOnce), String(strangersAtOnce), calls.join(', ')]
  })
}

function chartRows(): string[][] {
  return Object.entries(charts).map(([name, { params, row }]) => {
    const values = Object.keys(params.shape).map((param) => {
      const choices = new Set(everyParams(params).map((choice) => choice[param]))
      return `${param}: ${[...choices].join(', ')}`
    })
    return [name, values.join('; '), Object.keys(row.shape).join(', ')]
  })
}

/** What anonymous, listener, other, admin and engine get; docs/authorisation.md explains the words. */
function rolesOf({ access, visibleTo, path }: Endpoint): string[] {
  if (access === 'public') return ['yes', 'yes', 'yes', 'yes', 'yes']
  if (access === 'setup') return ['open', 'open', 'open', 'yes', 'open']
  if (access === 'admin') return ['401', '404', '404', 'yes', '401']
  const others = visibleTo && path.includes('[') ? '404' : 'own'
  const admin = visibleTo === 'owner and admins' ? 'yes' : others
  return ['401', others === '404' ? 'yes' : 'own', others, admin, '401']
}

/** A table of the calls of a resource, and the shapes that are first used there. */
function callsOf(title: string): string {
  const rows = endpointsOf(title).map(([name, endpoint]) => {
    const { method, path, summary, statuses = [200] } = endpoint
    const { sends, returns } = shapesOf(endpoint, name)
    return [
      `\`${method} ${path.replaceAll(/\[(\w+)\]/g, '<$1>')}\``,
      callers(endpoint),
      sends ? `\`${typeOf(sends)}\``.replaceAll('|', '\\|') : '',
      `${statuses.join(' or ')} ${returns ? `\`${typeOf(returns).replaceAll('|', '\\|')}\`` : ''}${returns && endpoint.files ? ' or ' : ''}${endpoint.files ? 'a file' : ''}`,
      summary,
    ]
  })
  const calls = table(['Call', 'Who', 'Sends', 'Returns', 'What it does'], rows)
  const before = resources
    .slice(
      0,
      resources.findIndex((one) => one.title === title),
    )
    .map((one) => one.title)
  const known = namesUsed(before)
  const described = namesUsed([title]).flatMap((name) => (known.includes(name) ? [] : [describe(name)]))
  return described.length > 0 ? `${calls}\n\n\`\`\`\n${described.join('\n\n')}\n\`\`\`` : calls
}

function endpointsOf(title: string): [string, Endpoint][] {
  return resources.find((one) => one.title === title)?.endpoints ?? []
}

function callers({ access }: Endpoint): string {
  return typeof access === 'object' ? `listener, token to ${access.token}` : access
}

/** The parameters or body, and the response, as the document has them; null instead of a file. */
function shapesOf(
  { method, path, files, response, statuses = [200] }: Endpoint,
  name: string,
): { sends: Shape | null; returns: Shape | null } {
  const isJson = returnsJson({ files, response })
  const operation = operations[path.replaceAll(/\[(\w+)\]/g, '{$1}')]?.[method.toLowerCase()]
  const returns = (isJson && operation?.responses[statuses[0]]?.content['application/json']?.schema) || null
  if (!operation || (isJson && !returns)) throw new Error(`The document has no response of ${name}`)
  const query = operation.parameters?.filter((parameter) => parameter.in === 'query') ?? []
  const parameters: Shape = {
    properties: Object.fromEntries(query.map((parameter) => [parameter.name, parameter.schema])),
    required: query.flatMap((parameter) => (parameter.required ? parameter.name : [])),
  }
  const [body = null] = Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema)
  return { sends: body ?? (query.length > 0 ? parameters : null), returns }
}

/** The named shapes that the calls of some resources use, also inside each other. */
function namesUsed(titles: string[]): string[] {
  const names = new Set<string>()
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const name = '$ref' in value ? nameIn(String(value.$ref)) : null
    if (name && !names.has(name)) {
      names.add(name)
      collect(shapes[name])
    }
    for (const part of Object.values(value)) collect(part)
  }
  for (const [name, endpoint] of titles.flatMap(endpointsOf)) collect(Object.values(shapesOf(endpoint, name)))
  return [...names]
}

const nameIn = (ref: string) => ref.split('/').at(-1) ?? ref

/** A named shape with a line for each field; `…Run` stands for all fields of Run. */
function describe(name: string): string {
  const { description } = shapes[name] ?? {}
  const fields = fieldsOf(name)
  const base = Object.keys(shapes).find((other) => other !== name && isPartOf(fieldsOf(other), fields))
  const own = base ? fields.slice(fieldsOf(base).length) : fields
  return [
    `${name}${description ? `: ${description}` : ''}`,
    ...(base ? [`  …${base}`] : []),
    ...own.map(([field, type, note]) => `  ${field.padEnd(18)} ${type.padEnd(30)} ${note}`.trimEnd()),
  ].join('\n')
}

type Field = [name: string, type: string, note: string]

/** Fewer fields in common are a coincidence. */
const MIN_BASE_FIELDS = 6

function isPartOf(base: Field[], fields: Field[]): boolean {
  return (
    base.length >= MIN_BASE_FIELDS &&
    base.length < fields.length &&
    base.every((field, index) => field.join() === fields[index]?.join())
  )
}

/** The fields of a named shape; of several variants, what they have in common. */
function fieldsOf(name: string): Field[] {
  const { anyOf, ...shape } = shapes[name] ?? {}
  const variants = anyOf ?? [shape]
  return Object.entries(variants[0]?.properties ?? {}).map(([field, value]) => {
    const types = [...new Set(variants.map((variant) => typeOf(variant.properties?.[field] ?? {})))]
    const isOptional = !variants[0]?.required?.includes(field)
    const type = types.every((one) => !one.startsWith('{')) || types.length === 1 ? types.join(' | ') : 'see the table'
    return [`${field}${isOptional ? '?' : ''}`, type, value.description ?? '']
  })
}

/** A shape in the notation of TypeScript. */
function typeOf(shape: Shape): string {
  const { $ref, anyOf, oneOf, items, properties, additionalProperties, required = [] } = shape
  const union = anyOf ?? oneOf
  if ($ref) return nameIn($ref)
  if (union) return [...new Set(union.map(typeOf))].join(' | ')
  if ('const' in shape) return String(shape.const)
  if (shape.enum) return shape.enum.join(' | ')
  if (items) return items.anyOf || items.enum ? `(${typeOf(items)})[]` : `${typeOf(items)}[]`
  if (properties && Object.keys(properties).length > 0) {
    const fields = Object.entries(properties).map(
      ([name, value]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(value)}`,
    )
    return `{ ${fields.join(', ')} }`
  }
  if (typeof additionalProperties === 'object') return `{ <name>: ${typeOf(additionalProperties)} }`
  const types = [shape.type ?? 'any']
    .flat()
    .map((type) => (type === 'string' && shape.format === 'date-time' ? 'time' : type))
  return types.join(' | ').replace('integer', 'number')
}
