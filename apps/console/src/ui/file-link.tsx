import type { MouseEvent, ReactNode } from "react";
import { request } from "../api/request.ts";

interface FileLinkProps {
  href: string;
  /** It holds personal data: the server asks again who is there, which a browser that follows a link cannot answer. */
  personal: boolean;
  children: ReactNode;
}

/** An item of a menu that downloads a file. Where the server would ask again who is there, the question comes before the link is followed. */
export function FileLink({ href, personal, children }: FileLinkProps) {
  const onClick = (event: MouseEvent) => {
    if (!personal) return;
    event.preventDefault();
    // What else may be wrong (nobody confirmed, no server) needs no word: there is no file then.
    void request("/me/step-up").then(
      () => follow(href),
      () => {},
    );
  };
  return (
    <a role="menuitem" className="item" href={href} download onClick={onClick}>
      {children}
    </a>
  );
}

function follow(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = "";
  link.click();
}
