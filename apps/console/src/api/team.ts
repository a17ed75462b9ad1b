import type { Member, Permission, WorkspaceAccess } from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { request } from "./request.ts";

interface List<T> {
  items: T[];
}

/** A one-time link that chooses a password. */
export interface MemberLink {
  link: string;
}

export interface RoleListing {
  name: string;
  /** Every workspace has it, and it cannot be changed. */
  shipped: boolean;
  permissions: Permission[];
  members: number;
}

export function membersQuery(workspace: string) {
  return queryOptions({
    queryKey: ["staff", workspace],
    queryFn: ({ signal }) => request<List<Member>>("/staff", { workspace, signal }),
  });
}

export function inviteMember(
  workspace: string,
  member: { email: string; name: string; role: string },
): Promise<{ member: Member; link?: string; sentTo?: string }> {
  return request("/staff", { method: "POST", workspace, body: member });
}

export function changeRole(workspace: string, id: string, role: string): Promise<unknown> {
  return request(`/staff/${id}`, { method: "PATCH", workspace, body: { role } });
}

export function disableMember(workspace: string, id: string): Promise<unknown> {
  return request(`/staff/${id}`, { method: "PATCH", workspace, body: { disabled: true } });
}

export function enableMember(workspace: string, id: string): Promise<unknown> {
  return request(`/staff/${id}`, { method: "PATCH", workspace, body: { disabled: false } });
}

export function removeMember(workspace: string, id: string): Promise<void> {
  return request(`/staff/${id}`, { method: "DELETE", workspace });
}

export function makePasswordLink(workspace: string, id: string): Promise<MemberLink> {
  return request(`/staff/${id}/password-links`, { method: "POST", workspace });
}

/** For a lost phone: from now on their password is enough. */
export function turnOffTwoFactors(workspace: string, id: string): Promise<void> {
  return request(`/staff/${id}/second-factor`, { method: "DELETE", workspace });
}

export function rolesQuery(workspace: string) {
  return queryOptions({
    queryKey: ["roles", workspace],
    queryFn: ({ signal }) => request<List<RoleListing>>("/roles", { workspace, signal }),
  });
}

/** Makes a role, or sets what it allows. */
export function saveRole(workspace: string, name: string, permissions: Permission[]): Promise<void> {
  return request(`/roles/${encodeURIComponent(name)}`, { method: "PUT", workspace, body: { permissions } });
}

export function deleteRole(workspace: string, name: string): Promise<void> {
  return request(`/roles/${encodeURIComponent(name)}`, { method: "DELETE", workspace });
}

export function workspacesQuery(workspace: string) {
  return queryOptions({
    queryKey: ["workspaces", workspace],
    queryFn: ({ signal }) => request<List<WorkspaceAccess>>("/workspaces", { workspace, signal }),
  });
}

export function createWorkspace(
  workspace: string,
  made: { name: string; slug: string },
): Promise<{ slug: string; name: string }> {
  return request("/workspaces", { method: "POST", workspace, body: made });
}

/** A workspace is renamed by those who may do so inside it. */
export function renameWorkspace(slug: string, name: string): Promise<unknown> {
  return request(`/workspaces/${slug}`, { method: "PATCH", workspace: slug, body: { name } });
}
