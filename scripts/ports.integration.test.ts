import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { refuseTakenPort } from './ports.ts'
import { freePort } from './postgres.ts'

test('a free port is accepted', async () => {
  await refuseTakenPort(await freePort(), '127.0.0.1', 'PORT')
})

test.runIf(process.platform === 'linux')(
  'a taken port is refused, and the message names the process and another port',
  async () => {
    const port = await freePort()
    const code = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('listening'))`
    const owner = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] })
    onTestFinished(async () => {
      owner.kill('SIGKILL')
      await once(owner, 'exit')
    })
    await once(owner.stdout, 'data')
    await expect(refuseTakenPort(port, '127.0.0.1', 'PORT')).rejects.toMatchObject({
      message: expect.stringContaining(`Port ${port} is taken by process ${owner.pid} (`),
      remedy: expect.stringContaining(`PORT=${port + 10}`),
    })
  },
)

test('an address of another machine is refused', async () => {
  await expect(refuseTakenPort(await freePort(), '192.0.2.1', 'PORT')).rejects.toThrow('has no address 192.0.2.1')
})
