import { CheckIcon } from '#app/_ui/icons.tsx'
import classes from './setup.module.css'

/** Numbered steps; those before `active` are done. */
export function StepList({ steps, active }: { steps: string[]; active: number }) {
  return (
    <ol className={classes.steps}>
      {steps.map((step, index) => (
        <li key={step} data-done={index < active} aria-current={index === active ? 'step' : undefined}>
          <span className={classes.stepNumber}>{index < active ? <CheckIcon size={16} /> : index + 1}</span>
          {step}
        </li>
      ))}
    </ol>
  )
}
