import { expect, test } from 'vitest'
import { SECOND } from '#lib/core/clock.ts'
import { Stop } from '#lib/core/errors.ts'
import { linesOf, ok, problem, runCheck } from './report.ts'

test('secrets are hidden wherever they appear', () => {
  const finding = problem('postgresql://somebody:pass-word@db failed', 'Replace pass-word.')
  const lines = linesOf('Postgres', finding, ['pass-word'])
  expect(lines).toContain('postgresql://somebody:[hidden]@db failed')
  expect(lines).toContain('Replace [hidden].')
})

test('a check that hangs ends at its deadline, and one that throws becomes a finding with its remedy', async () => {
  const hanging = { name: 'hanging', find: () => new Promise<never>(() => undefined), deadlineMs: 10 }
  expect(await runCheck(hanging)).toMatchObject({ state: 'problem', detail: 'not finished within 0.01 s' })
  const failing = { name: 'failing', find: () => Promise.reject(new Stop('It broke', { remedy: 'Fix it.' })) }
  expect(await runCheck(failing)).toEqual({ state: 'problem', detail: 'It broke', remedy: 'Fix it.' })
  expect(await runCheck({ name: 'fine', find: async () => ok('well'), deadlineMs: SECOND })).toEqual(ok('well'))
})
