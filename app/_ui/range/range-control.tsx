'use client'

import { VisuallyHidden } from '@mantine/core'
import { formatDays } from '#app/_ui/format.ts'
import { BackIcon, CalendarIcon, ForwardIcon } from '#app/_ui/icons.tsx'
import { COMPARISONS, PRESETS, resolveComparison, resolvePeriod, shiftPeriod } from '#lib/core/period.ts'
import { comparisonLabel, PRESET_LABELS, periodLabel } from './labels.ts'
import { usePeriod } from './period-context.tsx'
import classes from './range-control.module.css'
import { RangeMenu } from './range-menu.tsx'

/**
 * Selects the period of a page and what it is compared with; both are in the address.
 * @param compares false where a page has nothing to compare
 */
export function RangeControl({ compares = true }: { compares?: boolean }) {
  const { period, compared, problems, calendar } = usePeriod()
  const label = periodLabel(period, calendar)
  const comparison = compares && compared ? `, compared with ${formatDays(compared)}` : ''
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset can't be laid out in the top bar
    <div className={classes.control} role="group" aria-label="Period">
      <div className={classes.period}>
        <PeriodMenu />
        <Step by={-1} />
        <Step by={1} />
      </div>
      {compares && <CompareMenu />}
      <VisuallyHidden role="status">{`${label}: ${formatDays(period)}${comparison}`}</VisuallyHidden>
      {problems.map(({ param, message }) => (
        <p key={param} className={classes.problem} role="alert">
          {message} in this address. Showing {param.startsWith('compare') ? 'the usual comparison' : label} instead.
        </p>
      ))}
    </div>
  )
}

function PeriodMenu() {
  const { period, selection, calendar, linkTo, select } = usePeriod()
  const range = typeof selection.period === 'object' ? selection.period : null
  return (
    <RangeMenu
      name="Period"
      label={periodLabel(period, calendar)}
      icon={<CalendarIcon size={16} />}
      options={PRESETS.map((preset) => ({
        label: PRESET_LABELS[preset],
        detail: formatDays(resolvePeriod(preset, calendar)),
        isCurrent: selection.period === preset,
        link: linkTo({ period: preset }),
      }))}
      custom={{ range, initial: period, onApply: (range) => select({ period: range }) }}
      calendar={calendar}
    />
  )
}

/** An arrow to the period before or after. Without one it stays in place and keeps the focus. */
function Step({ by }: { by: -1 | 1 }) {
  const { period, calendar, linkTo } = usePeriod()
  const shifted = shiftPeriod(period, by, calendar)
  const name = by === -1 ? 'Previous period' : 'Next period'
  const Icon = by === -1 ? BackIcon : ForwardIcon
  const link = shifted && linkTo({ period: shifted.preset ?? { from: shifted.from, to: shifted.to } })
  return (
    <a
      className={classes.step}
      title={shifted ? periodLabel(shifted, calendar) : undefined}
      {...(link ?? { role: 'link', 'aria-disabled': true, tabIndex: 0 })}
    >
      <Icon size={16} />
      <VisuallyHidden>{shifted ? `${name}: ${periodLabel(shifted, calendar)}` : name}</VisuallyHidden>
    </a>
  )
}

function CompareMenu() {
  const { period, compared, selection, calendar, linkTo, select } = usePeriod()
  const range = typeof selection.compare === 'object' ? selection.compare : null
  const options = COMPARISONS.flatMap((compare) => {
    const days = resolveComparison(period, compare, calendar)
    if (!days && compare !== 'none') return []
    return {
      label: capitalize(comparisonLabel(period, compare, calendar)),
      ...(days ? { detail: formatDays(days) } : {}),
      isCurrent: compared ? selection.compare === compare : compare === 'none',
      link: linkTo({ compare }),
    }
  })
  return (
    <RangeMenu
      name="Comparison"
      label={compared ? `vs ${comparisonLabel(period, selection.compare, calendar)}` : 'Compare'}
      isQuiet={!compared}
      options={options}
      custom={{ range, initial: compared ?? period, onApply: (range) => select({ compare: range }) }}
      calendar={calendar}
    />
  )
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
