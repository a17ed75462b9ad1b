import type { ApiKey, MintedKey, Scope, SignedIn, StaffSession, WorkspaceAccess } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { rememberCsrfToken, request } from "./request.ts";

export interface Me extends SignedIn {
  workspace: WorkspaceAccess;
  session: { id: string; createdAt: string; expiresAt: string };
}

interface List<T> {
  items: T[];
}

/** Who is signed in, and where they may go. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  staleTime: 60_000,
  queryFn: async ({ signal }) => {
    const me = await request<Me>("/me", { signal });
    rememberCsrfToken(me.csrfToken);
    return me;
  },
});

export const setupStateQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => request<{ needed: boolean }>("/setup", { signal }),
});

export interface Credentials {
  email: string;
  password: string;
  code?: string;
}

export async function signIn(credentials: Credentials): Promise<SignedIn> {
  const signedIn = await request<SignedIn>("/sessions", { method: "POST", body: credentials });
  rememberCsrfToken(signedIn.csrfToken);
  return signedIn;
}

export interface FirstAdministrator {
  token: string;
  email: string;
  name: string;
  password: string;
}

export async function setUp(first: FirstAdministrator): Promise<SignedIn> {
  const signedIn = await request<SignedIn>("/setup", { method: "POST", body: first });
  rememberCsrfToken(signedIn.csrfToken);
  return signedIn;
}

export function signOut(): Promise<void> {
  return request("/sessions/current", { method: "DELETE" });
}

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: ({ signal }) => request<List<StaffSession>>("/me/sessions", { signal }),
});

export function revokeSession(id: string): Promise<void> {
  return request(`/me/sessions/${id}`, { method: "DELETE" });
}

export interface TotpEnrolment {
  secret: string;
  uri: string;
}

export function beginTotp(): Promise<TotpEnrolment> {
  return request("/me/totp", { method: "POST" });
}

/** Codes that count once instead of one of the app. */
export interface RecoveryCodes {
  recoveryCodes: string[];
}

export function confirmTotp(code: string): Promise<RecoveryCodes> {
  return request("/me/totp", { method: "PUT", body: { code } });
}

export function removeTotp(password: string): Promise<void> {
  return request("/me/totp", { method: "DELETE", body: { password } });
}

export const recoveryCodesQuery = queryOptions({
  queryKey: ["recovery-codes"],
  queryFn: ({ signal }) => request<{ left: number }>("/me/recovery-codes", { signal }),
});

/** New codes; the old ones are void. */
export function renewRecoveryCodes(password: string): Promise<RecoveryCodes> {
  return request("/me/recovery-codes", { method: "POST", body: { password } });
}

/** Shows once more who is there, so that sensitive acts go through for a while. */
export function confirmIdentity(proof: { password: string } | { code: string }): Promise<unknown> {
  return request("/me/step-up", { method: "POST", body: proof });
}

export function changePassword(currentPassword: string, password: string): Promise<void> {
  return request("/me/password", { method: "PUT", body: { currentPassword, password } });
}

/** Asks for a link by mail; what is answered is the same for every address. */
export function askPasswordReset(email: string): Promise<void> {
  return request("/password-resets", { method: "POST", body: { email } });
}

/** Chooses a password by the token of a one-time link. */
export function choosePassword(token: string, password: string): Promise<void> {
  return request("/passwords", { method: "POST", body: { token, password } });
}

export function keysQuery(workspace: string) {
  return queryOptions({
    queryKey: ["keys", workspace],
    queryFn: ({ signal }) => request<List<ApiKey>>("/api-keys", { workspace, signal }),
  });
}

export interface NewKey {
  name: string;
  scopes: Scope[];
  expiresAt?: string;
}

export function createKey(workspace: string, key: NewKey): Promise<MintedKey> {
  return request("/api-keys", { method: "POST", workspace, body: key });
}

export function rotateKey(workspace: string, id: string, graceSeconds: number): Promise<MintedKey> {
  return request(`/api-keys/${id}/rotations`, { method: "POST", workspace, body: { graceSeconds } });
}

export function revokeKey(workspace: string, id: string): Promise<void> {
  return request(`/api-keys/${id}`, { method: "DELETE", workspace });
}
