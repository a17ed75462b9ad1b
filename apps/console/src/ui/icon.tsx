/** Outlines on a 16 px grid, drawn with the text's colour. */
const outlines = {
  menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3.5 8.5l3 3 6-7",
  chevron: "M4.5 6.25 8 9.75l3.5-3.5",
  copy: "M5.5 5.5v-2a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M3.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1z",
  download: "M8 2.5v7.5M4.75 7 8 10.25 11.25 7M3 13.5h10",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  search: "M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM10.7 10.7 14 14",
  warning: "M8 2.25 14.5 13.5h-13zM8 6.5v3.25M8 11.7v.05",
  lock: "M4.5 7.5h7a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1zM5.25 7.5v-2a2.75 2.75 0 0 1 5.5 0v2",
  up: "M8 13V3.5M4 7.25 8 3.25l4 4",
  down: "M8 3v9.5M4 8.75l4 4 4-4",
  grip: "M6 4v.05M10 4v.05M6 8v.05M10 8v.05M6 12v.05M10 12v.05",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  link: "M6.75 9.25 9.25 6.75M7.5 4.5l1.25-1.25a2.83 2.83 0 0 1 4 4L11.5 8.5M8.5 11.5l-1.25 1.25a2.83 2.83 0 0 1-4-4L4.5 7.5",
  more: "M3.5 8v.05M8 8v.05M12.5 8v.05",
  person: "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8zM3 13.5c.5-2.25 2.5-3.5 5-3.5s4.5 1.25 5 3.5",
  columns: "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
  bookmark: "M4.5 2.5h7v11L8 10.75 4.5 13.5z",
  sliders: "M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M10 3.25v3.5M6 9.25v3.5",
} as const;

export type IconName = keyof typeof outlines;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={outlines[name]} />
    </svg>
  );
}
