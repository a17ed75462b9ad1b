/** AWS calls that have a name of their own in the catalogue. The rest is `aws.<service>.<name>`. */
const known: Record<string, Record<string, string>> = {
  signin: { ConsoleLogin: "auth.login", SwitchRole: "auth.role.assumed" },
  sts: {
    AssumeRole: "auth.role.assumed",
    AssumeRoleWithSAML: "auth.role.assumed",
    AssumeRoleWithWebIdentity: "auth.role.assumed",
    GetSessionToken: "auth.token.issued",
    GetFederationToken: "auth.token.issued",
  },
  iam: {
    CreateUser: "user.created",
    UpdateUser: "user.updated",
    DeleteUser: "user.deleted",
    CreateGroup: "group.created",
    UpdateGroup: "group.updated",
    DeleteGroup: "group.deleted",
    AddUserToGroup: "group.member.added",
    RemoveUserFromGroup: "group.member.removed",
    CreateRole: "role.created",
    UpdateRole: "role.updated",
    UpdateAssumeRolePolicy: "role.updated",
    DeleteRole: "role.deleted",
    AttachRolePolicy: "role.permission.granted",
    PutRolePolicy: "role.permission.granted",
    DetachRolePolicy: "role.permission.revoked",
    DeleteRolePolicy: "role.permission.revoked",
    CreateAccessKey: "api_key.created",
    UpdateAccessKey: "api_key.updated",
    DeleteAccessKey: "api_key.deleted",
    ChangePassword: "auth.password.changed",
    CreateLoginProfile: "auth.password.changed",
    UpdateLoginProfile: "auth.password.reset",
    EnableMFADevice: "auth.two_factor.enabled",
    DeactivateMFADevice: "auth.two_factor.disabled",
    CreateSAMLProvider: "auth.sso.provider.created",
    UpdateSAMLProvider: "auth.sso.provider.updated",
    DeleteSAMLProvider: "auth.sso.provider.deleted",
  },
  ec2: {
    RunInstances: "server.created",
    TerminateInstances: "server.deleted",
    StartInstances: "server.power.start",
    StopInstances: "server.power.stop",
    RebootInstances: "server.power.restart",
    ModifyInstanceAttribute: "server.updated",
    AttachVolume: "server.volume.attached",
    DetachVolume: "server.volume.detached",
    CreateVolume: "volume.created",
    ModifyVolume: "volume.resized",
    DeleteVolume: "volume.deleted",
    CreateSnapshot: "snapshot.created",
    CopySnapshot: "snapshot.copied",
    ModifySnapshotAttribute: "snapshot.shared",
    DeleteSnapshot: "snapshot.deleted",
    CreateImage: "image.created",
    RegisterImage: "image.created",
    ModifyImageAttribute: "image.updated",
    DeregisterImage: "image.deleted",
    CreateVpc: "network.created",
    DeleteVpc: "network.deleted",
    CreateSubnet: "network.subnet.created",
    DeleteSubnet: "network.subnet.deleted",
    CreateRoute: "network.route.created",
    DeleteRoute: "network.route.deleted",
    AttachInternetGateway: "network.gateway.attached",
    DetachInternetGateway: "network.gateway.detached",
    DeleteFlowLogs: "network.flow_log.deleted",
    AllocateAddress: "ip.reserved",
    AssociateAddress: "ip.assigned",
    ReleaseAddress: "ip.released",
    CreateSecurityGroup: "firewall.created",
    DeleteSecurityGroup: "firewall.deleted",
    AuthorizeSecurityGroupIngress: "firewall.rule.created",
    AuthorizeSecurityGroupEgress: "firewall.rule.created",
    RevokeSecurityGroupIngress: "firewall.rule.deleted",
    RevokeSecurityGroupEgress: "firewall.rule.deleted",
    CreateKeyPair: "ssh_key.created",
    ImportKeyPair: "ssh_key.created",
    DeleteKeyPair: "ssh_key.deleted",
  },
  cloudtrail: {
    CreateTrail: "log.trail.created",
    DeleteTrail: "log.trail.deleted",
    StopLogging: "log.logging.stopped",
    StartLogging: "log.logging.started",
    UpdateTrail: "log.logging.changed",
    PutEventSelectors: "log.logging.changed",
  },
  rds: {
    CreateDBInstance: "database.created",
    ModifyDBInstance: "database.updated",
    DeleteDBInstance: "database.deleted",
    CreateDBSnapshot: "snapshot.created",
    ModifyDBSnapshotAttribute: "snapshot.shared",
    DeleteDBSnapshot: "snapshot.deleted",
  },
  s3: {
    CreateBucket: "storage.bucket.created",
    DeleteBucket: "storage.bucket.deleted",
    PutBucketPolicy: "storage.bucket.policy.changed",
    DeleteBucketPolicy: "storage.bucket.policy.changed",
    PutBucketLifecycle: "storage.bucket.lifecycle.changed",
    DeleteBucketLifecycle: "storage.bucket.lifecycle.changed",
    PutBucketEncryption: "storage.bucket.encryption.changed",
    DeleteBucketEncryption: "storage.bucket.encryption.changed",
    PutBucketLogging: "storage.bucket.logging.changed",
    PutObject: "storage.object.uploaded",
    GetObject: "storage.object.read",
    DeleteObject: "storage.object.deleted",
  },
  secretsmanager: {
    CreateSecret: "secret.created",
    GetSecretValue: "secret.read",
    PutSecretValue: "secret.updated",
    UpdateSecret: "secret.updated",
    RotateSecret: "secret.rotated",
    DeleteSecret: "secret.deleted",
  },
};

const ACTION_LENGTH_MAX = 100;

/** The short name of an AWS service: `ec2` of `ec2.amazonaws.com`. */
export function serviceOf(eventSource: string): string {
  return eventSource.replace(/\.amazonaws\.com(\.cn)?$/, "");
}

/** The action of a record: the catalogue's, or `aws.iam.list_ssh_public_keys` in its manner. */
export function actionOf(eventSource: string, eventName: string): string {
  const service = serviceOf(eventSource);
  const ours = known[service];
  if (ours && Object.hasOwn(ours, eventName)) return ours[eventName] as string;
  return `aws.${segment(service) || "unknown"}.${snake(eventName) || "unknown"}`.slice(0, ACTION_LENGTH_MAX);
}

/** Every action that AWS calls are mapped to. */
export function mappedActions(): string[] {
  return [...new Set(Object.values(known).flatMap((service) => Object.values(service)))];
}

/** `CreateFunction20150331v2` is `create_function`, `ListSSHPublicKeys` is `list_ssh_public_keys`. */
function snake(name: string): string {
  return segment(
    name
      .replace(/\d{8}(v\d+)?$/, "")
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2"),
  );
}

/** A text in the alphabet of one segment of an action. */
function segment(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "_")
    .replace(/^_+|_+$/g, "");
}
