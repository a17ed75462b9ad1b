const ink = "#16181d";

/** Styles of the elements of a mail with the layout, some by class: several mail programs read nothing but `style` attributes. The layout's
 *  style sheet has the dark colours of the same. */
const styles: Record<string, string> = {
  h1: `margin:0 0 16px;font-size:24px;line-height:1.3;font-weight:700;letter-spacing:-0.01em;color:${ink}`,
  h2: `margin:28px 0 10px;font-size:17px;line-height:1.4;font-weight:700;color:${ink}`,
  p: "margin:0 0 16px",
  "p.quiet": "margin:0 0 12px;font-size:14px;line-height:1.55;color:#5b606d",
  "p.code": `margin:0 0 20px;padding:18px 12px;border-radius:10px;background:#f2f3f6;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:28px;line-height:1.2;font-weight:700;letter-spacing:0.16em;text-align:center;color:${ink}`,
  "p.amount": `margin:0 0 20px;font-size:34px;line-height:1.2;font-weight:700;letter-spacing:-0.02em;color:${ink}`,
  ul: "margin:0 0 16px;padding:0 0 0 22px",
  ol: "margin:0 0 16px;padding:0 0 0 22px",
  li: "margin:0 0 6px",
  strong: `font-weight:700;color:${ink}`,
  hr: "margin:24px 0;border:0;border-top:1px solid #e3e5ea",
  blockquote: "margin:0 0 20px;padding:2px 0 2px 16px;border-left:3px solid #d5d8df;color:#464b57",
  code: "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px;overflow-wrap:anywhere",
  pre: "margin:0 0 16px;padding:12px 14px;border-radius:8px;background:#f2f3f6;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere",
  "table.facts": "width:100%;margin:4px 0 24px;border-collapse:collapse;font-size:15px;line-height:1.5",
  "table.items":
    "width:100%;table-layout:fixed;margin:4px 0 24px;border-collapse:collapse;font-size:15px;line-height:1.5",
  th: "padding:10px 12px 10px 0;border-bottom:1px solid #e8eaee;text-align:left;vertical-align:top;font-weight:400;color:#5b606d",
  td: `padding:10px 0;border-bottom:1px solid #e8eaee;text-align:left;vertical-align:top;color:${ink};overflow-wrap:anywhere`,
  "th.number":
    "padding:10px 0 10px 12px;border-bottom:1px solid #e8eaee;text-align:right;vertical-align:top;font-weight:400;color:#5b606d;width:40%;overflow-wrap:anywhere",
  "td.number": `padding:10px 0 10px 12px;border-bottom:1px solid #e8eaee;text-align:right;vertical-align:top;color:${ink};width:40%;overflow-wrap:anywhere`,
  "div.note": "margin:0 0 20px;padding:14px 16px;border-radius:10px;background:#f2f3f6;color:#33363f",
  "div.good": "margin:0 0 20px;padding:14px 16px;border-radius:10px;background:#e8f6ee;color:#14532d",
  "div.warn": "margin:0 0 20px;padding:14px 16px;border-radius:10px;background:#fdf3dc;color:#6b3f06",
  "div.bad": "margin:0 0 20px;padding:14px 16px;border-radius:10px;background:#fdecec;color:#7f1d1d",
};

const names = [...new Set(Object.keys(styles).map((key) => key.split(".")[0] ?? "")), "a"];
/** An opening tag of one of them, with its attributes. */
const tag = new RegExp(`<(${names.join("|")})((?:\\s(?:[^>"']|"[^"]*"|'[^']*')*)?)>`, "gi");

/** Writes the styles into elements that have none of their own; links in the accent colour. */
export function withStyles(html: string, accent: string): string {
  return html.replace(tag, (whole, name: string, attributes: string) => {
    if (/\sstyle\s*=/i.test(attributes)) return whole;
    const style = styleOf(name.toLowerCase(), attributes, accent);
    return style === undefined ? whole : `<${name}${attributes} style="${style}">`;
  });
}

function styleOf(name: string, attributes: string, accent: string): string | undefined {
  if (name === "a") return `color:${accent};text-decoration:underline;overflow-wrap:anywhere`;
  const classes = /\sclass\s*=\s*["']?([^"'>]*)/i.exec(attributes)?.[1]?.split(/\s+/) ?? [];
  for (const each of classes) {
    const key = `${name}.${each}`;
    if (Object.hasOwn(styles, key)) return styles[key];
  }
  return Object.hasOwn(styles, name) ? styles[name] : undefined;
}

/** A scheme may be written with tabs and line breaks inside (WHATWG URL, 4.4), so each letter may be followed by some. */
const spaced = (scheme: string): string => [...scheme].join("[\\s\\0]*");
const schemes = ["javascript", "vbscript", "data:text"].map(spaced).join("|");
const scriptLink = new RegExp(
  `(\\s(?:href|src|action|formaction|background|xlink:href)\\s*=\\s*["']?)[\\s\\0]*(?:${schemes})`,
  "gi",
);

/** Takes the sting out of links that would run something: a value of the data may be one. */
export function withoutScriptLinks(html: string): string {
  return html.replace(scriptLink, "$1#");
}
