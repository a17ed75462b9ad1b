import { useMemo, useRef } from "react";
import "./mail-frame.css";

interface MailFrameProps {
  /** The HTML of the mail, as it was sent. */
  html: string;
  title: string;
  /** Pictures of other servers are fetched, which tells those servers that somebody looks. */
  remoteImages: boolean;
  /** As somebody sees it whose mail program is dark. */
  dark?: boolean;
}

/**
 * What a mail looks like, in a frame that may do nothing: no scripts, no forms, no windows, no origin (`sandbox=""`), and a policy of its own
 * that lets nothing be fetched. Links lead nowhere. With remote images it stands inside a page of the server whose policy allows pictures,
 * since a frame can never do more than the page that made it.
 */
export function MailFrame({ html, title, remoteImages, dark = false }: MailFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const shown = useMemo(() => shielded(html, remoteImages, dark), [html, remoteImages, dark]);
  if (!remoteImages)
    return (
      <iframe
        className="mail-frame"
        data-dark={dark}
        title={title}
        sandbox=""
        referrerPolicy="no-referrer"
        srcDoc={shown}
      />
    );
  return (
    <iframe
      key={shown}
      ref={frame}
      className="mail-frame"
      title={title}
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      src="/mail-frame"
      // The page has an origin that nobody can name, so the message can be addressed to no other; it is this very window.
      onLoad={() => frame.current?.contentWindow?.postMessage(shown, "*")}
    />
  );
}

/** Whether a mail asks for something of another server. */
export function asksRemote(html: string): boolean {
  return /\b(?:src|srcset|background|poster)\s*=\s*["']?\s*(?:https?:)?\/\/|url\(\s*["']?\s*(?:https?:)?\/\//i.test(
    html,
  );
}

/**
 * The mail behind a policy of its own. It is changed as text: parsed here, what it wants to run would be looked at by the policy of this page.
 * 1. What stands for other pages becomes an empty `<meta>`: browsers connect to the server of a frame, and of some links, before the policy is
 *    asked. Mail programs show none of it either.
 * 2. What it asks about the reader's theme is answered.
 */
function shielded(html: string, remoteImages: boolean, dark: boolean): string {
  const pictures = remoteImages ? "data: https: http:" : "data:";
  const policy = `default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src ${pictures}; base-uri 'none'; form-action 'none'`;
  const before = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><meta http-equiv="x-dns-prefetch-control" content="off"><base target="_blank">`;
  return before + settledTheme(html.replace(otherPages, "<meta"), dark);
}

const otherPages = /<(?:link|iframe|frame|object|embed)\b/gi;

const asksTheme = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi;

/** Answers what the mail asks about the reader's theme. Browsers would answer with that of the machine, whatever the mail is looked at as. A mail
 *  that says nothing of dark stays light: mail programs leave it so. */
function settledTheme(html: string, dark: boolean): string {
  const knowsDark = /color-scheme/i.test(html);
  const answered = html.replace(asksTheme, (_, asked: string) =>
    (asked.toLowerCase() === "dark") === dark ? "(min-width: 0)" : "(max-width: 0)",
  );
  return `${answered}<style>:root{color-scheme:${dark && knowsDark ? "dark" : "light"} !important}</style>`;
}
