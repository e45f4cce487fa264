import { expect, test, vi } from 'vitest'
import { runTool } from './run-tool.ts'

test('a tool that takes too long is ended, and it is said', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  expect(await runTool(['-e', 'setInterval(() => {}, 1000)'], {}, 60)).toBe(1)
  expect(said.mock.calls).toEqual([['ended after 0.001 minutes, which is longer than it may take']])
  said.mockRestore()
})

test('one that ends in time says how', async () => {
  expect(await runTool(['-e', 'process.exit(Number(process.env.CODE))'], { CODE: '3' })).toBe(3)
})
