import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkGrammar } from '#testing/snowflake/sql/grammar.ts'
import { createStatement, type NameOf, type TARGETS, tracklakeProject } from './project.ts'
import { SOURCES } from './sources.ts'
import { MODEL_TABLES } from './tables.ts'

const ROOT = join(process.cwd(), 'dbt')
const project = tracklakeProject()
const nameOf: NameOf = (schema, name) => `"${schema}"."${name}"`
const snowflakeName: NameOf = (schema, name) => `"MUSIC"."TRACKLAKE_${schema.toUpperCase()}"."${name.toUpperCase()}"`

test('each model comes after those it selects from', () => {
  const done = new Set<string>()
  for (const { name, refs } of project.models('duckdb', nameOf)) {
    expect(refs.filter((ref) => !done.has(ref))).toEqual([])
    done.add(name)
  }
})

test('every raw table that models select from can be created when nothing has been loaded', () => {
  const used = project.models('duckdb', nameOf).flatMap(({ sources }) => sources)
  expect([...new Set(used)].sort()).toEqual(SOURCES.map(({ name }) => name).sort())
})

test('every handle of a model names one', () => {
  const built = project.models('duckdb', nameOf).map(({ layer, name }) => `${layer}.${name}`)
  expect(built).toEqual(expect.arrayContaining(MODEL_TABLES.map(({ schema, name }) => `${schema}.${name}`)))
})

test('reporting models are views in DuckDB and tables in Snowflake', () => {
  const materialized = (target: (typeof TARGETS)[number]) =>
    new Set(
      project
        .models(target, nameOf)
        .filter(({ layer }) => layer === 'reporting')
        .map((model) => model.materialized),
    )
  expect([...materialized('duckdb')]).toEqual(['view'])
  expect([...materialized('snowflake')]).toEqual(['table'])
})

test.for(project.models('snowflake', snowflakeName).map((model) => [model.name, model] as const))(
  'an independent grammar of Snowflake accepts %s',
  ([, model]) => {
    checkGrammar(createStatement(model, snowflakeName))
  },
)

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sql'))

test.for(files)('dbt/%s uses only the Jinja that the runner supports', (file) => {
  expect(problemsOf(readFileSync(join(ROOT, file), 'utf8'))).toEqual([])
})

test.for([
  ['a filter', '{{ "a" | upper }}'],
  ['var', "{{ var('zone') }}"],
  ['run_query', '{% set rows = run_query("select 1") %}'],
  ['another attribute of target', '{{ target.schema }}'],
  ['a do statement', '{% do x.append(1) %}'],
  ['a call block', '{% call statement("x") %}{% endcall %}'],
  ['JSON', "select context->>'$.uri' from plays"],
  ['a JSON function', 'select json_extract(context, 1) from plays'],
])('%s is found', ([, text = '']) => {
  expect(problemsOf(text)).not.toEqual([])
})

const STATEMENTS = new Set(['set', 'endset', 'if', 'elif', 'else', 'endif', 'for', 'endfor', 'macro', 'endmacro'])
const CALLS = new Set(['config', 'ref', 'source', 'is_incremental', ...macroNames()])
const JSON_SQL = /->|\bjson_\w+\(|\bparse_json\b|\bvariant\b|\bflatten\(/i

function macroNames(): string[] {
  const texts = readdirSync(join(ROOT, 'macros')).map((file) => readFileSync(join(ROOT, 'macros', file), 'utf8'))
  return texts.flatMap((text) => [...text.matchAll(/\{%-?\s*macro\s+(\w+)/g)].map(([, name]) => name ?? ''))
}

/** What a template uses besides config, ref, source, this, is_incremental, target.type, set, if, for and own macros. */
function problemsOf(text: string): string[] {
  const problems = JSON_SQL.test(text) ? ['JSON in SQL'] : []
  for (const [, kind = '', inside = ''] of text.replaceAll(/\{#.*?#\}/gs, '').matchAll(/\{([{%])-?(.*?)-?[}%]\}/gs)) {
    const code = inside.replaceAll(/'[^']*'|"[^"]*"/g, "''")
    const [keyword = ''] = code.trim().split(/\s+/)
    if (kind === '%' && !STATEMENTS.has(keyword)) problems.push(`statement ${keyword}`)
    if (code.includes('|')) problems.push(`filter in ${inside.trim()}`)
    for (const [, name = ''] of code.matchAll(/(\w+)\s*\(/g))
      if (!CALLS.has(name) && !STATEMENTS.has(name) && !['in', 'and', 'or', 'not'].includes(name))
        problems.push(`call of ${name}`)
    for (const [attribute] of code.matchAll(/\w+\.\w+/g))
      if (attribute !== 'target.type') problems.push(`attribute ${attribute}`)
  }
  return problems
}
