/** Calendar arithmetic as both engines understand it: a day minus a day is a number of days. */

/** 1 = Monday … 7 = Sunday. 1 January 1990 was a Monday. */
export function weekdayOf(day: string): string {
  return `cast(mod(${day} - cast('1990-01-01' as date), 7) as integer) + 1`
}

/** The first day of the week that a day is in. @param weekStart 1 = Monday … 7 = Sunday */
export function firstDayOfWeek(day: string, weekStart: number): string {
  return `${day} - cast(mod(${day} - cast('1990-01-01' as date) + ${8 - weekStart}, 7) as integer)`
}

/** A relation with the numbers from 0 to below a count of at most 1,000, as the column `n`. */
export function numbersBelow(count: number): string {
  const digits = Array.from({ length: 10 }, (_, digit) => `(${digit})`).join(', ')
  return `(select n from (select 100 * h.n + 10 * t.n + o.n as n
    from (values ${digits}) as h(n) cross join (values ${digits}) as t(n) cross join (values ${digits}) as o(n)) counted
    where n < ${count})`
}
