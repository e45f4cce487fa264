import { Skeleton, VisuallyHidden } from '@mantine/core'

/** The shape of most pages: a title, a row of figures, two panels. */
export default function Loading() {
  return (
    <div role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <Skeleton height={36} width={200} mb="md" />
      <Skeleton height={104} mb="md" radius="lg" />
      <Skeleton height={360} radius="lg" />
    </div>
  )
}
