import type {
  MailMessage,
  Preview,
  PreviewInput,
  Template,
  TemplateInput,
  TemplateSummary,
  TemplateVersion,
} from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { request } from "./request.ts";

/** Of past messages that a template is looked at with, so many are offered. */
const PAST_MESSAGES = 20;
/** How often a test message that is under way is asked for. */
const TEST_EVERY_MS = 1_500;

const pathOf = (name: string, part = "") => `/mail/templates/${encodeURIComponent(name)}${part}`;
const localeText = (locale: string | undefined) => (locale ? `?${new URLSearchParams({ locale })}` : "");

export function templatesQuery(workspace: string) {
  return queryOptions({
    queryKey: ["mail-templates", workspace],
    queryFn: async ({ signal }) =>
      (await request<{ items: TemplateSummary[] }>("/mail/templates", { workspace, signal })).items,
  });
}

/** A template in one locale; left out, in the one that others fall back to. */
export function templateQuery(workspace: string, name: string, locale?: string) {
  return queryOptions({
    queryKey: ["mail-template", workspace, name, locale ?? ""],
    queryFn: ({ signal }) => request<Template>(pathOf(name, localeText(locale)), { workspace, signal }),
  });
}

/** What it said before in a locale, the newest first. */
export function templateVersionsQuery(workspace: string, name: string, locale: string) {
  return queryOptions({
    queryKey: ["mail-template-versions", workspace, name, locale],
    queryFn: async ({ signal }) =>
      (
        await request<{ items: TemplateVersion[] }>(pathOf(name, `/versions${localeText(locale)}`), {
          workspace,
          signal,
        })
      ).items,
  });
}

/** How it would look. What was asked before stays until the answer is there. */
export function templatePreviewQuery(workspace: string, name: string, input: PreviewInput) {
  return queryOptions({
    queryKey: ["mail-template-preview", workspace, name, input],
    queryFn: ({ signal }) =>
      request<Preview>(pathOf(name, "/previews"), { method: "POST", workspace, body: input, signal }),
    placeholderData: (before, query) => (query?.queryKey[2] === name ? before : undefined),
    staleTime: 60_000,
    gcTime: 0,
    retry: false,
  });
}

/** The last messages of a template, whose data it can be looked at with. */
export function pastMessagesQuery(workspace: string, template: string) {
  return queryOptions({
    queryKey: ["mail-template-messages", workspace, template],
    queryFn: async ({ signal }) =>
      (
        await request<{ items: MailMessage[] }>(
          `/mail/messages?${new URLSearchParams({ template, limit: String(PAST_MESSAGES) })}`,
          { workspace, signal },
        )
      ).items,
  });
}

/** A message that was sent as a test, asked for until it is settled. */
export function testMessageQuery(workspace: string, id: string) {
  return queryOptions({
    queryKey: ["mail-test-message", workspace, id],
    queryFn: ({ signal }) => request<MailMessage>(`/mail/messages/${encodeURIComponent(id)}`, { workspace, signal }),
    refetchInterval: ({ state }) => (state.data && state.data.status !== "queued" ? false : TEST_EVERY_MS),
  });
}

/** Saves a new version of one locale. Throws the Problem `conflict` if another version than `basedOn` is current. */
export function saveTemplate(workspace: string, name: string, locale: string, input: TemplateInput): Promise<Template> {
  return request(pathOf(name, localeText(locale)), { method: "PUT", workspace, body: input });
}

/** Removes one of one's own, or takes a shipped one back to what is shipped; without a locale in all of them. */
export function resetTemplate(workspace: string, name: string, locale?: string): Promise<void> {
  return request(pathOf(name, localeText(locale)), { method: "DELETE", workspace });
}

/** Makes a version of before the newest one; 0 is the shipped one. */
export function restoreTemplate(workspace: string, name: string, locale: string, version: number): Promise<Template> {
  return request(pathOf(name, "/restorations"), { method: "POST", workspace, body: { locale, version } });
}

/** Sends a template, with what is not saved of it, to whoever asks. */
export function sendTestMessage(
  workspace: string,
  name: string,
  input: Omit<PreviewInput, "messageId">,
): Promise<MailMessage> {
  return request(pathOf(name, "/test-messages"), { method: "POST", workspace, body: input });
}
