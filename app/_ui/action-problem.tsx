'use client'

import type { UseMutationResult } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import type { RefusalCode } from '#lib/core/errors.ts'
import { ProblemText } from './problem.tsx'
import { asProblem } from './request.ts'

// Loaded on demand: it is rarely shown.
const ConfirmSignIn = dynamic(() => import('./confirm-sign-in.tsx').then((module) => module.ConfirmSignIn))

const CONFIRM: RefusalCode = 'confirm-sign-in'

interface Props<Variables> {
  action: Pick<UseMutationResult<unknown, Error, Variables>, 'error' | 'variables' | 'mutate'>
  /** Submits the form as it is now. By default, the same request is repeated. */
  retry?: () => void
}

/**
 * Explains why an action failed. If it needs a recent sign-in, lets the listener confirm and then repeats the action.
 */
export function ActionProblem<Variables>({ action: { error, variables, mutate }, retry }: Props<Variables>) {
  if (!error) return null
  const problem = asProblem(error)
  if (problem.code !== CONFIRM) return <ProblemText problem={problem} />
  return <ConfirmSignIn onConfirmed={retry ?? (() => mutate(variables as Variables))} />
}
