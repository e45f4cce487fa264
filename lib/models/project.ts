import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { Environment } from 'minijinja-js'
import { parse } from 'yaml'
import { z } from 'zod'
import { TOUCHED } from '#lib/warehouse/touched.ts'

/**
 * The dbt project in dbt/, read by the same rules as dbt: `ref` orders the models, `config` and dbt_project.yml say how
 * they are stored. Only the part of Jinja is supported that docs/decisions/0051 names.
 */

export const TARGETS = ['duckdb', 'snowflake'] as const
export type Target = (typeof TARGETS)[number]

export const LAYERS = ['staging', 'analytical', 'reporting'] as const
export type Layer = (typeof LAYERS)[number]

const MATERIALIZATIONS = ['view', 'table', 'incremental'] as const
export type Materialization = (typeof MATERIALIZATIONS)[number]

/** A model as it is stored in one target. */
export interface Model {
  name: string
  layer: Layer
  materialized: Materialization
  /** Incremental models: rows with equal values in this column replace each other as a group. */
  uniqueKey: string | null
  /** A statement that runs after each build of the model. */
  postHook: string | null
  /** The models that it selects from. */
  refs: string[]
  /** The raw tables that it selects from. */
  sources: string[]
  /** The tables without whose changes an incremental build writes nothing; none: it always looks. */
  touchedBy: string[]
  /** The SELECT that gives all rows. */
  full: string
  /** The SELECT that gives the rows to replace; null where the model is always built whole. */
  incremental: string | null
}

/** What relations are called in a warehouse. */
export type NameOf = (layer: Layer | 'raw', name: string) => string

export interface Project {
  /** Changes with every file of the project. */
  digest: string
  /** The models with their SQL for one target; each comes after those it selects from. */
  models(target: Target, nameOf: NameOf): Model[]
  /** The singular tests of dbt/tests by name: each selects the rows that must not exist. */
  tests(target: Target, nameOf: NameOf): { name: string; sql: string; refs: string[]; sources: string[] }[]
}

/** Stands in rendered SQL where the present moment belongs, so that rendering can be cached. */
export const NOW = '{now}'
/** The number of the build, and since when what arrived is new to it; only in incremental SQL for DuckDB. */
export const BATCH = '{batch}'
export const ARRIVED_SINCE = '{arrived_since}'

/**
 * Take the place of macros in incremental builds of an embedded warehouse. One transaction builds every model, so what a model
 * has not seen yet is what this build wrote; with constants DuckDB plans faster and skips most of a table.
 */
const BUILD_MACROS: Record<Target, string> = {
  snowflake: '',
  duckdb: `
{% macro this_batch() %}{% if ref('int_batch') %}${BATCH}{% endif %}{% endmacro %}
{% macro is_newer_than(relation, batch='batch') %}{{ batch }} >= ${BATCH}{% endmacro %}
{% macro may_have_changed(table, id) %}{{ touches(table) }}{{ id }} in (select id from ${TOUCHED} where table_name = '{{ table }}'){% endmacro %}
{% macro looks_when_touched(tables) %}{% for table in tables %}{{ touches(table) }}{% endfor %}{% endmacro %}
{% macro has_arrived(column) %}{% if ref('int_batch') %}{{ column }} > cast('${ARRIVED_SINCE}' as timestamp){% endif %}{% endmacro %}`,
}

const FUEL = 500_000 // a model uses about a tenth of it
export const ROOT = join(process.cwd(), 'dbt')

let cached: Project | undefined

/** The project of this version. */
export function tracklakeProject(): Project {
  cached ??= readProject(ROOT)
  return cached
}

interface Template {
  name: string
  path: string
  text: string
}

/** Reads a dbt project. @throws Error that names the file that is wrong */
export function readProject(root: string): Project {
  const read = (folder: string, ext: string): Template[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(ext))
      .sort()
      .map((file) => ({
        name: basename(file, ext),
        path: join(folder, file),
        text: readFileSync(join(root, folder, file), 'utf8'),
      }))
  const macros = read('macros', '.sql')
  const models = read('models', '.sql')
  const tests = read('tests', '.sql')
  const settings = readFileSync(join(root, 'dbt_project.yml'), 'utf8')
  const defaults = ProjectFile.parse(parse(settings))
  const digest = digestOf([settings, ...[...macros, ...models].flatMap(({ path, text }) => [path, text])])
  const render = renderer(macros)

  return {
    digest,
    models: (target, nameOf) => {
      const names = new Map(models.map((model) => [model.name, layerOf(model)]))
      return inOrder(
        models.map((model) => modelOf(model, { target, nameOf, names, defaults: defaults.models.tracklake, render })),
      )
    },
    tests: (target, nameOf) => {
      const names = new Map(models.map((model) => [model.name, layerOf(model)]))
      return tests.map((test) => {
        const { sql, refs, sources } = render(test, { target, nameOf, names, incremental: false })
        return { name: test.name, sql, refs, sources }
      })
    },
  }
}

const ProjectFile = z.looseObject({
  models: z.object({
    tracklake: z.record(z.string(), z.object({ '+schema': z.enum(LAYERS), '+materialized': z.string() })),
  }),
})

function digestOf(texts: string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text).update('\0')
  return hash.digest('hex').slice(0, 16)
}

