import type { Json, Target } from "@daybook/contract";
import { type JsonObject, objectAt, textAt } from "./record.ts";

const TARGETS_MAX = 20;
const LENGTH_MAX = 512;

/** Parameters that name what a call is about, the most telling first, and what kind of thing that is. */
const parameters: [name: string, type: string][] = [
  ["instanceId", "server"],
  ["dBInstanceIdentifier", "database"],
  ["dBSnapshotIdentifier", "snapshot"],
  ["functionName", "function"],
  ["accessKeyId", "api_key"],
  ["policyArn", "policy"],
  ["policyName", "policy"],
  ["roleName", "role"],
  ["roleArn", "role"],
  ["groupName", "group"],
  ["userName", "user"],
  ["bucketName", "bucket"],
  ["trailName", "trail"],
  ["secretId", "secret"],
  ["keyId", "key"],
  ["keyName", "ssh_key"],
  ["snapshotId", "snapshot"],
  ["volumeId", "volume"],
  ["imageId", "image"],
  ["groupId", "security_group"],
  ["networkInterfaceId", "network_interface"],
  ["natGatewayId", "nat_gateway"],
  ["internetGatewayId", "internet_gateway"],
  ["routeTableId", "route_table"],
  ["subnetId", "subnet"],
  ["vpcId", "vpc"],
  ["allocationId", "address"],
  ["logGroupName", "log_group"],
  ["instanceProfileName", "instance_profile"],
];

/** Where `name` or `id` alone is the thing. */
const namedByService: Record<string, string> = { cloudtrail: "trail", ssm: "parameter", secretsmanager: "secret" };

/** Calls whose first target by the order above would be the wrong one. */
const firstByCall: Record<string, string> = {
  CreateAccessKey: "api_key",
  CreateSubnet: "vpc",
  CreateRouteTable: "vpc",
  AttachRolePolicy: "role",
  PutRolePolicy: "role",
  DetachRolePolicy: "role",
  DeleteRolePolicy: "role",
  AttachUserPolicy: "user",
  PutUserPolicy: "user",
  DetachUserPolicy: "user",
  DeleteUserPolicy: "user",
};

/**
 * What a record was about: the servers of EC2 calls, the things that the parameters name, then the record's own list
 * of resources. At most 20, each once.
 */
export function targetsOf(record: JsonObject, service: string): Target[] {
  const found = new Map<string, Target>();
  const add = (type: string, id: string | undefined, name?: string) => {
    if (id === undefined || found.size >= TARGETS_MAX) return;
    const cut = id.slice(0, LENGTH_MAX);
    const target: Target = { type, id: cut };
    if (name !== undefined && name !== id) target.name = name.slice(0, LENGTH_MAX);
    if (!found.has(`${type}/${cut}`)) found.set(`${type}/${cut}`, target);
  };
  const request = objectAt(record, "requestParameters");
  const response = objectAt(record, "responseElements");
  for (const id of instanceIds(response)) add("server", id);
  for (const id of instanceIds(request)) add("server", id);
  for (const [name, type] of parameters) add(type, textAt(request, name));
  const kind = namedByService[service];
  if (kind !== undefined) add(kind, textAt(request, "name"));
  add("user", textAt(objectAt(response, "user"), "userName"));
  add("api_key", textAt(objectAt(response, "accessKey"), "accessKeyId"));
  for (const resource of listAt(record, "resources"))
    add(resourceType(textAt(resource, "type")), textAt(resource, "ARN") ?? textAt(resource, "arn"));
  const targets = [...found.values()];
  const first = firstByCall[textAt(record, "eventName") ?? ""];
  const place = first === undefined ? -1 : targets.findIndex((target) => target.type === first);
  return place <= 0 ? targets : [...targets.splice(place, 1), ...targets];
}

function instanceIds(elements: JsonObject): (string | undefined)[] {
  return listAt(objectAt(elements, "instancesSet"), "items").map((item) => textAt(item, "instanceId"));
}

function listAt(value: JsonObject, key: string): Json[] {
  const member = value[key];
  return Array.isArray(member) ? member : [];
}

/** `AWS::S3::Bucket` is a bucket, `AWS::IAM::Role` a role. */
function resourceType(type: string | undefined): string {
  const last = type?.split("::").at(-1) ?? "";
  return (
    last
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .toLowerCase()
      .slice(0, 100) || "resource"
  );
}
