import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import swc from '@swc/core'
import { z } from 'zod'

/**
 * Keeps the project's language plain: vocabulary.json lists words, identifiers, phrases and labels that have no right
 * use here, and what to write instead. Words with a right use elsewhere (`<head>`, JS spread) are left to reviewers.
 */

const ROOT = join(import.meta.dirname, '..')
const TEXT = /(?<![.]d)[.](ts|tsx|mjs|js|json|css|md|prisma|yaml|sql|toml)$|(^|\/)(Dockerfile|[.]env[.]example)$/
const CODE = /[.](ts|tsx|mjs|js)$/

const Replacements = z.record(z.string(), z.string())
const Vocabulary = z.strictObject({
  /** English words: anywhere, also as a part of an identifier or a file name. */
  words: Replacements,
  /** Regular expressions for whole identifiers in code, never for comments and strings. */
  identifiers: Replacements,
  /** Regular expressions for text, in which a space is any white space, a line break of a comment included. */
  phrases: Replacements,
  /** The whole text of a string, an element or a heading. */
  labels: Replacements,
  /** What stays because others depend on it, such as error codes. */
  allowed: z.array(z.string()),
  /** Files and folders that are not checked. */
  skipped: z.array(z.string()),
})

export type Vocabulary = z.infer<typeof Vocabulary>

export interface Use {
  file: string
  /** 0 for the name of the file. */
  line: number
  found: string
  instead: string
}

/** @returns the vocabulary of this project */
export function readVocabulary(): Vocabulary {
  return Vocabulary.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'vocabulary.json'), 'utf8')))
}

/** Every use of a listed word in one file and its name. @param file its path from the root */
export function findUses(file: string, source: string, vocabulary: Vocabulary): Use[] {
  const { words, identifiers, phrases, labels, allowed } = vocabulary
  const text = allowed.reduce((rest, part) => rest.replaceAll(part, (found) => found.replace(/[^\n]/g, ' ')), source)
  const at = (offset: number, found: string, instead: string): Use => ({
    file,
    line: text.slice(0, offset).split('\n').length,
    found,
    instead,
  })
  return [
    ...wordsIn(file, words).map(({ found, instead }) => ({ file, line: 0, found, instead })),
    ...wordsIn(text, words).map(({ offset, found, instead }) => at(offset, found, instead)),
    ...identifierUses(file, source, identifiers).flatMap(({ offset, found, instead }) =>
      text[offset] === ' ' ? [] : [at(offset, found, instead)],
    ),
    ...phrasesIn(text, phrases).map(({ offset, found, instead }) => at(offset, found, instead)),
    ...labelsIn(text, labels).map(({ offset, found, instead }) => at(offset, found, instead)),
  ].toSorted((a, b) => a.line - b.line)
}

interface Found {
  offset: number
  found: string
  instead: string
}

/** Splits camelCase, snake_case and kebab-case, so that a word is found in every spelling. */
function wordsIn(text: string, words: Vocabulary['words']): Found[] {
  return [...text.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g)].flatMap(({ 0: found, index: offset }) => {
    const word = found.toLowerCase()
    const instead = Object.hasOwn(words, word) ? words[word] : undefined
    return instead === undefined ? [] : [{ offset, found, instead }]
  })
}

function phrasesIn(text: string, phrases: Vocabulary['phrases']): Found[] {
  // Same length, so that offsets still hold: the marks that start a line of a comment or a quote become white space.
  const flowing = text.replaceAll(/\n[ \t]*(?:\*(?!\/)|\/\/+|#|>)?/g, (start) => `\n${' '.repeat(start.length - 1)}`)
  return Object.entries(phrases).flatMap(([phrase, instead]) =>
    [...flowing.matchAll(new RegExp(`\\b(?:${phrase.replaceAll(' ', '\\s+')})\\b`, 'gi'))].map(
      ({ 0: found, index: offset }) => ({ offset, found: found.replaceAll(/\s+/g, ' '), instead }),
    ),
  )
}

function labelsIn(text: string, labels: Vocabulary['labels']): Found[] {
  return Object.entries(labels).flatMap(([label, instead]) =>
    [...text.matchAll(new RegExp(`(?<=['"\`>]\\s*|^#+ |\\*\\*)${label}(?=\\s*['"\`<]|\\*\\*|$)`, 'gm'))].map(
      ({ index: offset }) => ({ offset, found: label, instead }),
    ),
  )
}

function identifierUses(file: string, source: string, identifiers: Vocabulary['identifiers']): Found[] {
  if (!CODE.test(file)) return []
  const patterns = Object.entries(identifiers).map(([pattern, instead]) => ({
    pattern: new RegExp(`^(?:${pattern})$`),
    instead,
  }))
  return identifiersIn(source, file).flatMap(({ name, start }) => {
    const match = patterns.find(({ pattern }) => pattern.test(name))
    if (!match) return []
    return [{ offset: Buffer.from(source).toString('utf8', 0, start).length, found: name, instead: match.instead }]
  })
}

interface SyntaxNode {
  type?: string
  value?: unknown
  span?: { start: number; end: number }
}

/** Identifiers with their positions in bytes. @throws if the file does not parse */
function identifiersIn(source: string, file: string): { name: string; start: number }[] {
  // Positions continue from file to file, and the end excludes trailing comments: the added statement marks the real end.
  const text = `${source}\n;`
  const program = parse(text, file)
  const base = program.span.end - Buffer.byteLength(text)
  const starts = new Map<number, string>()
  collectIdentifiers(program, starts)
  return [...starts].map(([start, name]) => ({ name, start: start - base }))
}

function parse(text: string, file: string): swc.Module {
  try {
    return swc.parseSync(text, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2022' })
  } catch (cause) {
    throw new Error(`${file} does not parse`, { cause })
  }
}

/** `{ name }` is in the tree twice, so identifiers are collected by their position. */
function collectIdentifiers(node: unknown, starts: Map<number, string>): void {
  if (typeof node !== 'object' || node === null) return
  const { type, value, span }: SyntaxNode = node
  if (type === 'Identifier' && span) starts.set(span.start, String(value))
  for (const part of Object.values(node)) collectIdentifiers(part, starts)
}

/** @returns the tracked files that hold text of this project */
function trackedFiles({ skipped }: Vocabulary): string[] {
  return execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((file) => TEXT.test(file) && !skipped.some((path) => file.startsWith(path)) && existsSync(join(ROOT, file)))
}

if (import.meta.main) {
  const vocabulary = readVocabulary()
  const files = trackedFiles(vocabulary)
  const uses = files.flatMap((file) => findUses(file, readFileSync(join(ROOT, file), 'utf8'), vocabulary))
  for (const { file, line, found, instead } of uses) {
    console.error(`${file}${line === 0 ? '' : `:${line}`}: "${found}": write ${instead}`)
  }
  if (files.length < 250) console.error(`Only ${files.length} files were seen: the check looks at the wrong place.`)
  if (uses.length > 0) console.error(`${uses.length} uses of words that scripts/vocabulary.json lists.`)
  if (uses.length > 0 || files.length < 250) process.exit(1)
  console.log(`${files.length} files use none of the words that scripts/vocabulary.json lists`)
}
