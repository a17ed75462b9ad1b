import type { Outcome } from "../event.ts";
import { catalogue } from "./catalogue.ts";
import { verbOfInfinitive } from "./verbs.ts";

/** An action of the catalogue, with what the other name says besides. */
export interface CanonicalAction {
  action: string;
  outcome?: Outcome;
  reason?: string;
}

/** A name that ends in a word for signing in: "user.login", "ssh.login.failed", "admin_login_failure", "ConsoleLogin". */
const signIn =
  /^(?:[a-z0-9_.]+\.)?(?:(failed)_|(?:user|admin|staff|customer|client|panel|console|web|api|ssh|sftp|ftp|vpn|sso|oauth|social|password)_)?(?:log_?in|sign_?in|logged_in|signed_in)(?:[._](success|successful|succeeded|ok|attempt|failed|failure|fail|error|denied|blocked|rejected))?$/;
const signOut =
  /^(?:[a-z0-9_.]+\.)?(?:(?:user|admin|staff|customer|client|panel|console)_)?(?:log_?out|sign_?out|logged_out|signed_out|log_?off)$/;

/** Names of sign-ins that do not follow that pattern. */
const signIns: Record<string, CanonicalAction> = {
  "auth.success": { action: "auth.login", outcome: "success" },
  "auth.succeeded": { action: "auth.login", outcome: "success" },
  "auth.authenticated": { action: "auth.login", outcome: "success" },
  "auth.fail": { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  "auth.failed": { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  "auth.failure": { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  "auth.denied": { action: "auth.login", outcome: "denied" },
  "auth.sftp.fail": { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  "user.authenticated": { action: "auth.login", outcome: "success" },
  "user.authentication_failed": { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  "authentication.success": { action: "auth.login", outcome: "success" },
  "authentication.failure": { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  "authentication.failed": { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  "auth.two_factor.failed": { action: "auth.login", outcome: "failure", reason: "invalid_code" },
  "auth.totp.failed": { action: "auth.login", outcome: "failure", reason: "invalid_code" },
  authentication_failure: { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  authentication_failed: { action: "auth.login", outcome: "failure", reason: "invalid_credentials" },
  authentication_success: { action: "auth.login", outcome: "success" },
};

/** Names of panels, "theirs ours"; `!` is a failure, `~` denied. Pterodactyl and Pelican, PteroCA, Proxmox VE. */
const theirs = `
auth.password_reset auth.password.reset|auth.reset_password auth.password.reset.requested|auth.checkpoint auth.two_factor.requested
auth.recovery_token auth.recovery_code.used|auth.token auth.two_factor.verified|auth.ip_blocked ~api_key.used
user.account.email_changed user.email.changed|user.account.password_changed auth.password.changed
user.api_key.create api_key.created|user.api_key.delete api_key.deleted|user.ssh_key.create ssh_key.created|user.ssh_key.delete ssh_key.deleted
user.two_factor.create auth.two_factor.enabled|user.two_factor.delete auth.two_factor.disabled
server.reinstall server.reinstalled|server.console.command server.console.command
server.backup.start server.backup.started|server.backup.complete server.backup.completed|server.backup.fail !server.backup.completed
server.backup.restore server.backup.restored|server.backup.restore_complete server.backup.restore.completed
server.backup.restore_failed !server.backup.restore.completed|server.database.rotate_password server.database.password.rotated
server.file.compress server.files.compressed|server.file.decompress server.files.decompressed|server.file.read server.files.read
server.file.copy server.files.copied|server.file.create_directory server.directory.created|server.file.delete server.files.deleted
server.file.download server.files.downloaded|server.file.pull server.files.pulled|server.file.rename server.files.renamed
server.file.write server.files.written|server.file.upload server.files.upload.started|server.file.uploaded server.files.uploaded
server.sftp.denied ~server.sftp.opened|server.sftp.create server.files.created|server.sftp.write server.files.written
server.sftp.delete server.files.deleted|server.sftp.create_directory server.directory.created|server.sftp.rename server.files.renamed
server.allocation.notes server.allocation.notes.updated|server.allocation.primary server.allocation.primary.changed
server.schedule.execute server.schedule.executed|server.task.create server.schedule.task.created
server.task.update server.schedule.task.updated|server.task.delete server.schedule.task.deleted
server.settings.rename server.renamed|server.settings.description server.description.changed
server.startup.edit server.startup.variable.updated|server.startup.image server.image.changed
create_payment payment.created|bought_balance balance.topped_up|bought_server server.purchased|renew_server server.renewed
entity_add entity.created|entity_edit entity.updated|entity_delete entity.deleted|entity_restore entity.restored
user_registered user.registered|user_verify_email auth.email.verified|voucher_redeemed balance.voucher.redeemed
change_details server.updated|reinstall server.reinstalled|change_startup_option server.startup.updated
change_startup_variable server.startup.variable.updated|toggle_auto_renewal server.auto_renewal.toggled
create_backup server.backup.created|delete_backup server.backup.deleted|download_backup server.backup.downloaded
restore_backup server.backup.restored|create_database server.database.created|delete_database server.database.deleted
rotate_database_password server.database.password.rotated|delete_allocation server.allocation.deleted
edit_allocation server.allocation.updated|make_primary_allocation server.allocation.primary.changed
create_allocation server.allocation.created|create_subuser server.subuser.created|update_subuser server.subuser.updated
delete_subuser server.subuser.deleted|accept_eula server.eula.accepted|create_schedule server.schedule.created
update_schedule server.schedule.updated|delete_schedule server.schedule.deleted|update_schedule_task server.schedule.task.updated
create_schedule_task server.schedule.task.created|delete_schedule_task server.schedule.task.deleted
qmcreate server.created|qmdestroy server.deleted|qmstart server.power.start|qmstop server.power.kill|qmshutdown server.power.stop
qmreboot server.power.restart|qmreset server.power.reset|qmsuspend server.paused|qmresume server.resumed|qmclone server.cloned
qmigrate server.migrated|qmrestore server.backup.restored|qmsnapshot server.snapshot.created|qmrollback server.snapshot.restored
qmdelsnapshot server.snapshot.deleted|qmconfig server.updated|resize server.resized|vncproxy server.vnc.opened|vncshell server.console.opened
vzcreate server.created|vzdestroy server.deleted|vzstart server.power.start|vzstop server.power.kill|vzshutdown server.power.stop
vzreboot server.power.restart|vzmigrate server.migrated|vzrestore server.backup.restored|vzsnapshot server.snapshot.created
vzrollback server.snapshot.restored|vzdelsnapshot server.snapshot.deleted|vzdump server.backup.created
api_token.created api_key.created|api_token.updated api_key.updated|api_token.deleted api_key.deleted|api_token.revoked api_key.revoked
two_factor.enabled auth.two_factor.enabled|two_factor.disabled auth.two_factor.disabled|password.changed auth.password.changed
password.reset auth.password.reset|server.start server.power.start|server.stop server.power.stop|server.restart server.power.restart
server.kill server.power.kill|server.reboot server.power.restart|server.unsuspend server.unsuspended`;

let panels: Map<string, CanonicalAction> | undefined;

/**
 * The action of the catalogue for another panel's name (`auth:fail`, `LOGIN`, `server:power.start`, `CREATE_BACKUP`, `server.suspend`),
 * with the outcome and reason that the name implies; undefined when there is none. Importers use it and keep the
 * other name in `details.sourceAction`.
 */
export function canonicalAction(name: string): CanonicalAction | undefined {
  const known = catalogue();
  if (known.has(name)) return { action: name };
  const key = keyOf(name);
  const found = signInAction(key) ?? panelNames().get(key) ?? (known.has(key) ? { action: key } : undefined);
  return found ?? inPastTense(key);
}

/**
 * The catalogue's name for a valid action that is a sign-in or sign-out by another name; undefined for every other. Applied to
 * all events: "who tried to get in" must be one question. Other names stay as they are sent.
 */
export function signInAction(action: string): CanonicalAction | undefined {
  if (action === "auth.login" || action === "auth.logout") return undefined;
  const key = action.includes("-") ? action.replaceAll("-", "_") : action;
  const listed = Object.hasOwn(signIns, key) ? signIns[key] : undefined;
  if (listed) return listed;
  const match = signIn.exec(key);
  if (!match) return signOut.test(key) ? { action: "auth.logout" } : undefined;
  const end = match[1] ?? match[2];
  if (end === undefined || end === "attempt") return { action: "auth.login" };
  if (/^(ok|succ)/.test(end)) return { action: "auth.login", outcome: "success" };
  return { action: "auth.login", outcome: /^(denied|blocked|rejected)$/.test(end) ? "denied" : "failure" };
}

/** One spelling of a name: `Auth:password-reset` and `auth.password_reset`; plural forms of Pterodactyl's texts are one event. */
function keyOf(name: string): string {
  return name
    .trim()
    .replace(/^(server)?log(action)?(enum)?(::|\.)/i, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[:/\s]+/g, ".")
    .replace(/-/g, "_")
    .replace(/_(one|other)$/, "");
}

/** `server.suspend` is `server.suspended`, where the catalogue has it. */
function inPastTense(key: string): CanonicalAction | undefined {
  const dot = key.lastIndexOf(".");
  const verb = dot === -1 ? undefined : verbOfInfinitive(key.slice(dot + 1));
  const past = verb && `${key.slice(0, dot)}.${verb.past}`;
  return past && catalogue().has(past) ? { action: past } : undefined;
}

function panelNames(): Map<string, CanonicalAction> {
  if (panels) return panels;
  const map = new Map<string, CanonicalAction>();
  for (const pair of theirs.trim().split(/[|\n]/)) {
    const [name = "", marked = ""] = pair.split(" ");
    const outcome: Outcome | undefined = marked[0] === "!" ? "failure" : marked[0] === "~" ? "denied" : undefined;
    map.set(name, outcome ? { action: marked.slice(1), outcome } : { action: marked });
  }
  panels = map;
  return map;
}
