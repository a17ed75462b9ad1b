const browsers: [name: string, mark: RegExp][] = [
  ["Edge", /Edg\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["Firefox", /Firefox\/(\d+)/],
  ["Chrome", /Chrome\/(\d+)/],
  ["Safari", /Version\/(\d+).*Safari/],
  ["curl", /curl\/(\d+)/],
];
const systems: [name: string, mark: RegExp][] = [
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux/],
];

/** What a person calls a browser: "Firefox 144 on Linux". For one's own few sessions; events are read by the server. */
export function browserName(userAgent: string | undefined): string {
  if (!userAgent) return "Unknown browser";
  const browser = browsers
    .map(([name, mark]) => [name, mark.exec(userAgent)?.[1]] as const)
    .find(([, version]) => version);
  const system = systems.find(([, mark]) => mark.test(userAgent))?.[0];
  if (!browser) return userAgent.length > 60 ? `${userAgent.slice(0, 60)}…` : userAgent;
  return system ? `${browser[0]} ${browser[1]} on ${system}` : `${browser[0]} ${browser[1]}`;
}
