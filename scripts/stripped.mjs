// Loaded before TypeScript files (node --import, or imported first): takes them without their types from .cache.
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { strippedSource } from './strip-types.mjs'

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context)
    return { format: 'module', source: strippedSource(fileURLToPath(url)), shortCircuit: true }
  },
})
