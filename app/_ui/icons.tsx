import type { ReactNode } from 'react'

/** Line icons on a 24 px grid. They are decorative: a label is always next to them. */
function icon(drawing: ReactNode) {
  return function Icon({ size = 20 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {drawing}
      </svg>
    )
  }
}

export const OverviewIcon = icon(
  <>
    <rect x="4" y="4" width="7" height="9" rx="1.5" />
    <rect x="13" y="4" width="7" height="5" rx="1.5" />
    <rect x="13" y="11" width="7" height="9" rx="1.5" />
    <rect x="4" y="15" width="7" height="5" rx="1.5" />
  </>,
)
export const TopIcon = icon(
  <>
    <path d="M5 20v-7h4v7" />
    <path d="M10 20V5h4v15" />
    <path d="M15 20V10h4v10" />
  </>,
)
export const HistoryIcon = icon(
  <>
    <path d="M4 6.5h10M4 12h10M4 17.5h6" />
    <path d="M18.5 9v8.5M18.5 9l2.5 1.2" />
    <circle cx="16.8" cy="17.5" r="1.7" />
  </>,
)
export const InsightsIcon = icon(
  <>
    <path d="M4 19h16" />
    <path d="m5 14 4-4 4 3 6-7" />
  </>,
)
export const LibraryIcon = icon(
  <path d="M12 19.5 5.2 12.9a4.4 4.4 0 0 1 0-6.3 4.5 4.5 0 0 1 6.3 0l.5.5.5-.5a4.5 4.5 0 0 1 6.3 0 4.4 4.4 0 0 1 0 6.3z" />,
)
export const PlaylistsIcon = icon(
  <>
    <path d="M4 6.5h16M4 11.5h10M4 16.5h7" />
    <path d="M17 19V12l3.5 1.5" />
    <circle cx="15" cy="19" r="2" />
  </>,
)
export const ChartsIcon = icon(
  <>
    <path d="M4 7c4 0 4 10 8 10s4-7 8-7" />
    <path d="M4 16c4 0 4-8 8-8s4 9 8 9" opacity="0.5" />
  </>,
)
export const RecapIcon = icon(<path d="m12 4.5 2.3 4.8 5.2.7-3.8 3.6.9 5.2-4.6-2.5-4.6 2.5.9-5.2L4.5 10l5.2-.7z" />)
export const ImportIcon = icon(
  <>
    <path d="M12 15V4.5M8 8.5l4-4 4 4" />
    <path d="M4.5 14.5V18a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5v-3.5" />
  </>,
)
export const DataIcon = icon(
  <>
    <ellipse cx="12" cy="6" rx="7" ry="2.8" />
    <path d="M5 6v6c0 1.5 3.1 2.8 7 2.8s7-1.3 7-2.8V6" />
    <path d="M5 12v6c0 1.5 3.1 2.8 7 2.8s7-1.3 7-2.8v-6" />
  </>,
)
export const SqlIcon = icon(
  <>
    <rect x="3.5" y="5" width="17" height="14" rx="2" />
    <path d="m7.5 10 2.5 2-2.5 2M12.5 14.5h4" />
  </>,
)
export const RunsIcon = icon(
  <>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 7.5V12l3 2" />
  </>,
)
export const ConnectionsIcon = icon(
  <>
    <path d="M9.5 14.5 14.5 9.5" />
    <path d="m11 7 1.6-1.6a4 4 0 0 1 5.9 5.6L17 12.7" />
    <path d="m13 17-1.6 1.6a4 4 0 0 1-5.9-5.6L7 11.3" />
  </>,
)
export const SettingsIcon = icon(
  <>
    <path d="M4 7h9M17 7h3M4 17h3M11 17h9" />
    <circle cx="15" cy="7" r="2" />
    <circle cx="9" cy="17" r="2" />
  </>,
)
export const AdminIcon = icon(
  <>
    <path d="M12 3.5 5 6v5.5c0 4.2 2.9 7.3 7 9 4.1-1.7 7-4.8 7-9V6z" />
    <path d="m9.2 12 2 2 3.6-3.8" />
  </>,
)
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4 4" />
  </>,
)
export const CheckIcon = icon(<path d="m5 12.5 4.5 4.5L19 7.5" />)
export const CrossIcon = icon(<path d="M6.5 6.5l11 11M17.5 6.5l-11 11" />)
export const AlertIcon = icon(
  <>
    <path d="M12 4 3.5 19h17z" />
    <path d="M12 10v4M12 16.6v.1" />
  </>,
)
export const PauseIcon = icon(<path d="M9 6v12M15 6v12" />)
export const DotsIcon = icon(<path d="M6 12h.01M12 12h.01M18 12h.01" strokeWidth="2.5" />)
export const TurnIcon = icon(
  <>
    <path d="M19 12a7 7 0 1 1-2.2-5.1" />
    <path d="M19.5 3.5v4.2h-4.2" />
  </>,
)
export const SkipIcon = icon(
  <>
    <circle cx="12" cy="12" r="8" />
    <path d="M8 12h8" />
  </>,
)
export const CopyIcon = icon(
  <>
    <rect x="9" y="9" width="11" height="11" rx="2" />
    <path d="M5 15a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1" />
  </>,
)
export const DownloadIcon = icon(
  <>
    <path d="M12 4v11" />
    <path d="m7.5 11 4.5 4.5 4.5-4.5M5 20h14" />
  </>,
)
export const OutIcon = icon(
  <>
    <path d="M10 5H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h4" />
    <path d="m15 8 4 4-4 4M19 12H10" />
  </>,
)
export const GuideIcon = icon(
  <>
    <path d="M12 6.5C10 5 7 4.5 4 5v13c3-.5 6 0 8 1.5 2-1.5 5-2 8-1.5V5c-3-.5-6 0-8 1.5Z" />
    <path d="M12 6.5v13" />
  </>,
)
export const CalendarIcon = icon(
  <>
    <rect x="4" y="5.5" width="16" height="14.5" rx="2" />
    <path d="M4 10h16M8.5 3.5v4M15.5 3.5v4" />
  </>,
)
export const PlusIcon = icon(<path d="M12 6v12M6 12h12" />)
export const DownIcon = icon(<path d="m7 10 5 5 5-5" />)
export const BackIcon = icon(<path d="m14.5 6-6 6 6 6" />)
export const ForwardIcon = icon(<path d="m9.5 6 6 6-6 6" />)
export const LakeIcon = icon(
  <>
    <path d="M3 10c2.25-2.4 4.5-2.4 6.75 0s4.5 2.4 6.75 0 3-2.4 4.5-1.5" />
    <path d="M3 15.5c2.25-2.4 4.5-2.4 6.75 0s4.5 2.4 6.75 0 3-2.4 4.5-1.5" />
  </>,
)
