let known: boolean | undefined;

/** Whether this system has pictures of flags: many show the two letters instead, or nothing. Found out by drawing one: a flag has colours. */
export function hasFlags(): boolean {
  known ??= drawsInColour("\u{1f1e9}\u{1f1ea}");
  return known;
}

function drawsInColour(text: string): boolean {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const context = canvas.getContext("2d");
  if (!context) return false;
  context.font = "14px sans-serif";
  context.fillText(text, 0, 13);
  const { data } = context.getImageData(0, 0, 16, 16);
  for (let at = 0; at < data.length; at += 4)
    if (Math.abs((data[at] ?? 0) - (data[at + 2] ?? 0)) > 60 && (data[at + 3] ?? 0) > 100) return true;
  return false;
}

/** The flag of a country: its two letters as Unicode's regional indicators. */
export function flagOf(code: string): string {
  return code.toUpperCase().replace(/[A-Z]/g, (letter) => String.fromCodePoint(0x1f1a5 + letter.charCodeAt(0)));
}
