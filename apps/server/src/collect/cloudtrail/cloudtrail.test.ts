import { catalogue, type EventInput, limits } from "@daybook/contract";
import { importedEvents, importItems, textSource } from "@daybook/testkit";
import { describe, expect, it } from "vitest";
import { actionOf, mappedActions } from "./actions.ts";
import { cloudtrail } from "./cloudtrail.ts";

const record = (changes: object = {}) => ({
  eventVersion: "1.08",
  userIdentity: {
    type: "IAMUser",
    principalId: "AIDAEXAMPLE",
    arn: "arn:aws:iam::123456789012:user/dana",
    accountId: "123456789012",
    userName: "dana",
  },
  eventTime: "2026-11-20T10:11:12Z",
  eventSource: "ec2.amazonaws.com",
  eventName: "StopInstances",
  awsRegion: "eu-central-1",
  sourceIPAddress: "203.0.113.9",
  userAgent: "aws-cli/2.0",
  requestParameters: { instancesSet: { items: [{ instanceId: "i-1" }, { instanceId: "i-2" }] } },
  responseElements: null,
  requestID: "req-1",
  eventID: "0b4cbd9e-6a36-4f2e-9c3b-3c1f1a6e2d11",
  readOnly: false,
  eventType: "AwsApiCall",
  recipientAccountId: "123456789012",
  ...changes,
});

const events = async (...records: object[]): Promise<EventInput[]> =>
  importedEvents(await importItems(cloudtrail, [JSON.stringify({ Records: records })]));
const only = async (changes: object): Promise<EventInput> => {
  const [event] = await events(record(changes));
  if (!event) throw new Error("no event");
  return event;
};

