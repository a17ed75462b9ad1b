import { useEffect, useState } from "react";

/** Modules of white around the code, as scanners need it. */
const QUIET = 4;

/** A text as a QR code, drawn here: it never leaves the browser. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [drawn, setDrawn] = useState<{ size: number; path: string } | null>(null);
  useEffect(() => {
    let stale = false;
    void import("qrcode").then(({ create }) => {
      if (stale) return;
      const { modules } = create(text, { errorCorrectionLevel: "M" });
      let path = "";
      for (let y = 0; y < modules.size; y++)
        for (let x = 0; x < modules.size; x++) if (modules.get(y, x)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
      setDrawn({ size: modules.size + 2 * QUIET, path });
    });
    return () => {
      stale = true;
    };
  }, [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${drawn?.size ?? 1} ${drawn?.size ?? 1}`} role="img" aria-label={label}>
      <path d={drawn?.path ?? ""} />
    </svg>
  );
}
