import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

/** Performs the worked examples of CONTRIBUTING.md in a copy of the project. */

const ROOT = join(import.meta.dirname, '..')
const NOT_COPIED = ['.cache', '.data', '.git', '.next', 'node_modules', 'playwright-report', 'test-results']

/** How many files each kind may touch, by the start of its heading. */
const LIMITS = { 'A stream': 6, 'A chart': 2, 'A page': 6, 'A notification channel': 3 }

/** Tests that look at every entry of a registry, with the names of those that look at the examples. */
const CONTRACTS = {
  'lib/streams/contract.test.ts': 'user_saved_episodes_stream',
  'lib/channels/contract.test.ts': 'mattermost',
  'lib/warehouse/charts-parity.test.ts': 'first-liked',
  'app/authorisation.test.ts': 'has one row per page',
  'scripts/docs.test.ts': 'the simulated Spotify knows every scope',
}

/** A file without one of its steps, and where the compiler then finds a mistake. */
const MISSING = [
  { step: 'lib/streams/scopes.ts', mistakeIn: 'lib/streams/saved-episodes.ts' },
  { step: 'lib/channels/kinds.ts', mistakeIn: 'lib/channels/index.ts' },
  { step: 'lib/charts/index.ts', mistakeIn: 'scripts/shown-chart.ts' },
]

/** On an idle machine all of it takes less than a minute. */
const SLOW = { timeout: 300_000 }

interface Step {
  file: string
  text: string
  isEdit: boolean
}

/** The code blocks with a file name below a heading. */
function stepsOf(heading: string): Step[] {
  const sections = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').split(/^### /m)
  const section = sections.find((one) => one.startsWith(heading)) ?? ''
  return [...section.matchAll(/^```(\w+) (\S+)\n(.*?)^```$/gms)].map(([, language, file = '', text = '']) => ({
    file,
    text,
    isEdit: language === 'diff',
  }))
}

const steps = Object.keys(LIMITS).flatMap(stepsOf)
const pathOf = (file: string) => join(copy, file)

let copy = ''
beforeAll(() => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  // Packages are found in node_modules of the folder above.
  copy = mkdtempSync(join(ROOT, '.cache', 'worked-examples-'))
  for (const name of readdirSync(ROOT).filter((one) => !NOT_COPIED.includes(one)))
    cpSync(join(ROOT, name), pathOf(name), { recursive: true })
  writeFileSync(
    pathOf('next-env.d.ts'),
    '/// <reference types="next" />\n/// <reference types="next/image-types/global" />\n',
  )
  for (const step of steps) perform(step)
  writeFileSync(
    pathOf('scripts/shown-chart.ts'),
    "import type { ChartName } from '#lib/charts/index.ts'\n\nexport const shown: ChartName = 'first-liked'\n",
  )
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

function perform({ file, text, isEdit }: Step): void {
  if (existsSync(pathOf(file)) !== isEdit) throw new Error(`${file} ${isEdit ? 'does not exist' : 'already exists'}`)
  mkdirSync(dirname(pathOf(file)), { recursive: true })
  writeFileSync(pathOf(file), isEdit ? edited(file, text) : text)
}

/** Applies a diff whose hunks are separated by `@@` and found by their text, which must occur once. */
function edited(file: string, diff: string): string {
  return diff.split(/^@@\n/m).reduce(
    (content, hunk) => {
      const side = (sign: string) =>
        hunk
          .split('\n')
          .filter((line) => !line.startsWith(sign))
          .map((line) => line.slice(1))
          .join('\n')
      const before = `\n${side('+')}`
      if (content.split(before).length !== 2) throw new Error(`${file} doesn't contain this exactly once:${before}`)
      return content.replace(before, () => `\n${side('-')}`)
    },
    readFileSync(pathOf(file), 'utf8'),
  )
}

/** Runs a tool of this project in the copy. @returns its output and whether it succeeded */
function run(tool: string, ...args: string[]): Promise<{ ok: boolean; output: string }> {
  const env = { ...process.env }
  for (const name of Object.keys(env)) if (name.startsWith('VITEST')) delete env[name]
  const command = [join(ROOT, 'node_modules', tool), ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: copy, env, maxBuffer: 10_000_000 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: `${stdout}${stderr}` }),
    )
  })
}

/** @returns the files in which the compiler finds mistakes */
async function mistakes(): Promise<string[]> {
  const { ok, output } = await run('typescript/bin/tsc', '--noEmit', '--pretty', 'false')
  const files = [...output.matchAll(/^(\S.*)\(\d+,\d+\): error /gm)].map(([, file = '']) => file)
  if (ok !== (files.length === 0)) throw new Error(output)
  return [...new Set(files)]
}

test.for(Object.entries(LIMITS))('%s touches at most %i files', ([heading, limit]) => {
  const files = new Set(stepsOf(heading).map(({ file }) => file))
  expect(files.size).toBeGreaterThan(1)
  expect([...files].slice(limit)).toEqual([])
})

test('the examples compile', SLOW, async () => {
  expect(await mistakes()).toEqual([])
})

test('the examples are formatted and follow the lint rules', SLOW, async () => {
  const code = steps.map(({ file }) => file).filter((file) => /\.tsx?$/.test(file))
  const { ok, output } = await run('@biomejs/biome/bin/biome', 'check', ...new Set(code))
  expect(ok, output).toBe(true)
})

const Report = z.object({
  testResults: z.array(
    z.object({
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
})

test('the examples pass the tests of their registries', SLOW, async () => {
  const names = Object.values(CONTRACTS)
  const options = ['--project', 'unit', '--reporter', 'json', '--outputFile', 'report.json', '-t', names.join('|')]
  const { ok, output } = await run('vitest/vitest.mjs', 'run', ...options, ...Object.keys(CONTRACTS))
  const { testResults } = Report.parse(JSON.parse(readFileSync(pathOf('report.json'), 'utf8')))
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  const problems = [
    ...testResults.map(({ message }) => message),
    ...results.flatMap((one) => one.failureMessages ?? []),
  ]
  expect(problems.filter(Boolean)).toEqual([])
  expect(ok, output).toBe(true)
  const passed = results.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName)
  expect(names.filter((name) => !passed.some((one) => one.includes(name)))).toEqual([])
})

test('the compiler finds a missing step', SLOW, async () => {
  for (const { step } of MISSING) cpSync(join(ROOT, step), pathOf(step))
  expect((await mistakes()).sort()).toEqual(MISSING.map(({ mistakeIn }) => mistakeIn).sort())
})
