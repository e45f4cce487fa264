import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { Stop } from '#lib/core/errors.ts'
import { commandOf } from './processes.ts'

/** @throws Stop that names the process on the port, if the system reveals it */
export async function refuseTakenPort(port: number, host: string, setting: string): Promise<void> {
  const code = await tryToListen(port, host)
  if (code === undefined) return
  if (code === 'EADDRINUSE') {
    throw new Stop(`Port ${port} is taken${describeOwner(port)}.`, {
      remedy: `End that process, or choose another port, for example ${setting}=${port + 10}.`,
    })
  }
  if (code === 'EACCES') {
    throw new Stop(`Port ${port} may only be opened by root.`, { remedy: `Set ${setting} to a port above 1023.` })
  }
  throw new Stop(`This machine has no address ${host} (${code}).`, {
    remedy: 'Set HOST to 127.0.0.1 for this machine only, or to 0.0.0.0 for all its networks.',
  })
}

function tryToListen(port: number, host: string): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer()
    server.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    server.listen(port, host, () => server.close(() => done(undefined)))
  })
}

function describeOwner(port: number): string {
  const pid = process.platform === 'linux' ? ownerOf(port) : undefined
  if (pid === undefined) return ''
  return ` by process ${pid} (${commandOf(pid)?.slice(0, 120) ?? 'unknown'})`
}

const LISTENING = '0A'

/** The process that listens on a port; undefined for processes of other users. Linux only. */
function ownerOf(port: number): number | undefined {
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)))
  const targets = new Set([...sockets].map((inode) => `socket:[${inode}]`))
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => openFiles(pid).some((target) => targets.has(target)))
}

function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return readFileSync(`/proc/net/${table}`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTENING)
    .flatMap((fields) => fields[9] ?? [])
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => linkTarget(`/proc/${pid}/fd/${name}`) ?? [])
  } catch {
    return [] // it belongs to another user or has just exited
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined // it has been closed
  }
}
