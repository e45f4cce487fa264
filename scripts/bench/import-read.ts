import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SECOND } from '#lib/core/clock.ts'
import { readUpload } from '#lib/imports/reader/reader.ts'
import { extendedMembers, extendedRow, madePlays } from '#testing/exports/spotify.ts'
import { writeZip } from '#testing/exports/zip.ts'
import { startCpuMeter } from '#testing/runner/cpu-meter.ts'
import type { Figure, Part } from './figure.ts'
import { byProcessName, peakMegabytes } from './process-tree.ts'

const MEGABYTE = 1_000_000

/** Targets in CPU seconds and MB. */
const EXPORTS = [
  { plays: 140_000, maxCpu: 3, maxMemory: 160 },
  { plays: 1_000_000, maxCpu: 15, maxMemory: 160 },
]

function* rowsOf(plays: number) {
  for (const play of madePlays({ plays })) yield extendedRow(play)
}

interface Reading {
  zipBytes: number
  bytes: number
  cpuSeconds: number
  wallSeconds: number
  peak: number
}

async function read(plays: number): Promise<Reading> {
  const folder = mkdtempSync(join(tmpdir(), 'tracklake-bench-'))
  try {
    const path = join(folder, 'my_spotify_data.zip')
    const zipBytes = writeZip(path, extendedMembers(rowsOf(plays)))
    const meter = startCpuMeter()
    const own = process.cpuUsage()
    const start = performance.now()
    let peak = 0
    let items = 0
    let bytes = 0
    for await (const message of readUpload([{ path, name: 'my_spotify_data.zip' }])) {
      if (message.type === 'page') items += message.page.items.length
      if (message.type !== 'progress') continue
      bytes = message.total
      peak = Math.max(peak, byProcessName(process.pid, peakMegabytes)?.get('reader') ?? 0)
    }
    if (items !== plays) throw new Error(`${items} of ${plays} plays were read.`)
    const { user, system } = process.cpuUsage(own)
    const cpuSeconds = (meter() ?? 0) - (user + system) / 1000 / SECOND
    return { zipBytes, bytes, cpuSeconds, wallSeconds: (performance.now() - start) / SECOND, peak }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const inMegabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(1)

async function measure(): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const { plays, maxCpu, maxMemory } of EXPORTS) {
    const { zipBytes, bytes, cpuSeconds, wallSeconds, peak } = await read(plays)
    const what = `${plays.toLocaleString('en')} plays`
    const how = `A synthetic extended history with all 23 keys, 16,000 rows per file, from the zip to cleaned pages: ${inMegabytes(bytes)} MB in a zip of ${inMegabytes(zipBytes)} MB. CPU and peak memory of the reading process; nothing is landed.`
    figures.push(
      {
        name: `reading ${what}`,
        value: cpuSeconds,
        unit: 's',
        target: { atMost: maxCpu },
        baseline: `${wallSeconds.toFixed(1)} s elapsed`,
        how,
      },
      { name: `memory for reading ${what}`, value: peak, unit: 'MB', target: { atMost: maxMemory }, how },
    )
  }
  return figures
}

export const importReadPart: Part = { title: 'Reading exports', measure }
