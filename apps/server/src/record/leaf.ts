import { hash } from "node:crypto";
import { actorTypes, authMethods, kinds, outcomes, severities } from "@daybook/contract";
import type { EventRow } from "./event-row.ts";

/**
 * The leaf of an event in the Merkle tree.
 *
 * leaf entry = JCS (RFC 8785) of { action, category, id, kind, occurredAt, outcome, project?, reason?, recordedAt,
 * severity, summary, v: 1, what?, who, whom?, workspace }, times in integer milliseconds; leaf hash = SHA-256(0x00 || entry)
 * (RFC 6962 2.1). `who`, `whom`, `what` and `summary` are commitments, so that no personal value enters the tree in clear:
 * SHA-256(salt in hex || JCS(group)), hex, with
 *   who  = { actor, origin }, whom = { onBehalfOf?, targets? }, what = { changes?, details? }, summary = the sentence.
 * `seq` is not part of the leaf: it is the place in the tree (leaf index = seq - 1).
 */
export function leafEntry(row: EventRow, workspace: string): string {
  const whom = whomGroup(row);
  const what = whatGroup(row);
  let entry = `{"action":${JSON.stringify(row.action)},"category":${JSON.stringify(row.category)},"id":"${row.id}","kind":"${kinds[row.kind]}","occurredAt":${row.occurredAtMs},"outcome":"${outcomes[row.outcome]}"`;
  if (row.project !== null) entry += `,"project":${JSON.stringify(row.project)}`;
  if (row.reason !== null) entry += `,"reason":${JSON.stringify(row.reason)}`;
  entry += `,"recordedAt":${row.recordedAtMs},"severity":"${severities[row.severity]}","summary":"${commitment(row.salts, 3, JSON.stringify(row.summary))}","v":1`;
  if (what !== null) entry += `,"what":"${commitment(row.salts, 2, what)}"`;
  entry += `,"who":"${commitment(row.salts, 0, whoGroup(row))}"`;
  if (whom !== null) entry += `,"whom":"${commitment(row.salts, 1, whom)}"`;
  return `${entry},"workspace":${JSON.stringify(workspace)}}`;
}

/** SHA-256(0x00 || entry) in hex. String in, hex out is the fast path: 0.28 us against 1.1 us with buffers (Node 24, 2026-11-21). */
export function leafHashOf(row: EventRow, workspace: string): string {
  return hash("sha256", `\u0000${leafEntry(row, workspace)}`, "hex");
}

function commitment(salts: string, group: number, json: string): string {
  return hash("sha256", salts.slice(group * 32, group * 32 + 32) + json, "hex");
}

function whoGroup(row: EventRow): string {
  let text = '{"actor":{';
  if (row.actorEmail !== null) text += `"email":${JSON.stringify(row.actorEmail)},`;
  if (row.actorId !== null) text += `"id":${JSON.stringify(row.actorId)},`;
  if (row.actorName !== null) text += `"name":${JSON.stringify(row.actorName)},`;
  text += `"type":"${actorTypes[row.actorType]}"},"origin":{`;
  let origin = "";
  if (row.asn !== null) origin += `,"asn":${row.asn}`;
  if (row.auth !== null) origin += `,"auth":"${authMethods[row.auth]}"`;
  if (row.browser !== null) origin += `,"browser":${JSON.stringify(row.browser)}`;
  if (row.country !== null) origin += `,"country":${JSON.stringify(row.country)}`;
  if (row.ip !== null) origin += `,"ip":"${row.ip}"`;
  if (row.network !== null) origin += `,"network":${JSON.stringify(row.network)}`;
  if (row.os !== null) origin += `,"os":${JSON.stringify(row.os)}`;
  if (row.requestId !== null) origin += `,"requestId":${JSON.stringify(row.requestId)}`;
  if (row.sessionId !== null) origin += `,"sessionId":${JSON.stringify(row.sessionId)}`;
  if (row.userAgent !== null) origin += `,"userAgent":${JSON.stringify(row.userAgent)}`;
  return `${text}${origin.slice(1)}}}`;
}

function whomGroup(row: EventRow): string | null {
  if (row.targetType === null) return row.onBehalfOf === null ? null : `{"onBehalfOf":${row.onBehalfOf}}`;
  let text = row.onBehalfOf === null ? '{"targets":[{"id":' : `{"onBehalfOf":${row.onBehalfOf},"targets":[{"id":`;
  text += JSON.stringify(row.targetId);
  if (row.targetName !== null) text += `,"name":${JSON.stringify(row.targetName)}`;
  if (row.targetOwnerId !== null) text += `,"ownerId":${JSON.stringify(row.targetOwnerId)}`;
  text += `,"type":${JSON.stringify(row.targetType)}}`;
  return row.moreTargets === null ? `${text}]}` : `${text},${row.moreTargets.slice(1)}}`;
}

function whatGroup(row: EventRow): string | null {
  if (row.changes === null) return row.details === null ? null : `{"details":${row.details}}`;
  return row.details === null ? `{"changes":${row.changes}}` : `{"changes":${row.changes},"details":${row.details}}`;
}
