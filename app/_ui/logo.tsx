/** A record that makes waves on a lake. */
export function LogoMark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true" focusable="false">
      <circle cx="16" cy="16" r="3.5" fill="var(--bar)" />
      <path
        d="M8.5 16a7.5 7.5 0 0 1 15 0M3 16a13 13 0 0 1 26 0"
        stroke="var(--bar)"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
      <path
        d="M7 22c3-2.6 6-2.6 9 0s6 2.6 9 0M10.5 27.5c1.8-1.5 3.7-1.5 5.5 0s3.7 1.5 5.5 0"
        stroke="var(--bar)"
        strokeOpacity="0.6"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
    </svg>
  )
}
