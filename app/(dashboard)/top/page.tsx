import { redirect } from 'next/navigation'

export default function TopRedirect(): never {
  redirect('/top/tracks')
}
