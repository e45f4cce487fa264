import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** The files that `npm run test:answers` runs. */
function filesOf(environment: Record<string, string>): string[] {
  const command = ['node_modules/vitest/vitest.mjs', 'list', '--project', 'answers', '--filesOnly']
  const { SPOTIFY_OPENAPI: _, ...env } = process.env
  const output = execFileSync(process.execPath, command, { env: { ...env, ...environment, CI: '1' }, encoding: 'utf8' })
  return output.match(/[\w-]+\.answers\.test\.ts/g)?.sort() ?? []
}

test('the tests with real responses need the OpenAPI document only to compare the simulation with it', () => {
  const files = ['real-answers.answers.test.ts', 'real-fields.answers.test.ts']
  expect(filesOf({})).toEqual(files)
  expect(filesOf({ SPOTIFY_OPENAPI: 'spotify.yml' })).toEqual(['openapi.answers.test.ts', ...files])
})