function layerOf({ path }: Template): Layer {
  const folder = relative('models', path).split(/[/\\]/)[0]
  const layer = LAYERS.find((name) => name === folder)
  if (!layer) throw new Error(`${path} must be in one of the folders ${LAYERS.join(', ')} of dbt/models`)
  return layer
}

interface Rendered {
  sql: string
  config: z.output<typeof Config>
  refs: string[]
  sources: string[]
  touchedBy: string[]
}

interface RenderOptions {
  target: Target
  nameOf: NameOf
  names: Map<string, Layer>
  incremental: boolean
}

type Render = (template: Template, options: RenderOptions) => Rendered

const Config = z.strictObject({
  materialized: z.enum(MATERIALIZATIONS).optional(),
  unique_key: z.string().optional(),
  incremental_strategy: z.literal('delete+insert').optional(),
  post_hook: z.string().optional(),
})

/** Renders templates with what dbt offers to them. */
function renderer(macros: Template[]): Render {
  const library = macros.map(({ text }) => text).join('\n')
  const now = `{% macro utc_now() %}cast('${NOW}' as timestamp){% endmacro %}`
  return (template, { target, nameOf, names, incremental }) => {
    const environment = new Environment()
    try {
      environment.undefinedBehavior = 'strict'
      environment.fuel = FUEL
      const refs = new Set<string>()
      const sources = new Set<string>()
      const touchedBy = new Set<string>()
      let config: unknown = {}
      const layer = names.get(template.name)
      const context = { target: { type: target }, this: layer ? nameOf(layer, template.name) : '' }
      environment.addGlobal('config', (values: unknown) => {
        config = toObject(values)
        return ''
      })
      environment.addGlobal('ref', (name: string) => {
        const found = names.get(name)
        if (!found) throw new Error(`there is no model ${name}`)
        refs.add(name)
        return nameOf(found, name)
      })
      environment.addGlobal('source', (_schema: string, name: string) => {
        sources.add(name)
        return nameOf('raw', name)
      })
      environment.addGlobal('is_incremental', () => incremental)
      environment.addGlobal('touches', (table: string) => {
        touchedBy.add(table)
        return ''
      })
      const overrides = incremental ? `${now}\n${BUILD_MACROS[target]}` : now
      const sql = environment.renderStr(`${library}\n${overrides}\n${template.text}`, context).trim()
      const parsed = Config.parse(config)
      if (parsed.post_hook) parsed.post_hook = environment.renderStr(parsed.post_hook, context)
      return {
        sql: withoutBlankLines(sql),
        config: parsed,
        refs: [...refs],
        sources: [...sources],
        touchedBy: [...touchedBy],
      }
    } catch (error) {
      throw new Error(`dbt/${template.path} cannot be rendered: ${messageFrom(error)}`, { cause: error })
    } finally {
      environment.free()
    }
  }
}

/** minijinja throws strings as well as errors. */
function messageFrom(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Keyword arguments arrive as an object or a Map. */
function toObject(values: unknown): unknown {
  return values instanceof Map ? Object.fromEntries(values) : values
}

function withoutBlankLines(sql: string): string {
  return sql.replaceAll(/\n\s*\n(\s*\n)*/g, '\n')
}

function modelOf(
  template: Template,
  {
    render,
    defaults,
    ...options
  }: Omit<RenderOptions, 'incremental'> & {
    defaults: z.output<typeof ProjectFile>['models']['tracklake']
    render: Render
  },
): Model {
  const layer = layerOf(template)
  const full = render(template, { ...options, incremental: false })
  const folder = { ...template, text: defaults[layer]?.['+materialized'] ?? 'view' }
  const materialized =
    full.config.materialized ?? z.enum(MATERIALIZATIONS).parse(render(folder, { ...options, incremental: false }).sql)
  const incremental =
    materialized === 'incremental'
      ? render(template, { ...options, incremental: true })
      : { sql: null, refs: [], sources: [], touchedBy: [] }
  if (materialized === 'incremental' && !full.config.unique_key)
    throw new Error(`dbt/${template.path} is incremental, so its config needs a unique_key`)
  const hidden = incremental.refs.find((name) => !full.refs.includes(name))
  if (hidden)
    throw new Error(
      `dbt/${template.path} needs the line "-- depends_on: {{ ref('${hidden}') }}", or dbt doesn't see it`,
    )
  return {
    name: template.name,
    layer,
    materialized,
    uniqueKey: full.config.unique_key ?? null,
    postHook: full.config.post_hook ?? null,
    refs: full.refs,
    sources: [...new Set([...full.sources, ...incremental.sources])],
    touchedBy: incremental.touchedBy,
    full: full.sql,
    incremental: incremental.sql,
  }
}

/** Each model after those that it selects from. @throws Error for a cycle */
function inOrder(models: Model[]): Model[] {
  const left = new Map(models.map((model) => [model.name, model]))
  const ordered: Model[] = []
  while (left.size > 0) {
    const ready = [...left.values()].filter(({ refs }) => !refs.some((name) => left.has(name)))
    if (ready.length === 0) throw new Error(`The models ${[...left.keys()].join(', ')} of dbt/ select from each other`)
    for (const model of ready) left.delete(model.name)
    ordered.push(...ready)
  }
  return ordered
}

/** The statement that writes a model from the start and replaces what is there in one step. */
export function createStatement({ layer, name, materialized, full }: Model, nameOf: NameOf): string {
  const kind = materialized === 'view' ? 'view' : 'table'
  return `create or replace ${kind} ${nameOf(layer, name)} as\n${full}`
}
