import { requireListener } from '#lib/auth/auth.ts'
import { Snowflake } from './snowflake.tsx'

export const metadata = { title: 'Snowflake' }

export default async function SnowflakePage() {
  await requireListener()
  return <Snowflake />
}
