import type { EventInput, Json, Outcome } from "@daybook/contract";
import { parseTime } from "../../record/event-time.ts";
import { normaliseIp } from "../../record/origin/address.ts";
import { contentId, Occurrences } from "../identity.ts";
import type { Importer, ImportItem } from "../importer.ts";
import { type JsonRecord, readJsonRecords } from "../json-records.ts";
import type { Source } from "../source.ts";
import { actionOf, serviceOf } from "./actions.ts";
import { fitted } from "./details.ts";
import { actorOf } from "./identity.ts";
import { type JsonObject, objectAt, recordIn, textAt } from "./record.ts";
import { targetsOf } from "./targets.ts";

export const cloudtrail: Importer = {
  name: "cloudtrail",
  describe: "AWS CloudTrail: delivery files and folders of them (.json, .json.gz), or one record a line",
  files: /^(?!.*_CloudTrail-(Digest|Insight)_).*\.(json|jsonl|ndjson|log)(\.gz)?$/,
  contentDecidesId: true,
  open: () => new CloudtrailReader(),
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/;

/** Error codes that mean "you may not", in the words of AWS's many services. */
const denial = /^(Client\.)?(AccessDenied|Unauthorized|NotAuthorized|Forbidden|UnauthorizedAccess)/;

/** Members of a record that have a field of their own in an event, or another name in its details. */
const moved = new Set([
  "eventID",
  "eventTime",
  "eventName",
  "userAgent",
  "requestID",
  "sourceIPAddress",
  "awsRegion",
  "recipientAccountId",
  "sessionCredentialFromConsole",
]);

class CloudtrailReader {
  readonly #occurrences = new Occurrences();

  async *read(source: Source): AsyncGenerator<ImportItem> {
    this.#occurrences.clear();
    for await (const record of readJsonRecords(source.open(), "Records|Events")) {
      const item = this.#item(record, source);
      if (item !== undefined) yield item;
    }
  }

  #item(found: JsonRecord, source: Source): ImportItem | undefined {
    const { text, line } = found;
    if ("fault" in found) return { fault: { line, ...found.fault, text } };
    let value: Json;
    try {
      value = JSON.parse(text) as Json;
    } catch (error) {
      return { fault: { line, code: "invalid_json", message: (error as Error).message, text } };
    }
    const record = recordIn(value);
    if (!record) {
      // A folder of deliveries may hold other JSON files, which are none of ours to count; one that the operator named
      // should be what they say.
      if (source.found) return undefined;
      return { fault: { line, code: "not_cloudtrail", message: "The JSON has no eventName and eventTime.", text } };
    }
    const time = textAt(record, "eventTime") ?? "";
    const at = rfc3339.test(time) ? parseTime(time) : Number.NaN;
    if (Number.isNaN(at)) return { fault: { line, code: "invalid_time", message: "The eventTime is no time.", text } };
    return { event: this.#event(record, at, text), line, text };
  }

  #event(record: JsonObject, at: number, text: string): EventInput {
    const eventName = textAt(record, "eventName") ?? "";
    const eventSource = textAt(record, "eventSource") ?? "";
    const service = serviceOf(eventSource);
    const own = textAt(record, "eventID");
    const id = own !== undefined && uuid.test(own) ? own.toLowerCase() : this.#idOf(text, at);
    const verdict = verdictOf(record, eventName);
    const event: EventInput = {
      id,
      occurredAt: new Date(at).toISOString(),
      action: actionOf(eventSource, eventName),
      actor: actorOf(record),
      targets: targetsOf(record, service),
      origin: originOf(record),
      outcome: verdict.outcome,
      details: fitted(detailsOf(record, eventName)),
    };
    if (verdict.reason !== undefined) event.reason = verdict.reason.slice(0, 512);
    return event;
  }

  #idOf(text: string, at: number): string {
    return contentId(at, `cloudtrail\n${text}\n${this.#occurrences.next(text, at)}`);
  }
}

function originOf(record: JsonObject): NonNullable<EventInput["origin"]> {
  const origin: NonNullable<EventInput["origin"]> = { ip: normaliseIp(textAt(record, "sourceIPAddress") ?? "") };
  const userAgent = textAt(record, "userAgent");
  const requestId = textAt(record, "requestID");
  if (userAgent !== undefined) origin.userAgent = userAgent.slice(0, 8_192);
  if (requestId !== undefined) origin.requestId = requestId.slice(0, 512);
  if (textAt(objectAt(record, "userIdentity"), "accessKeyId")?.startsWith("AKIA")) origin.auth = "api_key";
  else if (textAt(record, "sessionCredentialFromConsole") === "true") origin.auth = "session";
  return origin;
}

/** Whether it worked. A console sign-in says so in its response, every other call by its error code. */
function verdictOf(record: JsonObject, eventName: string): { outcome: Outcome; reason?: string | undefined } {
  const errorCode = textAt(record, "errorCode");
  const errorMessage = textAt(record, "errorMessage");
  if (eventName === "ConsoleLogin") {
    if (textAt(objectAt(record, "responseElements"), "ConsoleLogin") !== "Failure" && !errorCode && !errorMessage)
      return { outcome: "success" };
    if (/no username found/i.test(errorMessage ?? "")) return { outcome: "failure", reason: "unknown_user" };
    return { outcome: "failure", reason: "invalid_password" };
  }
  if (errorCode === undefined) return { outcome: "success" };
  return { outcome: denial.test(errorCode) ? "denied" : "failure", reason: errorCode };
}

function detailsOf(record: JsonObject, eventName: string): JsonObject {
  const details: JsonObject = { sourceAction: eventName };
  const region = textAt(record, "awsRegion");
  const account = textAt(record, "recipientAccountId") ?? textAt(objectAt(record, "userIdentity"), "accountId");
  const source = textAt(record, "sourceIPAddress");
  if (region !== undefined) details.region = region;
  if (account !== undefined) details.account = account;
  if (source !== undefined && normaliseIp(source) === null) details.source = source;
  for (const [key, member] of Object.entries(record)) if (member !== null && !moved.has(key)) details[key] = member;
  return details;
}
