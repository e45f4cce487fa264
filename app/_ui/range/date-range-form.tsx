'use client'

import '@mantine/dates/styles.css'
import { Button, TextInput } from '@mantine/core'
import { DatePicker, DatesProvider } from '@mantine/dates'
import { type FormEvent, useState } from 'react'
import { type Calendar, type DateRange, EARLIEST_DAY, isDay, readSelection } from '#lib/core/period.ts'
import classes from './range-menu.module.css'

/** As the calendar counts: 0 = Sunday. */
type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6

const ARROWS = {
  nextMonth: 'Next month',
  previousMonth: 'Previous month',
  nextYear: 'Next year',
  previousYear: 'Previous year',
  nextDecade: 'Next ten years',
  previousDecade: 'Previous ten years',
}

interface Props {
  initial: DateRange
  calendar: Calendar
  onApply: (range: DateRange) => void
}

/** Two days, typed or selected in a calendar. */
export function DateRangeForm({ initial, calendar, onApply }: Props) {
  const { today, weekStart } = calendar
  const [range, setRange] = useState<DateRange>({ from: initial.from, to: initial.to })
  const [month, setMonth] = useState(initial.to)
  const [isChecked, setChecked] = useState(false)
  const { selection, problems } = readSelection(range, calendar, { period: 'all', compare: 'none' })
  const [problem] = isChecked ? problems : []

  function apply(event: FormEvent) {
    event.preventDefault()
    setChecked(true)
    if (typeof selection.period === 'object') onApply(selection.period)
  }

  const field = (name: 'from' | 'to', label: string) => (
    <TextInput
      type="date"
      label={label}
      min={EARLIEST_DAY}
      max={today}
      value={range[name]}
      onChange={({ currentTarget: { value } }) => {
        setRange({ ...range, [name]: value })
        if (isDay(value) && value >= EARLIEST_DAY && value <= today) setMonth(value)
      }}
      error={problem?.param === name && problem.remedy}
    />
  )

  return (
    <form className={classes.form} onSubmit={apply} noValidate>
      <div className={classes.fields}>
        {field('from', 'From')}
        {field('to', 'To')}
      </div>
      <DatesProvider settings={{ firstDayOfWeek: (weekStart % 7) as Weekday, weekendDays: [], consistentWeeks: true }}>
        <DatePicker
          type="range"
          allowSingleDateInRange
          value={[range.from || null, range.to || null]}
          onChange={([from, to]) => setRange({ from: from ?? '', to: to ?? '' })}
          date={month}
          onDateChange={setMonth}
          minDate={EARLIEST_DAY}
          maxDate={today}
          hideOutsideDates
          fullWidth
          getDayProps={(day) => (day === today ? { 'aria-current': 'date' } : {})}
          ariaLabels={ARROWS}
        />
      </DatesProvider>
      <Button type="submit" size="sm">
        Apply
      </Button>
    </form>
  )
}
