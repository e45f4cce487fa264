import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import swc from '@swc/core'
import { cruise, type IForbiddenRuleType, type IViolation } from 'dependency-cruiser'
import config, { borders } from '../.dependency-cruiser.mjs'

/**
 * Checks the borders in .dependency-cruiser.mjs, and that each of them still guards something. dependency-cruiser can't
 * read JSX, so it gets a sketch of the project: the same files with only their imports.
 */

const ROOT = join(import.meta.dirname, '..')
const SOURCES = [
  '*.ts',
  '.dependency-cruiser.mjs',
  '{app,lib,inngest,scripts,simulator,testing,e2e,prisma/client}/**/*',
]
const CODE = /(?<![.]d)[.](ts|tsx|mjs)$/
const GENERATED = /^prisma\/client\//

/** A check that finds fewer files than this looks in the wrong place. */
const MIN_FILES = 250

export interface Border {
  rule: IForbiddenRuleType & { name: string; comment: string }
  /** A file, existing or not, and an import (a path from the root, or a package) that it must not have. */
  example: { file: string; imports: string }
}

export interface BorderReport {
  files: number
  /** One line for each import that crosses a border. */
  crossings: string[]
  /** Rules that didn't catch the import planted against them. */
  unguarded: string[]
}

/** Everything the source imports from, including types, re-exports and `import()`. @throws on a syntax error */
export function importsOf(source: string, file: string): string[] {
  const { body } = swc.parseSync(source, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2022' })
  const names: string[] = []
  collectImports(body, names)
  return names
}

interface SyntaxNode {
  type?: string
  value?: unknown
  source?: SyntaxNode | null
  callee?: SyntaxNode
  arguments?: { expression?: SyntaxNode }[]
  argument?: SyntaxNode
}

function collectImports(node: unknown, names: string[]): void {
  if (typeof node !== 'object' || node === null) return
  const { type, source, callee, arguments: args, argument }: SyntaxNode = node
  const dynamic = type === 'CallExpression' && callee?.type === 'Import' ? args?.[0]?.expression : undefined
  const typeOnly = type === 'TsImportType' ? argument : undefined
  for (const name of [source, dynamic, typeOnly]) {
    if (name?.type === 'StringLiteral') names.push(String(name.value))
  }
  for (const part of Object.values(node)) collectImports(part, names)
}

/**
 * @param root the project's folder
 * @param workshop an empty folder below `root`, so that packages are found from it
 */
export async function checkBorders(root: string, workshop: string, rules: Border[]): Promise<BorderReport> {
  const asItIs = join(workshop, 'as-it-is')
  const planted = join(workshop, 'planted')
  const files = sketch(root, asItIs)
  cpSync(asItIs, planted, { recursive: true })
  for (const { example } of rules) plant(example, planted)

  const forbidden = rules.map(({ rule }) => rule)
  const real = await crossingsIn(asItIs, forbidden)
  if (real.files !== files) throw new Error(`${files} files were found, but ${real.files} were checked.`)
  const { crossings } = await crossingsIn(planted, forbidden)
  return {
    files,
    crossings: real.crossings.map((crossing) => describe(crossing, rules)),
    unguarded: rules
      .filter((border) => !crossings.some((found) => isCaught(border, found)))
      .map(({ rule }) => rule.name),
  }
}

/** Copies the files with only their imports. @returns how many of them are code */
function sketch(root: string, copy: string): number {
  // `#lib/…` is resolved by the nearest package.json: without one in the sketch, it would lead to the real files.
  mkdirSync(copy, { recursive: true })
  if (existsSync(join(root, 'package.json'))) cpSync(join(root, 'package.json'), join(copy, 'package.json'))
  const code = new Set(codeIn(root))
  for (const file of filesIn(root)) {
    const imports = code.has(file) ? importsOf(readFileSync(join(root, file), 'utf8'), file) : []
    const path = join(copy, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, imports.map(asStatement).join(''))
  }
  return code.size
}

function filesIn(root: string): string[] {
  return globSync(SOURCES, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

function codeIn(root: string): string[] {
  return filesIn(root).filter((file) => CODE.test(file) && !GENERATED.test(file))
}

function plant({ file, imports }: Border['example'], copy: string): void {
  const isPath = posix.extname(imports) !== ''
  const name = isPath ? `./${posix.relative(posix.dirname(file), imports)}` : imports
  const path = join(copy, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, asStatement(name), { flag: 'a' })
}

function asStatement(name: string): string {
  return `import ${JSON.stringify(name)}\n`
}

async function crossingsIn(copy: string, forbidden: IForbiddenRuleType[]) {
  const sources = codeIn(copy)
  const { output } = await cruise(sources, { ...config.options, baseDir: copy, validate: true, ruleSet: { forbidden } })
  if (typeof output === 'string') throw new Error('dependency-cruiser returned text.')
  const known = new Set(sources)
  return {
    files: output.modules.filter((module) => known.has(module.source)).length,
    crossings: output.summary.violations,
  }
}

function isCaught({ rule, example }: Border, { rule: broken, from }: IViolation): boolean {
  return broken.name === rule.name && from === example.file
}

function describe({ rule, from, to, cycle }: IViolation, rules: Border[]): string {
  const comment = rules.find((border) => border.rule.name === rule.name)?.rule.comment
  const path = cycle ? cycle.map(({ name }) => name).join(' → ') : to
  return `${from} → ${path}\n  ${rule.name}: ${comment}`
}

/** The functions of node:fs that open a file. */
const OPENS_FILES =
  /^(appendFile|copyFile|cp|createReadStream|createWriteStream|open|openAsBlob|readFile|truncate|writeFile)(Sync)?$/
const FILE_SYSTEM = /^(node:)?fs(\/promises)?$/
/** Code that has the path of a warehouse file. */
const WAREHOUSE_PATHS = /\bduckdbFile\b|[.]duckdb['"`]/
const WAREHOUSE_ADAPTER = /^lib\/warehouse\/duckdb\//
const WAREHOUSE_HANDLES = 'lib/warehouse/duckdb/handles.ts'
const TESTS = /[.](test|bench)[.]tsx?$|(^|\/)(testing|fixtures|every-warehouse)([.]ts$|\/)/

/** Planted against the rule below. */
const OPENED_WAREHOUSE = {
  file: 'lib/accounts/planted.ts',
  source: `import { copyFile } from 'node:fs/promises'
    import { duckdbFile } from '#lib/storage/places.ts'
    export const back = (id: string) => copyFile(duckdbFile(id), 'backup')`,
}

/**
 * What a file imports from node:fs that opens files, if it knows the path of a warehouse file. The web process holds these
 * files, and a process that opens and closes a file loses all of its POSIX locks on it, so that another process can open
 * the live warehouse.
 */
export function opensWarehouses(file: string, source: string): string[] {
  if (!/^(app|lib|inngest)\//.test(file) || TESTS.test(file) || file === WAREHOUSE_HANDLES) return []
  if (!WAREHOUSE_ADAPTER.test(file) && !WAREHOUSE_PATHS.test(source)) return []
  const { body } = swc.parseSync(source, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2022' })
  const imported = body.flatMap((item) =>
    item.type === 'ImportDeclaration' && FILE_SYSTEM.test(item.source.value)
      ? item.specifiers.map((one) =>
          one.type === 'ImportSpecifier' ? (one.imported ?? one.local).value : 'everything',
        )
      : [],
  )
  const later = importsOf(source, file).filter((name) => FILE_SYSTEM.test(name)).length
  const declared = body.filter(
    (item) => item.type === 'ImportDeclaration' && FILE_SYSTEM.test(item.source.value),
  ).length
  return [
    ...imported.filter((name) => name === 'everything' || OPENS_FILES.test(name)),
    ...(later > declared ? ['import()'] : []),
  ]
}

function openedWarehouses(root: string): string[] {
  return codeIn(root).flatMap((file) =>
    opensWarehouses(file, readFileSync(join(root, file), 'utf8')).map(
      (name) =>
        `${file} → ${name} of node:fs\n  no-open-warehouse: Opening a warehouse file in the process that holds it drops its lock. Let a child do it, as lib/warehouse/duckdb/snapshot.ts does.`,
    ),
  )
}

if (import.meta.main) {
  const workshop = join(ROOT, '.cache', 'borders')
  rmSync(workshop, { recursive: true, force: true })
  const { files, crossings, unguarded } = await checkBorders(ROOT, workshop, borders)
  rmSync(workshop, { recursive: true, force: true })
  const opened = openedWarehouses(ROOT)
  if (opensWarehouses(OPENED_WAREHOUSE.file, OPENED_WAREHOUSE.source).length === 0) unguarded.push('no-open-warehouse')
  for (const crossing of [...crossings, ...opened]) console.error(crossing)
  for (const name of unguarded) {
    console.error(`${name} didn't catch the import planted against it: correct its patterns or its example.`)
  }
  if (files < MIN_FILES) console.error(`Only ${files} files were found; at least ${MIN_FILES} are expected.`)
  if (crossings.length + opened.length > 0 || unguarded.length > 0 || files < MIN_FILES) process.exit(1)
  console.log(`${files} files keep ${borders.length + 1} borders, each of which catches a planted import`)
}
