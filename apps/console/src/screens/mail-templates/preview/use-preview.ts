import type { Preview, PreviewInput, TemplateFault } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { templatePreviewQuery } from "../../../api/mail-templates.ts";
import { isTokenName } from "../edit/token-values.ts";
import type { TemplateWork } from "../edit/use-template-work.ts";

/** After so long without a key the preview is asked for. */
const REST_MS = 350;

/** What a template is looked at with. */
export type PreviewData =
  | { kind: "sample" }
  | { kind: "own"; text: string }
  | { kind: "message"; id: string | undefined };

export interface PreviewState {
  /** The last that could be rendered. */
  shown: Preview | undefined;
  error: Error | null;
  /** Why what is written now cannot be rendered. */
  broken: TemplateFault | undefined;
  /** What is shown is of a text of before. */
  behind: boolean;
  faults: readonly TemplateFault[];
  data: PreviewData;
  setData: (data: PreviewData) => void;
  /** What is wrong with the data that was typed. */
  dataFault: string | undefined;
  retry: () => void;
}

/** How the text that is being written looks, as the server renders it, and what the server finds wrong. */
export function usePreview(work: TemplateWork): PreviewState {
  const { workspace, template, locale, text, shared } = work;
  const [data, setData] = useState<PreviewData>({ kind: "sample" });
  const own = data.kind === "own" ? readData(data.text) : undefined;
  const messageId = data.kind === "message" ? data.id : undefined;
  const dataText = data.kind === "own" ? data.text : "";
  const now: PreviewInput = useMemo(
    () => ({
      locale,
      subject: text.subject,
      html: text.html,
      text: text.text,
      layout: shared.layout,
      tokens: shared.tokens.filter(({ name }) => isTokenName(name)),
      ...(messageId && { messageId }),
      ...ownData(dataText),
    }),
    [locale, text.subject, text.html, text.text, shared.layout, shared.tokens, messageId, dataText],
  );
  const input = useRested(now);
  const read = useQuery(templatePreviewQuery(workspace, template.name, input));
  const broken = read.data?.faults.find(({ severity }) => severity === "error");
  const good = useRef<Preview>(undefined);
  if (read.data && !broken) good.current = read.data;
  return {
    shown: good.current?.locale === locale ? good.current : undefined,
    broken,
    error: read.error,
    behind: input !== now || read.isPlaceholderData,
    faults: read.data?.faults ?? template.faults,
    data,
    setData,
    dataFault: typeof own === "string" ? own : undefined,
    retry: () => void read.refetch(),
  };
}

function ownData(text: string): Pick<PreviewInput, "data"> {
  const data = text === "" ? undefined : readData(text);
  return data !== undefined && typeof data !== "string" ? { data } : {};
}

/** The data as it was typed, or what is wrong with it. */
function readData(text: string): NonNullable<PreviewInput["data"]> | string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as never;
    return 'It must be an object: { "user": { "name": "Dana" } }';
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
