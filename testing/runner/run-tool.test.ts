import { expect, test, vi } from 'vitest'
import { runTool } from './run-tool.ts'

test('a tool is stopped at the time limit, with a message', async () => {
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  expect(await runTool(['-e', 'setInterval(() => {}, 1000)'], {}, 60)).toBe(1)
  expect(errors.mock.calls).toEqual([['stopped at the time limit of 0.001 minutes']])
  errors.mockRestore()
})

test('returns the exit code of a tool', async () => {
  expect(await runTool(['-e', 'process.exit(Number(process.env.CODE))'], { CODE: '3' })).toBe(3)
})
