import type { CSSProperties } from 'react'
import { Link } from '#app/_ui/link.tsx'
import classes from './figures.module.css'

/** A letter of a unit is about half as wide as a digit of the value. */
const UNIT_WIDTH = 0.5

interface Props {
  value: string
  unit?: string | null
  /** What the value counts. */
  href?: string
}

/** The number of a tile, as large as fits into it. */
export function FigureValue({ value, unit, href }: Props) {
  const characters = value.length + (unit ? 1 + UNIT_WIDTH * unit.length : 0)
  return (
    <dd className={classes.value} style={{ '--characters': characters } as CSSProperties}>
      {href ? <Link href={href}>{value}</Link> : value}
      {unit && <span className={classes.unit}> {unit}</span>}
    </dd>
  )
}
