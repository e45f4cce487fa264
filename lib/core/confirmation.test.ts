import { expect, test } from 'vitest'
import { isTyped } from './confirmation.ts'

test.for([
  ['quiet-fern', 'quiet-fern'],
  [' quiet-fern ', 'quiet-fern'],
  ['Ida Moss', ' Ida  Moss\u00a0'],
  ['Zoe\u0308', 'Zo\u00eb'],
] as const)('%j is the name %j', ([typed, name]) => {
  expect(isTyped(typed, name)).toBe(true)
})

test.for([
  ['quiet-ferns', 'quiet-fern'],
  ['Quiet-fern', 'quiet-fern'],
  ['IdaMoss', 'Ida Moss'],
  ['', 'quiet-fern'],
] as const)('%j is not the name %j', ([typed, name]) => {
  expect(isTyped(typed, name)).toBe(false)
})