describe("a CloudTrail record", () => {
  it("keeps its id, time, place, request and everything else it says", async () => {
    expect(await only({})).toEqual({
      id: "0b4cbd9e-6a36-4f2e-9c3b-3c1f1a6e2d11",
      occurredAt: "2026-11-20T10:11:12.000Z",
      action: "server.power.stop",
      actor: { type: "user", id: "arn:aws:iam::123456789012:user/dana", name: "dana" },
      targets: [
        { type: "server", id: "i-1" },
        { type: "server", id: "i-2" },
      ],
      origin: { ip: "203.0.113.9", userAgent: "aws-cli/2.0", requestId: "req-1" },
      outcome: "success",
      details: {
        sourceAction: "StopInstances",
        region: "eu-central-1",
        account: "123456789012",
        eventVersion: "1.08",
        userIdentity: record().userIdentity,
        eventSource: "ec2.amazonaws.com",
        requestParameters: record().requestParameters,
        readOnly: false,
        eventType: "AwsApiCall",
      },
    });
  });

  it.each([
    ["ec2.amazonaws.com", "RunInstances", "server.created"],
    ["ec2.amazonaws.com", "TerminateInstances", "server.deleted"],
    ["iam.amazonaws.com", "CreateUser", "user.created"],
    ["iam.amazonaws.com", "CreateAccessKey", "api_key.created"],
    ["cloudtrail.amazonaws.com", "StopLogging", "log.logging.stopped"],
    ["iam.amazonaws.com", "ListSSHPublicKeys", "aws.iam.list_ssh_public_keys"],
    ["rds.amazonaws.com", "DescribeDBInstances", "aws.rds.describe_db_instances"],
    ["lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "aws.lambda.update_function_code"],
    [
      "servicecatalog-appregistry.amazonaws.com",
      "ListApplications",
      "aws.servicecatalog-appregistry.list_applications",
    ],
    ["ec2.amazonaws.com", "constructor", "aws.ec2.constructor"],
    ["", "Überraschung!", "aws.unknown.berraschung"],
  ])("of %s %s is %s", (source, name, action) => expect(actionOf(source, name)).toBe(action));

  it("is never called by a name that the catalogue lacks", () => {
    expect(mappedActions().filter((action) => !catalogue().has(action))).toEqual([]);
  });

  it("never makes an action longer than an event may have", () => {
    expect(actionOf("s3.amazonaws.com", "Describe".repeat(40)).length).toBe(limits.actionLengthMax);
  });

  it.each([
    [{}, "success", undefined],
    [{ errorCode: "AccessDenied" }, "denied", "AccessDenied"],
    [{ errorCode: "Client.UnauthorizedOperation" }, "denied", "Client.UnauthorizedOperation"],
    [{ errorCode: "AccessDeniedException" }, "denied", "AccessDeniedException"],
    [{ errorCode: "NoSuchEntityException" }, "failure", "NoSuchEntityException"],
    [{ errorCode: "ThrottlingException" }, "failure", "ThrottlingException"],
  ])("with %j is a %s", async (changes, outcome, reason) => {
    const event = await only(changes);
    expect([event.outcome, event.reason]).toEqual([outcome, reason]);
  });

  it.each([
    [{ responseElements: { ConsoleLogin: "Success" } }, "success", undefined],
    [
      { responseElements: { ConsoleLogin: "Failure" }, errorMessage: "Failed authentication" },
      "failure",
      "invalid_password",
    ],
    [
      { responseElements: { ConsoleLogin: "Failure" }, errorMessage: "No username found in supplied account" },
      "failure",
      "unknown_user",
    ],
  ])("of a console sign-in %j is a sign-in", async (changes, outcome, reason) => {
    const event = await only({
      eventSource: "signin.amazonaws.com",
      eventName: "ConsoleLogin",
      requestParameters: null,
      ...changes,
    });
    expect(event).toMatchObject({ action: "auth.login", outcome, details: { sourceAction: "ConsoleLogin" } });
    expect(event.reason).toBe(reason);
  });

  it.each([
    [
      { type: "Root", arn: "arn:aws:iam::1:root", accountId: "1" },
      { type: "user", id: "arn:aws:iam::1:root", name: "root" },
    ],
    [
      {
        type: "AssumedRole",
        arn: "arn:aws:sts::1:assumed-role/deploy/ci-42",
        sessionContext: { sessionIssuer: { userName: "deploy" } },
      },
      { type: "user", id: "arn:aws:sts::1:assumed-role/deploy/ci-42", name: "deploy/ci-42" },
    ],
    [
      { type: "AWSService", invokedBy: "rds.amazonaws.com" },
      { type: "system", id: "rds.amazonaws.com", name: "rds.amazonaws.com" },
    ],
    [
      { invokedBy: "ec2.amazonaws.com", accountId: "1" },
      { type: "system", id: "ec2.amazonaws.com", name: "ec2.amazonaws.com" },
    ],
    [
      { type: "IAMUser", accountId: "1", userName: "dana" },
      { type: "user", id: "dana", name: "dana" },
    ],
    [{}, { type: "anonymous" }],
    [null, { type: "anonymous" }],
  ])("names who acted: %j", async (userIdentity, actor) => {
    expect((await only({ userIdentity })).actor).toEqual(actor);
  });

  it("has an address only when it names one; a service stays in the details", async () => {
    const event = await only({ sourceIPAddress: "secretsmanager.amazonaws.com" });
    expect(event.origin?.ip).toBeNull();
    expect(event.details).toMatchObject({ source: "secretsmanager.amazonaws.com" });
    expect((await only({ sourceIPAddress: "2001:DB8::1" })).origin?.ip).toBe("2001:db8::1");
  });

  it.each([
    [
      "CreateAccessKey",
      "iam",
      { userName: "lee" },
      { accessKey: { accessKeyId: "AKIAEXAMPLE" } },
      ["api_key/AKIAEXAMPLE", "user/lee"],
    ],
    ["AttachRolePolicy", "iam", { policyArn: "arn:p", roleName: "deploy" }, null, ["role/deploy", "policy/arn:p"]],
    [
      "RunInstances",
      "ec2",
      { instancesSet: { items: [{ imageId: "ami-1" }] } },
      { instancesSet: { items: [{ instanceId: "i-9" }] } },
      ["server/i-9"],
    ],
    ["DeleteTrail", "cloudtrail", { name: "main" }, null, ["trail/main"]],
    ["DeleteBucket", "s3", { bucketName: "b" }, null, ["bucket/b"]],
  ])("%s names what it was about", async (eventName, service, requestParameters, responseElements, targets) => {
    const event = await only({
      eventName,
      eventSource: `${service}.amazonaws.com`,
      requestParameters,
      responseElements,
    });
    expect(event.targets?.map((target) => `${target.type}/${target.id}`)).toEqual(targets);
  });

  it("that is larger than an event may be is trimmed, the largest parts first, and says so", async () => {
    const policy = "x".repeat(80_000);
    const event = await only({
      requestParameters: { policyDocument: policy, roleName: "deploy" },
      responseElements: { list: Array(30_000).fill("y") },
    });
    const text = JSON.stringify(event.details);
    expect(text.length).toBeLessThan(limits.detailsBytesMax);
    expect(event.details).toMatchObject({
      requestParameters: { policyDocument: "[trimmed: 80002 bytes]", roleName: "deploy" },
      userIdentity: { userName: "dana" },
    });
  });

  it("that is nested deeper than an event may be is cut there", async () => {
    let deep: object = { end: true };
    for (let level = 0; level < 40; level++) deep = { level, deep };
    const depth = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0;
    const event = await only({ requestParameters: deep });
    expect(depth(event.details)).toBeLessThanOrEqual(limits.depthMax);
    expect(JSON.stringify(event.details)).toContain("[trimmed: ");
  });
});

describe("CloudTrail files", () => {
  it.each([
    ["a delivery file", JSON.stringify({ Records: [record()] })],
    ["an array", JSON.stringify([record()])],
    ["one record a line", `${JSON.stringify(record())}\n`],
    ["an EventBridge event", JSON.stringify({ "detail-type": "AWS API Call via CloudTrail", detail: record() })],
    [
      "lookup-events",
      JSON.stringify({ Events: [{ EventName: "StopInstances", CloudTrailEvent: JSON.stringify(record()) }] }),
    ],
  ])("may be %s", async (_, text) => {
    expect(importedEvents(await importItems(cloudtrail, [text])).map((event) => event.id)).toEqual([record().eventID]);
  });

  it("tell of what is no record; in a folder such a file is passed over", async () => {
    const text = JSON.stringify({ definition: "other", list: [1] });
    expect(await importItems(cloudtrail, [text])).toMatchObject([{ fault: { code: "not_cloudtrail", line: 1 } }]);
    expect(await importItems(cloudtrail, [textSource(text, { found: true })])).toEqual([]);
    const broken = await importItems(cloudtrail, [
      `{"Records":[{"eventName":},${JSON.stringify(record())}, {"eventName":"X","eventTime":"soon"}]}`,
    ]);
    expect(broken.map((item) => ("fault" in item ? item.fault.code : "event"))).toEqual([
      "invalid_json",
      "event",
      "invalid_time",
    ]);
  });

  it("give records without a usable id one of their content, also when two are alike", async () => {
    const ids = (await events(record({ eventID: "<id>" }), record({ eventID: "<id>" }))).map((event) => event.id);
    expect(new Set(ids).size).toBe(2);
    expect((await events(record({ eventID: "<id>" }), record({ eventID: "<id>" }))).map((event) => event.id)).toEqual(
      ids,
    );
  });
});
