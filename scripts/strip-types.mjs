// Caches TypeScript files without their types in .cache, for stripped.mjs. Otherwise each process would load a compiler
// to strip them, which costs 25 MB of memory and up to a second.
// node scripts/strip-types.mjs <folder…> does so in advance.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'

const ROOT = dirname(import.meta.dirname)
const CACHE = join(ROOT, '.cache', 'stripped')

/**
 * @param {string} path absolute path of a file in this project
 * @returns {string} its JavaScript, with every token where it was
 */
export function strippedSource(path) {
  const source = readFileSync(path, 'utf8')
  const mark = `\n// ${createHash('sha256').update(source).digest('hex')}\n`
  const cached = join(CACHE, `${relative(ROOT, path)}.js`)
  const stored = readIfThere(cached)
  if (stored?.endsWith(mark)) return stored
  const stripped = strip(source) + mark
  store(cached, stripped)
  return stripped
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** @param {string} source */
function strip(source) {
  // Node also strips types by itself without this warning that it is experimental.
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return stripTypeScriptTypes(source)
  } finally {
    process.emitWarning = emitWarning
  }
}

/**
 * @param {string} path
 * @param {string} text
 */
function store(path, text) {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.${process.pid}`, text)
    renameSync(`${path}.${process.pid}`, path)
  } catch {
    // In a container the folder is read-only. That only costs more memory.
  }
}

if (import.meta.main) {
  for (const folder of process.argv.slice(2).filter((name) => existsSync(join(ROOT, name)))) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.ts') && !name.endsWith('.test.ts')) strippedSource(join(ROOT, folder, name))
    }
  }
}
